import { KubeConfig } from '@kubernetes/client-node';
import { secret } from '@pulumi/pulumi';
import { describe, expect, test } from 'vitest';
import { loadEnvironments } from '../environments/load.ts';
import { ENVIRONMENTS } from '../test/helpers/environments.ts';
import { isSecret, type Registered, reveal, runProgram } from '../test/helpers/pulumi.ts';
import { parseCredential } from './argocd-registration.ts';
import { readToken } from './cluster-endpoint.ts';
import { SiteStack, type SiteStackArgs } from './site-stack.ts';

const CANARY = 'canary';
const CLUSTERS = ['control', 'data-1', 'data-2'];

/** A kubeconfig with a context for each cluster of an environment, named like its endpoint. */
function kubeconfig(endpoints: readonly string[]): KubeConfig {
  const config = new KubeConfig();
  config.loadFromString(
    JSON.stringify({
      clusters: endpoints.map((name) => ({
        name,
        cluster: { server: `https://${name}.${CANARY}:6443`, 'certificate-authority-data': 'Y2E=' },
      })),
      users: endpoints.map((name) => ({ name, user: { token: `${CANARY}-manager-of-${name}` } })),
      contexts: endpoints.map((name) => ({ name, context: { cluster: name, user: name } })),
    }),
  );
  return config;
}

/** What a cluster issues for the account of Argo CD. */
function issued(type: string, name: string): Record<string, unknown> {
  if (type !== 'kubernetes:core/v1:Secret' || !name.endsWith('-token')) return {};
  return { data: { token: Buffer.from(`${CANARY}-of-${name}`).toString('base64') } };
}

/** What the stacks of the project's own environments register. */
const known = new Map<string, ReturnType<typeof runStack>>();

/** Runs the stack of a site of the project's own environments, as it is or with other arguments. */
function siteStack(name: string, change?: (args: SiteStackArgs) => Partial<SiteStackArgs>) {
  if (change !== undefined) return runStack(name, change);
  const run = known.get(name) ?? runStack(name, () => ({}));
  known.set(name, run);
  return run;
}

async function runStack(name: string, change: (args: SiteStackArgs) => Partial<SiteStackArgs>) {
  const [environmentName, siteName] = name.split('.');
  const [environment] = loadEnvironments({ dir: ENVIRONMENTS, environment: environmentName ?? '' });
  const site = environment?.sites.find((candidate) => candidate.name === siteName);
  if (environment === undefined || site === undefined) throw new Error(`no site ${name}`);
  const args: SiteStackArgs = {
    environment,
    site,
    kubeconfig: kubeconfig(environment.sites.flatMap(({ clusters }) => clusters.map(({ endpoint }) => endpoint))),
    contexts: {},
    secretOf: () => secret(`reader:${CANARY}:with-colon`),
  };
  const program = () => new SiteStack(site.name, { ...args, ...change(args) });
  const { registered, result } = await runProgram(name, program, issued);
  const the = (wanted: string, type = '') => {
    const found = registered.filter((one) => one.name === wanted && one.type.endsWith(type));
    if (found.length !== 1 || found[0] === undefined) throw new Error(`expected one ${wanted}, got ${found.length}`);
    return found[0];
  };
  return { registered, stack: result, the };
}

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

function metadataOf({ inputs }: Registered): Metadata {
  return inputs.metadata as Metadata;
}

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

describe('the Secret of a cluster', () => {
  test('lies where Argo CD looks, and says where its cluster belongs', async () => {
    const { the } = await siteStack('sandbox.site-b');
    expect(metadataOf(the('data-1-secret'))).toMatchObject({
      name: 'cluster-sandbox-site-b-data-1',
      namespace: 'argocd',
      labels: {
        'argocd.argoproj.io/secret-type': 'cluster',
        'app.kubernetes.io/managed-by': 'sitewright',
        'sitewright.dev/environment': 'sandbox',
        'sitewright.dev/site': 'site-b',
        'sitewright.dev/cluster': 'data-1',
        'sitewright.dev/plane': 'data',
      },
    });
    expect(metadataOf(the('control-secret')).labels).toMatchObject({ 'sitewright.dev/plane': 'control' });
  });

  test('holds name, address and the token of its own account, as Argo CD reads them', async () => {
    const { the } = await siteStack('sandbox.site-b');
    const data = reveal(the('data-1-secret').inputs.stringData) as Record<string, string>;
    expect(data).toEqual({
      name: 'sandbox-site-b-data-1',
      server: `https://sandbox-site-b-data-1.${CANARY}:6443`,
      config: expect.any(String),
    });
    expect(JSON.parse(data.config ?? '')).toEqual({
      bearerToken: `${CANARY}-of-data-1-token`,
      tlsClientConfig: { caData: 'Y2E=' },
    });
  });

  test("never holds the manager's own credential", async () => {
    const { registered } = await siteStack('sandbox.site-b');
    const withCredential = registered.filter(({ inputs }) => JSON.stringify(inputs).includes(`${CANARY}-manager-of-`));
    const allowed = CLUSTERS.flatMap((cluster) => [`${cluster}-identity`, `${cluster}-provider`]);
    expect(withCredential.map(({ name }) => name)).toEqual(allowed.sort());
  });
});

test('the account of Argo CD gets a token that does not end, by its name', async () => {
  const { the } = await siteStack('sandbox.site-b');
  const token = the('data-1-token');
  expect(token.inputs.type).toBe('kubernetes.io/service-account-token');
  expect(metadataOf(token)).toMatchObject({
    name: 'argocd-manager',
    namespace: 'sitewright-system',
    annotations: { 'kubernetes.io/service-account.name': 'argocd-manager' },
  });
});

test('the repository is registered with the account that reads it, whose token may hold colons', async () => {
  const { the } = await siteStack('sandbox.site-b');
  const repository = the('argocd-repository');
  expect(metadataOf(repository)).toMatchObject({
    name: 'repository-sandbox-site-b',
    namespace: 'argocd',
    labels: {
      'argocd.argoproj.io/secret-type': 'repository',
      'sitewright.dev/environment': 'sandbox',
      'sitewright.dev/site': 'site-b',
      'sitewright.dev/cluster': 'control',
    },
  });
  expect(reveal(repository.inputs.stringData)).toEqual({
    type: 'git',
    url: 'http://127.0.0.1:7990/scm/platform/manifests-sandbox.git',
    username: 'reader',
    password: `${CANARY}:with-colon`,
  });
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

describe('Argo CD itself', () => {
  test('is patched, so that its own installation keeps the rest', async () => {
    const { the } = await siteStack('sandbox.site-b');
    const settings = the('argocd-settings');
    expect(settings.type).toBe('kubernetes:core/v1:ConfigMapPatch');
    expect(metadataOf(settings)).toMatchObject({
      name: 'argocd-cm',
      namespace: 'argocd',
      annotations: { 'pulumi.com/patchForce': 'true' },
    });
    expect(settings.inputs.data).toMatchObject({
      'application.resourceTrackingMethod': 'annotation',
      'resource.respectRBAC': 'strict',
      'cluster.inClusterEnabled': 'false',
    });
  });

  test('has its default project closed, and stays so when the site goes', async () => {
    const { the } = await siteStack('sandbox.site-b');
    const project = the('argocd-project-default');
    expect(project.inputs.spec).toEqual({
      description: 'Closed: every Application names a project of its own',
      sourceRepos: [],
      destinations: [],
    });
    expect(project.retainOnDelete).toBe(true);
  });

  test('gets the root Application after its repository and projects', async () => {
    const { the } = await siteStack('sandbox.site-b');
    expect(the('argocd-root').dependencies).toEqual(
      expect.arrayContaining(['argocd-repository', 'argocd-project-sandbox-site-b-apps']),
    );
    expect(the('argocd-root').inputs.spec).toMatchObject({
      project: 'sandbox-site-b-apps',
      source: { path: 'sandbox/site-b/apps' },
      destination: { name: 'sandbox-site-b-control' },
    });
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

test('a token is decoded', () => {
  expect(readToken('data-1', { token: Buffer.from('it').toString('base64') })).toBe('it');
});

test.each([[undefined], [{}], [{ token: '' }], [{ 'ca.crt': 'Y2E=' }]])('no token in %j is an error', (data) => {
  expect(() => readToken('data-1', data)).toThrow(
    new Error("cluster 'data-1' must issue a token for its account, got none; look again: pulumi up --refresh"),
  );
});

test.each(['', 'token', ':token', 'user:'])('the credential %j is an error that does not show it', (value) => {
  expect(() => parseCredential('https://git.example.com/it.git', value)).toThrow(
    new Error('credential of https://git.example.com/it.git must be like user:token, got another form; set it again'),
  );
});
