import { runtime } from '@pulumi/pulumi';
import { expect, test, vi } from 'vitest';
import { ENVIRONMENTS } from '../test/helpers/environments.ts';
import { temporaryFolder, writeFiles } from '../test/helpers/folders.ts';
import { useEnv } from '../test/helpers/programs.ts';
import { isSecret, reveal, runProgram } from '../test/helpers/pulumi.ts';

const REFERENCE = 'openbao:platform/argocd#bitbucket';

/** Runs the program of a stack, as \`pulumi up\` does, with these settings and a manager's kubeconfig. */
async function run(stack: string, settings: Readonly<Record<string, unknown>> = {}) {
  const dir = temporaryFolder();
  const names = ['control', 'data-1', 'data-2'].map((name) => `sandbox-site-b-${name}`);
  const kubeconfig = {
    clusters: names.map((name) => ({ name, cluster: { server: `https://${name}.canary:6443` } })),
    users: names.map((name) => ({ name, user: { token: 'canary' } })),
    contexts: names.map((name) => ({ name, context: { cluster: name, user: name } })),
  };
  writeFiles(dir, { kubeconfig: JSON.stringify(kubeconfig) });
  useEnv({ KUBECONFIG: `${dir}/kubeconfig` });
  vi.resetModules();
  const program = async () => {
    const all = Object.entries({ environments: ENVIRONMENTS, ...settings }).map(([name, value]) => [
      `sitewright:${name}`,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]);
    runtime.setAllConfig(Object.fromEntries(all));
    return (await import('./index.ts')) as Readonly<Record<string, unknown>>;
  };
  const issued = (_type: string, name: string) => (name.endsWith('-token') ? { data: { token: 'Y2FuYXJ5' } } : {});
  return runProgram(stack, program, issued);
}

test('a stack gives the names of its clusters in Argo CD, and no address or credential', async () => {
  const { result } = await run('sandbox.site-b', { secrets: { [REFERENCE]: 'argocd:canary' } });
  expect({ ...result }).toEqual({
    endpoints: {
      control: 'sandbox-site-b-control',
      'data-1': 'sandbox-site-b-data-1',
      'data-2': 'sandbox-site-b-data-2',
    },
  });
});

test('the value of a secret reference comes from the settings of the stack, and stays secret', async () => {
  const { registered } = await run('sandbox.site-b', { secrets: { [REFERENCE]: 'argocd:canary' } });
  const repository = registered.find(({ name }) => name === 'argocd-repository');
  expect(isSecret(repository?.inputs.stringData)).toBe(true);
  expect(reveal(repository?.inputs.stringData)).toMatchObject({ username: 'argocd', password: 'canary' });
});

test('a site without clusters needs no settings', async () => {
  const { result, registered } = await run('sandbox.site-a');
  expect({ ...result }).toEqual({ endpoints: {} });
  expect(registered.map(({ name }) => name)).toEqual(['site-a']);
});

test.each([
  ['that has no value', {}],
  ['among others', { secrets: { other: 'value' } }],
])('a secret reference %s is an error that says how to set it', async (_what, settings) => {
  await expect(run('sandbox.site-b', settings)).rejects.toThrow(
    `secret ${REFERENCE} must have a value in this stack, got nothing; set it: ` +
      `pulumi config set --secret --path 'secrets["${REFERENCE}"]'`,
  );
});

test('a stack that is named after no site is an error that names those that there are', async () => {
  await expect(run('sandbox.site-c')).rejects.toThrow(
    'stack must be named after a site, got sandbox.site-c; choose one of sandbox.site-a, sandbox.site-b',
  );
});

test('a stack that is named otherwise is an error', async () => {
  await expect(run('dev')).rejects.toThrow('stack must be named <environment>.<site>, got dev;');
});

test('what a manager is told is no stack trace', async () => {
  const error: unknown = await run('dev').catch((reason: unknown) => reason);
  expect(runtime).toBeDefined();
  expect((error as { __pulumiRunError?: boolean }).__pulumiRunError).toBe(true);
});
