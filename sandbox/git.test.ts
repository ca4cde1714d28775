import { statSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadEnvironments } from '../environments/load.ts';
import type { Environment } from '../environments/model.ts';
import { testCluster, testSite, writeEnvironments } from '../test/helpers/environments.ts';
import { readFiles, temporaryFolder, writeFiles } from '../test/helpers/folders.ts';
import { git } from '../test/helpers/git.ts';
import { poll } from '../test/helpers/processes.ts';
import { hasEnded, Launcher, stopDaemon } from './daemon.ts';
import { answers, prepareGit, repositoryUrls, tail } from './git.ts';
import { freePorts } from './plan.ts';

/** An environment of a site that publishes to an address. */
function environmentOf(address: string, more: Readonly<Record<string, object>> = {}): Environment {
  const dir = writeEnvironments({ 'stg/site-b': testSite({}, { git: address }), ...more });
  const [environment] = loadEnvironments({ dir });
  if (environment === undefined) throw new Error('no environment');
  return environment;
}

/** Git as the sandbox serves it, running. */
async function running() {
  const stateDir = temporaryFolder();
  const [port] = await freePorts(1);
  const service = await prepareGit(stateDir, environmentOf(`http://127.0.0.1:${port}/scm`));
  new Launcher().start(service.daemon);
  onTestFinished(async () => void (await stopDaemon(service.daemon.pidFile)));
  await poll(() => answers(service)).toBe(true);
  return { service, stateDir, port: port ?? 0 };
}

test('a repository of several sites is one', () => {
  const served = {
    ...testSite({}, { index: 2 }),
    externalServices: {},
    controlPlane: { site: 'site-b', cluster: 'control' },
  };
  const environment = environmentOf('http://127.0.0.1:7990/scm', {
    'stg/site-a': { ...served, clusters: { platform: testCluster('platform', 30) } },
  });
  expect(repositoryUrls(environment)).toEqual(['http://127.0.0.1:7990/scm/platform/manifests.git']);
});

describe('what is prepared', () => {
  test('is an empty repository, and passwords that stay', async () => {
    const stateDir = temporaryFolder();
    const environment = environmentOf('http://127.0.0.1:7990/scm');
    const first = await prepareGit(stateDir, environment);
    const repository = join(stateDir, 'git/platform/manifests.git');
    expect(await git('-C', repository, 'for-each-ref')).toBe('');
    expect(await git('-C', repository, 'symbolic-ref', 'HEAD')).toBe('refs/heads/main');
    const before = readFiles(stateDir);
    expect(await prepareGit(stateDir, environment)).toEqual(first);
    expect(readFiles(stateDir)).toEqual(before);
  });

  test('keeps its passwords apart, to itself, and off its command', async () => {
    const stateDir = temporaryFolder();
    const { daemon, readCredential } = await prepareGit(stateDir, environmentOf('http://127.0.0.1:7990/scm'));
    const files = readFiles(stateDir);
    const accounts = JSON.parse(files['git-accounts.json'] ?? '') as Record<
      string,
      { password: string; write: boolean }
    >;
    expect(accounts.argocd?.write).toBe(false);
    expect(accounts.publisher?.write).toBe(true);
    expect(accounts.publisher?.password).not.toBe(accounts.argocd?.password);
    expect(readCredential).toBe(`argocd:${accounts.argocd?.password}`);
    for (const { password } of Object.values(accounts)) {
      expect(password.length).toBeGreaterThan(30);
      expect(daemon.command.join(' ')).not.toContain(password);
    }
    for (const name of ['git-accounts.json', 'git-credentials', 'git-read-password', 'git-write-password']) {
      expect([name, statSync(join(stateDir, name)).mode & 0o777]).toEqual([name, 0o600]);
    }
  });
});

test.each(['https://bitbucket.example.com/scm', 'http://localhost:7990/scm', 'http://127.0.0.1:7990/git'])(
  'an address that cannot be served here is an error: %s',
  async (address) => {
    await expect(prepareGit(temporaryFolder(), environmentOf(address))).rejects.toThrow(
      new Error(
        `${address}/platform/manifests.git: must be like http://127.0.0.1:7990/scm/repository.git to be served here; change it`,
      ),
    );
  },
);

test('an environment without clusters is an error', async () => {
  await expect(prepareGit(temporaryFolder(), { name: 'stg', sites: [] })).rejects.toThrow(
    new Error('stg: must have a site with clusters, got none; add one'),
  );
});

describe('git', () => {
  test('is served, and what is published lies in the sandbox', async () => {
    const { service, stateDir, port } = await running();
    const url = `http://127.0.0.1:${port}/scm/platform/manifests.git`;
    const clone = temporaryFolder();
    const run = (...args: string[]) => execa('git', args, { env: { ...service.env, GIT_CONFIG_GLOBAL: '/dev/null' } });
    await run('clone', '--quiet', url, clone);
    writeFiles(clone, { 'a.yaml': 'a' });
    await run('-C', clone, 'add', 'a.yaml');
    await run('-C', clone, '-c', 'user.name=it', '-c', 'user.email=it@example.com', 'commit', '--quiet', '-m', 'A');
    await run('-C', clone, 'push', '--quiet', 'origin', 'HEAD:main');
    expect(await git('-C', join(stateDir, 'git/platform/manifests.git'), 'show', 'main:a.yaml')).toBe('a');
  });

  test('of another sandbox is not taken for this one', async () => {
    const { port } = await running();
    const stateDir = temporaryFolder();
    const service = await prepareGit(stateDir, environmentOf(`http://127.0.0.1:${port}/scm`));
    expect(await answers(service)).toBe(false);
    new Launcher().start(service.daemon);
    await poll(() => hasEnded(service.daemon.pidFile)).toBe(true);
    await expect(answers(service)).rejects.toThrow(/^git has ended; its log ends with:\n[\s\S]*EADDRINUSE/);
  });
});

test.each([
  ['one\ntwo\nthree\n', 2, 'two\nthree'],
  ['one\ntwo', 5, 'one\ntwo'],
  ['', 5, ''],
])('of %j the last %i lines are %j', (content, lines, expected) => {
  const folder = temporaryFolder();
  writeFiles(folder, { log: content });
  expect(tail(join(folder, 'log'), lines)).toBe(expected);
});

test('of a log that is not there there are no lines', () => {
  expect(tail('/nowhere/log')).toBe('');
});
