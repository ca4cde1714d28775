import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';
import { temporaryFolder, writeFiles } from '../test/helpers/folders.ts';
import { useEnv } from '../test/helpers/programs.ts';
import { contextKubeconfig, managerKubeconfig } from './kubeconfig.ts';

const CANARY = 'canary-credential';

/** A kubeconfig with clusters, users and contexts of these names, as text. */
function kubeconfig(names: readonly string[], cluster: object = {}, user: object = { token: CANARY }): string {
  return JSON.stringify({
    'current-context': `${names[0]}-context`,
    clusters: names.map((name) => ({ name, cluster: { server: `https://${name}.example.com:6443`, ...cluster } })),
    users: names.map((name) => ({ name: `${name}-admin`, user })),
    contexts: names.map((name) => ({ name: `${name}-context`, context: { cluster: name, user: `${name}-admin` } })),
  });
}

function load(text: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromString(text);
  return config;
}

interface Picked {
  readonly 'current-context': string;
  readonly contexts: readonly { readonly name: string }[];
  readonly clusters: readonly { readonly name: string; readonly cluster: Readonly<Record<string, string>> }[];
  readonly users: readonly { readonly name: string; readonly user: Readonly<Record<string, unknown>> }[];
}

function pick(config: KubeConfig, context: string): Picked {
  return JSON.parse(contextKubeconfig(config, 'data-1', context)) as Picked;
}

describe('one context', () => {
  test('stands alone: with its cluster and its user, and nothing of the others', () => {
    const picked = pick(load(kubeconfig(['one', 'two', 'three'])), 'two-context');
    expect(picked).toMatchObject({
      'current-context': 'two-context',
      contexts: [{ name: 'two-context' }],
      clusters: [{ name: 'two', cluster: { server: 'https://two.example.com:6443' } }],
      users: [{ name: 'two-admin', user: { token: CANARY } }],
    });
    expect(JSON.stringify(picked)).not.toMatch(/one|three/);
  });

  test('leads a client to the same cluster', () => {
    const config = load(contextKubeconfig(load(kubeconfig(['one', 'two'])), 'data-1', 'two-context'));
    expect(config.getCurrentCluster()?.server).toBe('https://two.example.com:6443');
    expect(config.getCurrentUser()?.token).toBe(CANARY);
  });

  test('keeps how a user signs in by a program, and how a cluster is reached', () => {
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'login',
      args: ['--it'],
      interactiveMode: 'Never',
    };
    const cluster = { 'tls-server-name': 'kubernetes', 'proxy-url': 'socks5://127.0.0.1:1080' };
    const picked = pick(load(kubeconfig(['one'], cluster, { exec })), 'one-context');
    expect(picked.users[0]?.user.exec).toEqual(exec);
    expect(picked.clusters[0]?.cluster).toMatchObject(cluster);
  });

  test('holds what its file only names, wherever that lies', () => {
    const dir = temporaryFolder();
    writeFiles(dir, {
      config: kubeconfig(
        ['one', 'two'],
        { 'certificate-authority': 'pki/ca.crt' },
        { 'client-certificate': join(dir, 'pki/it.crt'), 'client-key': 'pki/it.key' },
      ),
      ...{ 'pki/ca.crt': 'the ca', 'pki/it.crt': 'the cert', 'pki/it.key': 'the key' },
    });
    useEnv({ KUBECONFIG: join(dir, 'config') });
    const picked = pick(managerKubeconfig(), 'one-context');
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    expect(picked.clusters[0]?.cluster['certificate-authority-data']).toBe(base64('the ca'));
    expect(picked.users[0]?.user).toMatchObject({
      'client-certificate-data': base64('the cert'),
      'client-key-data': base64('the key'),
    });
    expect(JSON.stringify(picked)).not.toContain(dir);
  });

  test('does not look at the files of other contexts, nor at one whose contents are there', () => {
    const [one, two] = [load(kubeconfig(['one'], { 'certificate-authority': '/nowhere' })), load(kubeconfig(['two']))];
    one.mergeConfig(two);
    expect(pick(one, 'two-context').clusters[0]?.name).toBe('two');
    const both = { 'certificate-authority': '/nowhere', 'certificate-authority-data': 'Y2E=' };
    const picked = pick(load(kubeconfig(['one'], both)), 'one-context');
    expect(picked.clusters[0]?.cluster['certificate-authority-data']).toBe('Y2E=');
  });
});

describe('a context that is not there', () => {
  test('is an error that names those that are, and no credential', () => {
    const config = load(kubeconfig(['one', 'two']));
    expect(() => pick(config, 'stg-site-b-data-1')).toThrow(
      new Error(
        "kubeconfig: context for cluster 'data-1' must be one of one-context, two-context, got stg-site-b-data-1; " +
          "add it, or name another one: pulumi config set --path 'contexts.data-1' NAME",
      ),
    );
  });

  test('is an error as well where there are none at all', () => {
    expect(() => pick(load('{}'), 'it')).toThrow(
      "context for cluster 'data-1' must be one of those in the file (it has none), got it;",
    );
  });
});

test("the manager's kubeconfig is what kubectl would use: all files of KUBECONFIG together", () => {
  const dir = temporaryFolder();
  writeFiles(dir, { one: kubeconfig(['one']), two: kubeconfig(['two']) });
  useEnv({ KUBECONFIG: `${dir}/one:${dir}/two` });
  expect(
    managerKubeconfig()
      .getContexts()
      .map(({ name }) => name),
  ).toEqual(['one-context', 'two-context']);
});

test("without KUBECONFIG it is the one in the manager's home", () => {
  const home = temporaryFolder();
  writeFiles(home, { '.kube/config': kubeconfig(['home']) });
  useEnv({ KUBECONFIG: undefined, HOME: home });
  expect(managerKubeconfig().getContexts()).toMatchObject([{ name: 'home-context' }]);
});
