import { expect, test } from 'vitest';
import { renderConstruct } from '../test/helpers/render.ts';
import { toLabels } from './component.ts';
import { KubeConfigMap } from './k8s.ts';

test('every object of a component says where it belongs, beside its own labels', () => {
  const [manifest] = renderConstruct(
    (scope) => new KubeConfigMap(scope, 'Config', { metadata: { name: 'config', labels: { own: 'yes' } } }),
  );
  expect(manifest?.metadata.labels).toEqual({
    'app.kubernetes.io/managed-by': 'sitewright',
    'sitewright.dev/component': 'test',
    'sitewright.dev/environment': 'stg',
    'sitewright.dev/site': 'site-b',
    'sitewright.dev/cluster': 'data-1',
    own: 'yes',
  });
});

test('the same labels can be had for objects that are no constructs', () => {
  expect(toLabels({ environment: 'prod', site: 'site-a', cluster: 'platform' })).toEqual({
    'app.kubernetes.io/managed-by': 'sitewright',
    'sitewright.dev/environment': 'prod',
    'sitewright.dev/site': 'site-a',
    'sitewright.dev/cluster': 'platform',
  });
});
