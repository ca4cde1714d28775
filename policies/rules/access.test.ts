import { describe, expect, test } from 'vitest';
import { manifest } from '../../test/helpers/manifests.ts';
import type { Manifest, Rule } from '../rule.ts';
import { closedProjects, noPlainSecrets, noWildcardRoles, ownProject } from './access.ts';

/** Each violation as one line. */
function check(rule: Rule, object: Manifest): string[] {
  return rule.check(object).map(({ path, message }) => `${path} ${message}`);
}

describe('no-wildcard-roles', () => {
  const good = { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get'] };

  test.each(['Role', 'ClusterRole'])('takes a %s that lists what it grants', (kind) => {
    expect(
      check(noWildcardRoles, manifest(kind, { rules: [good, { nonResourceURLs: ['/metrics'], verbs: ['get'] }] })),
    ).toEqual([]);
  });

  test.each([
    ['Role', 'apiGroups', ['*']],
    ['ClusterRole', 'resources', ['pods', '*']],
    ['ClusterRole', 'resources', ['*/scale']],
    ['ClusterRole', 'verbs', ['*']],
    ['ClusterRole', 'nonResourceURLs', ['/debug/*']],
  ])('refuses a %s by its %s: %o', (kind, key, value) => {
    expect(check(noWildcardRoles, manifest(kind, { rules: [good, { ...good, [key]: value }] }))).toEqual([
      `rules[1].${key} must be listed, got *; name what is needed`,
    ]);
  });
});

describe('no-plain-secrets', () => {
  test('takes a Secret that others fill, and settings that are no secrets', () => {
    expect(check(noPlainSecrets, manifest('Secret', { type: 'kubernetes.io/service-account-token' }))).toEqual([]);
    expect(check(noPlainSecrets, manifest('ConfigMap', { data: { key: 'value' } }))).toEqual([]);
  });

  test.each(['data', 'stringData'])('refuses values in %s, and does not repeat them', (key) => {
    expect(check(noPlainSecrets, manifest('Secret', { [key]: { password: 'aHVudGVyMg==' } }))).toEqual([
      `${key} must not be in git, got values; use an ExternalSecret`,
    ]);
  });
});

describe('closed-projects', () => {
  const good = {
    sourceRepos: ['https://git.example.com/manifests.git'],
    destinations: [{ name: 'stg-site-b-data-1', namespace: 'shop' }],
    clusterResourceWhitelist: [],
    namespaceResourceWhitelist: [{ group: 'apps', kind: 'Deployment' }],
  };
  const refuse = (change: object) => check(closedProjects, manifest('AppProject', { spec: { ...good, ...change } }));

  test('takes a project that lists everything', () => {
    expect(refuse({})).toEqual([]);
    expect(refuse({ sourceNamespaces: ['argocd'] })).toEqual([]);
  });

  test.each([
    ['sourceRepos', ['*']],
    ['sourceRepos', ['https://git.example.com/*']],
    ['sourceNamespaces', ['*']],
    ['destinations', [{ name: '*', namespace: 'shop' }]],
    ['destinations', [{ name: 'stg-site-b-data-1', namespace: 'shop-?' }]],
    ['destinations', [{ server: 'https://*', namespace: 'shop' }]],
    ['clusterResourceWhitelist', [{ group: '*', kind: 'Namespace' }]],
    ['namespaceResourceWhitelist', [{ group: '', kind: '*' }]],
  ])('refuses a pattern in %s: %o', (key, value) => {
    expect(refuse({ [key]: value })).toEqual([`spec.${key} must be listed, got a wildcard; name what is needed`]);
  });

  test.each([
    ['sourceRepos', undefined],
    ['destinations', undefined],
    ['clusterResourceWhitelist', undefined],
    ['namespaceResourceWhitelist', undefined],
    // Argo CD reads it like one that is missing, which allows every kind.
    ['namespaceResourceWhitelist', null],
  ])('refuses a project that leaves %s to the default: %s', (key, value) => {
    expect(refuse({ [key]: value })).toEqual([`spec.${key} must be listed, got nothing; name what is needed`]);
  });
});

describe('own-project', () => {
  const good = { project: 'stg-site-b-shop', destination: { name: 'stg-site-b-data-1', namespace: 'shop' } };
  const refuse = (change: object) => check(ownProject, manifest('Application', { spec: { ...good, ...change } }));

  test('takes an Application with a project of its own and a cluster by name', () => {
    expect(refuse({})).toEqual([]);
  });

  test.each([undefined, '', 'default'])('refuses the project "%s"', (project) => {
    expect(refuse({ project })).toEqual(['spec.project must be a project of its own, got default; name one']);
  });

  test.each([{}, { name: '', server: 'https://10.0.0.1' }, { server: 'https://kubernetes.default.svc' }])(
    'refuses the destination %o',
    (destination) => {
      expect(refuse({ destination })).toEqual([
        'spec.destination must name a cluster, got no name; use destination.name',
      ]);
    },
  );
});
