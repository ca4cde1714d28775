import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadEnvironments } from '../environments/load.ts';
import { ENVIRONMENTS } from '../test/helpers/environments.ts';
import { readFiles, temporaryFolder, writeFiles } from '../test/helpers/folders.ts';
import { programs } from '../test/helpers/programs.ts';
import { testState } from '../test/helpers/sandbox-state.ts';
import { pulumiUp } from './pulumi.ts';

const STACK = 'sandbox.site-b';
const LOCKS = `pulumi/.pulumi/locks/organization/sitewright/${STACK}`;
const SECRETS = { 'openbao:platform/argocd#bitbucket': 'argocd:canary' };

/**
 * Stands where Pulumi stands: notes its arguments and its input, leaves a file where temporary files go as the
 * Kubernetes provider does, and has a stack with some changes.
 */
const FAKE_PULUMI = `
echo "$*" >>"$(dirname "$0")/called"
case "$*" in
  *' config set --secret '*) cat >"$(dirname "$0")/input" ;;
  *' stack init '*) : >"Pulumi.$5.yaml" ;;
  *' up '*) echo kubeconfig >"$TMPDIR/kubeconfig1"; test ! -e "$(dirname "$0")/broken" || exit 1 ;;
  *' history '*) echo '[{ "resourceChanges": { "create": 3, "same": 1 } }]' ;;
esac`;

/** An empty sandbox and a Pulumi that only pretends; \`up\` runs it on the site. */
function sandbox() {
  const stateDir = temporaryFolder();
  const bin = programs({ pulumi: FAKE_PULUMI });
  const [environment] = loadEnvironments({ dir: ENVIRONMENTS, environment: 'sandbox' });
  const site = environment?.sites.find(({ name }) => name === 'site-b');
  if (site === undefined) throw new Error('no site');
  const found = { bin: (name: string) => join(bin, name), file: () => '', path: bin };
  const up = () => pulumiUp(stateDir, testState(stateDir), found, site, SECRETS);
  const called = () =>
    (readFiles(bin).called ?? '').replaceAll('--non-interactive --color=never ', '').trim().split('\n');
  return { stateDir, bin, up, called };
}

test('a stack is made once, gets its settings, and is brought up', async () => {
  const { up, called, stateDir } = sandbox();
  expect(await up()).toEqual({ stack: STACK, changes: { create: 3, same: 1 } });
  const config = `--stack ${STACK} --config-file ${stateDir}/pulumi-config/Pulumi.${STACK}.yaml`;
  const first = called();
  expect(first).toEqual([
    `stack init ${STACK} --no-select`,
    `config set environments /environments ${config}`,
    `config set --path contexts.control sandbox-site-b-control ${config}`,
    `config set --secret --path secrets["openbao:platform/argocd#bitbucket"] ${config}`,
    `up --yes --skip-preview ${config}`,
    `stack history --json --page-size=1 --stack ${STACK}`,
  ]);
  await up();
  expect(called()).toEqual([...first, ...first.slice(1)]);
});

test('a secret is given as input, and stands in no argument', async () => {
  const { up, called, bin } = sandbox();
  await up();
  expect(readFiles(bin).input).toBe('argocd:canary');
  expect(called().join('\n')).not.toContain('canary');
});

test('what it leaves where temporary files go is removed, also when it fails', async () => {
  const { up, stateDir, bin } = sandbox();
  await up();
  writeFiles(bin, { broken: '' });
  await expect(up()).rejects.toThrow('exit code 1');
  expect(Object.keys(readFiles(stateDir)).filter((name) => name.includes('kubeconfig'))).toEqual([]);
  expect(readdirSync(stateDir).filter((name) => name.startsWith('tmp-'))).toEqual([]);
});

test('its passphrase and its folders are for their owner alone', async () => {
  const { up, stateDir } = sandbox();
  await up();
  expect(statSync(join(stateDir, 'pulumi-passphrase')).mode & 0o777).toBe(0o600);
  const modes = ['pulumi', 'pulumi-config', 'pulumi-home'].map((name) => statSync(join(stateDir, name)).mode & 0o777);
  expect(modes).toEqual([0o700, 0o700, 0o700]);
});

describe('a stack that is locked', () => {
  const lock = (pid: number, host = hostname()) => JSON.stringify({ pid, hostname: host });

  test('by a process that has ended is unlocked, and looks at the clusters first', async () => {
    const { up, called, stateDir } = sandbox();
    const child = spawn('true');
    await once(child, 'exit');
    writeFiles(stateDir, { [`${LOCKS}/one.json`]: lock(child.pid ?? 0) });
    await up();
    expect(called()).toContain(`cancel --yes --stack ${STACK}`);
    expect(called().find((line) => line.startsWith('up '))).toContain('up --yes --skip-preview --refresh ');
  });

  test.each([
    ['by a process that lives', [lock(process.pid)]],
    ['by a process of another machine', [lock(999_999_999, 'elsewhere')]],
    ['by one process that has ended and one that lives', [lock(999_999_999), lock(process.pid)]],
  ])('%s stays locked', async (_what, locks) => {
    const { up, called, stateDir } = sandbox();
    for (const [index, content] of locks.entries()) writeFiles(stateDir, { [`${LOCKS}/${index}.json`]: content });
    await up();
    expect(called().filter((line) => /cancel|--refresh/.test(line))).toEqual([]);
  });
});

test('an interrupt ends it', async () => {
  const { stateDir, bin } = sandbox();
  programs({ pulumi: 'exec sleep 60' }, bin);
  const [environment] = loadEnvironments({ dir: ENVIRONMENTS, environment: 'sandbox' });
  const [site] = environment?.sites ?? [];
  if (site === undefined) throw new Error('no site');
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const found = { bin: () => join(bin, 'pulumi'), file: () => '', path: bin };
  const running = pulumiUp(stateDir, testState(stateDir), found, site, {}, controller.signal);
  setTimeout(() => controller.abort(), 50);
  await expect(running).rejects.toThrow('canceled');
  expect(existsSync(join(stateDir, 'pulumi'))).toBe(true);
});
