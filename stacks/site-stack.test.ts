import { describe, expect, test } from 'vitest';
import { isSecret, type Registered, reveal } from '../test/helpers/pulumi.ts';
import { CANARY, kubeconfig, metadataOf, siteStack } from '../test/helpers/site-stack.ts';

const CLUSTERS = ['control', 'data-1', 'data-2'];

const isObject = ({ type }: Registered) => type.startsWith('kubernetes:');

test('a site registers its clusters and itself; each resource has its name and its place', async () => {
  const { registered } = await siteStack('sandbox.site-b');
  const lines = registered.map(({ parent, name, type }) => `${parent} > ${name}: ${type.split(':').at(-1)}`);
  const endpoint = (cluster: string) => [
    `site-b > ${cluster}: ClusterEndpoint`,
    `${cluster} > ${cluster}-account: ServiceAccount`,
    `${cluster} > ${cluster}-binding: ClusterRoleBinding`,
    `site-b > ${cluster}-identity: ClusterIdentity`,
    `${cluster} > ${cluster}-namespace: Namespace`,
    `site-b > ${cluster}-provider: kubernetes`,
    `${cluster} > ${cluster}-role: ClusterRole`,
    `${cluster} > ${cluster}-secret: Secret`,
    `${cluster} > ${cluster}-token: Secret`,
  ];
  expect(lines.sort()).toEqual(
    [
      ' > site-b: SiteStack',
      ...CLUSTERS.flatMap(endpoint),
      'control > control-applications-binding: RoleBinding',
      'control > control-applications-role: Role',
      'site-b > argocd: Registration',
      'argocd > argocd-namespace: NamespacePatch',
      'argocd > argocd-settings: ConfigMapPatch',
      'argocd > argocd-repository: Secret',
      ...[
        'default',
        'sandbox-site-b-apps',
        'sandbox-site-b-business-a',
        'sandbox-site-b-business-b',
        'sandbox-site-b-platform',
      ].map((name) => `argocd > argocd-project-${name}: AppProject`),
      'argocd > argocd-root: Application',
    ].sort(),
  );
});

test('names do not depend on the order of the clusters', async () => {
  const names = ({ registered }: { registered: Registered[] }) => registered.map(({ name, type }) => `${type} ${name}`);
  const reversed = await siteStack('sandbox.site-b', ({ environment, site: before }) => {
    const site = { ...before, clusters: [...before.clusters].reverse() };
    return { site, environment: { ...environment, sites: [site] } };
  });
  expect(names(reversed)).toEqual(names(await siteStack('sandbox.site-b')));
});

test('what belongs to a cluster is made there; what Argo CD reads is made where that runs', async () => {
  const { the } = await siteStack('sandbox.site-b');
  const kinds = ['namespace', 'account', 'role', 'binding', 'token'];
  for (const kind of kinds) expect(the(`data-2-${kind}`).provider).toBe('data-2-provider');
  for (const name of ['data-2-secret', 'argocd-repository', 'argocd-root']) {
    expect(the(name).provider).toBe('control-provider');
  }
});

test('nothing is made in a cluster before its identity is pinned', async () => {
  const { the } = await siteStack('sandbox.site-b');
  for (const cluster of CLUSTERS) expect(the(`${cluster}-provider`).dependencies).toContain(`${cluster}-identity`);
});

describe.each(['sandbox.site-b', 'prod.site-a', 'prod.site-b'])('in %s', (name) => {
  test('addresses and credentials stand in nothing but secrets', async () => {
    const { registered } = await siteStack(name);
    const open = registered.flatMap(({ name: resource, inputs, outputs }) =>
      Object.entries({ ...inputs, ...outputs })
        .filter(([, value]) => JSON.stringify(value).includes(CANARY) && !isSecret(value))
        .map(([field]) => `${resource}: ${field}`),
    );
    expect(open).toEqual([]);
    const secrets = registered.flatMap(({ inputs }) => Object.values(inputs).filter(isSecret));
    expect(secrets.length).toBeGreaterThan(0);
  });

  test('every object is deleted at once, and keeps its own annotations', async () => {
    const { registered } = await siteStack(name);
    const objects = registered.filter(isObject);
    expect(objects.length).toBeGreaterThan(5);
    const without = objects.filter(
      (object) => metadataOf(object).annotations?.['pulumi.com/deletionPropagationPolicy'] !== 'background',
    );
    expect(without.map((object) => object.name)).toEqual([]);
    const tokens = objects.filter((object) => object.name.endsWith('-token'));
    for (const token of tokens) {
      expect(metadataOf(token).annotations).toHaveProperty(['kubernetes.io/service-account.name']);
    }
  });

  test('every object has a name of its own, which is no name that Pulumi would make up', async () => {
    const { registered } = await siteStack(name);
    const places = registered
      .filter(isObject)
      .map((object) =>
        [object.provider, object.type.split(':')[2], metadataOf(object).namespace, metadataOf(object).name].join(' '),
      );
    expect(places.filter((place) => place.endsWith(' '))).toEqual([]);
    expect(places.filter((place, index) => places.indexOf(place) !== index)).toEqual([]);
  });
});

test('outputs are the names in Argo CD, and nothing else', async () => {
  const { stack, the } = await siteStack('sandbox.site-b');
  const endpoints = {
    control: 'sandbox-site-b-control',
    'data-1': 'sandbox-site-b-data-1',
    'data-2': 'sandbox-site-b-data-2',
  };
  expect(stack.endpoints).toEqual(endpoints);
  expect(the('site-b').outputs).toEqual({ endpoints });
  expect(the('data-1', 'ClusterEndpoint').outputs).toEqual({ secretName: 'cluster-sandbox-site-b-data-1' });
});

test('a site without clusters registers nothing', async () => {
  const { registered, stack } = await siteStack('sandbox.site-a');
  expect(registered.map(({ name }) => name)).toEqual(['site-a']);
  expect(stack.endpoints).toEqual({});
});

describe('a site that the control plane of another one serves', () => {
  test('is registered there', async () => {
    const { the, registered } = await siteStack('prod.site-a');
    expect(the('platform-secret').provider).toBe('control-provider');
    expect(the('argocd-root').provider).toBe('control-provider');
    expect(the('platform-token').provider).toBe('platform-provider');
    const kubeconfigOf = (name: string) => reveal(the(name).inputs.kubeconfig);
    expect(kubeconfigOf('control-provider')).toContain('prod-site-b-control');
    // The other site's own stack registers that cluster.
    expect(registered.filter(({ type }) => type.endsWith('ClusterEndpoint')).map(({ name }) => name)).toEqual([
      'platform',
    ]);
  });

  test('leaves what it shares to the site that has the control plane: settings, and a repository that is the same', async () => {
    const names = (await siteStack('prod.site-a')).registered.map(({ name }) => name);
    for (const shared of ['argocd-settings', 'argocd-namespace', 'argocd-project-default', 'argocd-repository']) {
      expect(names).not.toContain(shared);
    }
  });

  test('registers a repository of its own', async () => {
    const { the } = await siteStack('prod.site-a', ({ site }) => ({
      site: {
        ...site,
        repository: { url: 'https://git.example.com/own.git', branch: 'main', credential: 'openbao:own#git' },
      },
    }));
    expect(reveal(the('argocd-repository').inputs.stringData)).toMatchObject({
      url: 'https://git.example.com/own.git',
    });
    expect(the('argocd-root').dependencies).toContain('argocd-repository');
  });
});

describe('a context of another name', () => {
  test('is taken where it is set', async () => {
    const { the } = await siteStack('sandbox.site-b', () => ({
      contexts: { 'data-1': 'kind-data' },
      kubeconfig: kubeconfig(['sandbox-site-b-control', 'kind-data', 'sandbox-site-b-data-2']),
    }));
    const data = reveal(the('data-1-secret').inputs.stringData) as Record<string, string>;
    expect(data).toMatchObject({ name: 'sandbox-site-b-data-1', server: `https://kind-data.${CANARY}:6443` });
  });

  test('is an error where it is not there', async () => {
    await expect(siteStack('sandbox.site-b', () => ({ contexts: { 'data-2': 'nowhere' } }))).rejects.toThrow(
      "kubeconfig: context for cluster 'data-2' must be one of sandbox-site-b-control, sandbox-site-b-data-1, " +
        'sandbox-site-b-data-2, got nowhere;',
    );
  });
});
