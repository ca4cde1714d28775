import { execa } from 'execa';
import { expect, test } from 'vitest';
import { temporaryFolder, writeFiles } from '../test/helpers/folders.ts';
import { useEnv } from '../test/helpers/programs.ts';
import { testState } from '../test/helpers/sandbox-state.ts';
import { sandboxEnv } from './env.ts';
import { type SandboxState, writeState } from './state.ts';

function sandbox(more: Partial<SandboxState> = {}): string {
  const dir = temporaryFolder();
  writeState(dir, testState(dir, more));
  return dir;
}

test('the tools find the sandbox: its programs first, its clusters, its backend', () => {
  const dir = sandbox();
  useEnv({ PATH: '/usr/bin' });
  expect(sandboxEnv(dir)).toMatchObject({
    PATH: `${dir}/bin:/usr/bin`,
    KUBECONFIG: `${dir}/kubeconfig`,
    PULUMI_HOME: `${dir}/pulumi-home`,
    PULUMI_BACKEND_URL: `file://${dir}/pulumi?metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE_FILE: `${dir}/pulumi-passphrase`,
  });
});

test('a stack is chosen where it is named, with its settings in the sandbox', () => {
  const dir = sandbox();
  expect(sandboxEnv(dir, 'sandbox.site-b')).toMatchObject({
    PULUMI_OPTION_STACK: 'sandbox.site-b',
    PULUMI_OPTION_CONFIG_FILE: `${dir}/pulumi-config/Pulumi.sandbox.site-b.yaml`,
  });
  expect(Object.keys(sandboxEnv(dir)).filter((name) => name.startsWith('PULUMI_OPTION'))).toEqual([]);
});

test('git gets the credential for the repositories of the sandbox, and for nothing else', async () => {
  const dir = sandbox();
  writeFiles(dir, { 'git-credentials': 'http://publisher:secret@127.0.0.1:7990\n' });
  const fill = (host: string) =>
    execa('git', ['credential', 'fill'], {
      env: { ...sandboxEnv(dir), GIT_CONFIG_GLOBAL: '/dev/null', GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: 'true' },
      input: `protocol=http\nhost=${host}\n\n`,
      reject: false,
    });
  expect((await fill('127.0.0.1:7990')).stdout).toContain('password=secret');
  expect((await fill('127.0.0.1:7991')).stdout).not.toContain('secret');
});

test('none of them is a secret, only where secrets lie', () => {
  const dir = sandbox();
  writeFiles(dir, { 'git-credentials': 'http://publisher:secret@127.0.0.1:7990\n', 'pulumi-passphrase': 'secret' });
  expect(JSON.stringify(sandboxEnv(dir, 'sandbox.site-b'))).not.toContain('secret');
});

test('without a repository there is nothing for git', () => {
  expect(sandboxEnv(sandbox({ repositories: [] }))).not.toHaveProperty('GIT_CONFIG_COUNT');
});

test('without a sandbox it is an error that says how to get one', () => {
  expect(() => sandboxEnv('/nowhere')).toThrow(
    new Error('/nowhere: must be a sandbox, got none; start one: sitewright sandbox up'),
  );
});
