import { describe, expect, test } from 'vitest';
import { manifest } from '../../test/helpers/manifests.ts';
import { namespacePodSecurity, ownLabels } from './objects.ts';

describe('namespace-pod-security', () => {
  const check = (labels?: object) => namespacePodSecurity.check(manifest('Namespace', {}, { labels }));

  test.each(['restricted', 'baseline', 'privileged'])('takes a namespace that is %s', (level) => {
    expect(check({ 'pod-security.kubernetes.io/enforce': level })).toEqual([]);
  });

  test.each([
    ['nothing', undefined],
    ['nothing', { 'pod-security.kubernetes.io/warn': 'restricted' }],
    ['strict', { 'pod-security.kubernetes.io/enforce': 'strict' }],
  ])('refuses a namespace with %s', (got, labels) => {
    expect(check(labels)).toEqual([
      {
        path: "metadata.labels['pod-security.kubernetes.io/enforce']",
        message: `must be restricted, baseline or privileged, got ${got}; set it`,
      },
    ]);
  });

  test('has nothing against other kinds', () => {
    expect(namespacePodSecurity.check(manifest('Service'))).toEqual([]);
  });
});

describe('own-labels', () => {
  test('takes an object of a component', () => {
    expect(ownLabels.check(manifest('Service'))).toEqual([]);
  });

  test.each(['environment', 'site', 'cluster'])('refuses an object that does not say its %s', (name) => {
    const { labels } = manifest('Service').metadata;
    expect(
      ownLabels.check(manifest('Service', {}, { labels: { ...labels, [`sitewright.dev/${name}`]: undefined } })),
    ).toEqual([
      {
        path: `metadata.labels['sitewright.dev/${name}']`,
        message: 'must be set, got nothing; build the object inside a Component',
      },
    ]);
  });

  test('refuses an object without labels once for each', () => {
    expect(ownLabels.check(manifest('List', { items: [] }, { labels: undefined }))).toHaveLength(3);
  });
});
