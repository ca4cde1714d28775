import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ManifestsRepository } from '../../environments/model.ts';
import {
  addHook,
  bareRepository,
  beforePush,
  git,
  gitSettings,
  publishedFiles,
  pushFiles,
} from '../../test/helpers/git.ts';
import { locked } from '../../test/helpers/trees.ts';
import { type Files, LOCK_FILE } from './lock.ts';
import { RemoteRepository } from './repository.ts';

const SITE = 'stg/site-b';
const OLD = locked({ 'a/one.yaml': 'one\n', 'a/two.yaml': 'two\n' });
const NEW = locked({ 'a/one.yaml': 'ONE\n', 'b/three.yaml': 'three\n' });
const NO_SETTINGS = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
const MESSAGE = { subject: 'Publish stg/site-b', trailers: { 'Source-Revision': 'abc' } };

/** Publishes the files of one site. */
async function publish(
  repository: ManifestsRepository,
  files: Files,
  env: Record<string, string> = {},
  message = MESSAGE,
) {
  await using remote = new RemoteRepository(repository, env);
  return await remote.publish(new Map([[SITE, files]]), message);
}

/** Files as they lie in the repository. */
function placed(files: Files): Record<string, string> {
  return Object.fromEntries([...files].map(([path, content]) => [`${SITE}/${path}`, content]));
}

beforeEach(() => {
  for (const name of ['GIT_AUTHOR_NAME', 'GIT_AUTHOR_EMAIL', 'EMAIL']) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe('publishing', () => {
  test('to an empty repository makes its first commit', async () => {
    const repository = await bareRepository();
    const { commit, changes } = await publish(repository, OLD);
    expect(await publishedFiles(repository)).toEqual(placed(OLD));
    expect(await git('-C', repository.url, 'rev-list', 'main')).toBe(commit);
    expect(changes).toEqual({ added: Object.keys(placed(OLD)), changed: [], removed: [] });
  });

  test('the same again makes no commit', async () => {
    const repository = await bareRepository();
    const { commit } = await publish(repository, OLD);
    expect(await publish(repository, OLD)).toEqual({ commit, changes: { added: [], changed: [], removed: [] } });
    expect(await git('-C', repository.url, 'rev-list', 'main')).toBe(commit);
  });

  test('something else is one commit on top, which adds, changes and removes', async () => {
    const repository = await bareRepository();
    const { commit: parent } = await publish(repository, OLD);
    const { commit, changes } = await publish(repository, NEW);
    expect(changes).toEqual({
      added: [`${SITE}/b/three.yaml`],
      changed: [`${SITE}/a/one.yaml`, `${SITE}/${LOCK_FILE}`],
      removed: [`${SITE}/a/two.yaml`],
    });
    expect(await publishedFiles(repository)).toEqual(placed(NEW));
    expect(await git('-C', repository.url, 'rev-list', 'main')).toBe(`${commit}\n${parent}`);
  });

  test('a site without files removes what is owned, lock and all', async () => {
    const repository = await bareRepository();
    await pushFiles(repository, { 'README.md': 'foreign' });
    await publish(repository, OLD);
    await publish(repository, new Map());
    expect(await publishedFiles(repository)).toEqual({ 'README.md': 'foreign' });
  });

  test('a file can take the place of a folder, and a folder that of a file', async () => {
    const repository = await bareRepository();
    await publish(repository, locked({ 'a/one.yaml': '1', b: '2' }));
    const swapped = locked({ a: '1', 'b/one.yaml': '2' });
    await publish(repository, swapped);
    expect(await publishedFiles(repository)).toEqual(placed(swapped));
  });

  test('contents and names of any form arrive as they are', async () => {
    const repository = await bareRepository();
    const files = locked({ 'a/ClusterRole.system:"x"\\y.yaml': 'ä\n\n', empty: '', 'no-newline': 'data 3\nabc' });
    await publish(repository, files);
    expect(await publishedFiles(repository)).toEqual(placed(files));
  });

  test('a commit has its subject, its trailers, and an identity even where git has none', async () => {
    const repository = await bareRepository();
    const message = { subject: 'Publish stg/site-b', trailers: { 'Source-Revision': 'abc', 'Built-By': 'CI' } };
    await publish(repository, OLD, NO_SETTINGS, message);
    const show = (format: string) => git('-C', repository.url, 'log', '-1', `--format=${format}`, 'main');
    expect(await show('%s')).toBe('Publish stg/site-b');
    expect(await show('%(trailers)')).toBe('Source-Revision: abc\nBuilt-By: CI');
    expect(await show('%an <%ae> %cn')).toBe('sitewright <sitewright@localhost> sitewright');
    expect(Math.abs(Number(await show('%ct')) - Date.now() / 1000)).toBeLessThan(60);
  });

  test.each([
    ['environment', { GIT_AUTHOR_NAME: 'CI', GIT_AUTHOR_EMAIL: 'ci@example.com' }],
    ['settings', gitSettings({ 'user.name': 'CI', 'user.email': 'ci@example.com' })],
  ])('who publishes is said by the %s of git where there is one', async (_, env) => {
    const repository = await bareRepository();
    await publish(repository, OLD, { ...NO_SETTINGS, ...env });
    expect(await git('-C', repository.url, 'log', '-1', '--format=%an <%ae>', 'main')).toBe('CI <ci@example.com>');
  });

  test('settings of the machine do not matter', async () => {
    const repository = await bareRepository();
    await publish(repository, OLD);
    const { changes } = await publish(repository, OLD, { GIT_DEFAULT_HASH: 'sha256', GIT_DIR: '/nowhere' });
    expect(changes).toEqual({ added: [], changed: [], removed: [] });
  });

  test('leaves nothing behind on this machine', async () => {
    const ours = () => readdirSync(tmpdir()).filter((name) => name.startsWith('sitewright-publish-'));
    const before = ours();
    const remote = new RemoteRepository(await bareRepository());
    expect(ours()).toHaveLength(before.length + 1);
    await remote[Symbol.asyncDispose]();
    expect(ours()).toEqual(before);
  });
});

describe('foreign files', () => {
  test('stay, inside the folders of sites and outside', async () => {
    const repository = await bareRepository();
    const foreign = { 'README.md': 'mine', [`${SITE}/a/notes.txt`]: 'mine', [`${SITE}/with\ttab`]: 'mine' };
    await publish(repository, OLD);
    await pushFiles(repository, foreign);
    await publish(repository, NEW);
    expect(await publishedFiles(repository)).toEqual({ ...placed(NEW), ...foreign });
  });

  test.each([`${SITE}/a/one.yaml`, `${SITE}/a`, `${SITE}/a/one.yaml/mine`, SITE, 'stg'])(
    'in the way are an error that names them, and nothing is pushed: %s',
    async (path) => {
      const repository = await bareRepository();
      await pushFiles(repository, { [path]: 'mine' });
      await expect(publish(repository, OLD)).rejects.toThrow(
        `${path}: must not be in ${repository.url}, got a file that is not ours; move it`,
      );
      expect(await publishedFiles(repository)).toEqual({ [path]: 'mine' });
    },
  );

  test('that say the same as what is published become owned', async () => {
    const repository = await bareRepository();
    await pushFiles(repository, { [`${SITE}/a/one.yaml`]: 'one\n' });
    await publish(repository, OLD);
    await publish(repository, NEW);
    expect(await publishedFiles(repository)).toEqual(placed(NEW));
  });

  test('a lock that cannot be read is an error that names it', async () => {
    const repository = await bareRepository();
    await pushFiles(repository, { [`${SITE}/${LOCK_FILE}`]: '<<<<<<< HEAD' });
    await expect(publish(repository, OLD)).rejects.toThrow(
      `${SITE}/${LOCK_FILE} in ${repository.url}: must be a lock of a site's folder, got something else; bring it back from git`,
    );
  });
});

describe('a race', () => {
  // Somebody else's clone, ready to push.
  const OTHER = (url: string) =>
    `cd "$(mktemp -d)" && "$REAL" clone --quiet "${url}" . 2>/dev/null && "$REAL" checkout --quiet -B main && echo other >other.txt && ` +
    '"$REAL" add . && "$REAL" -c user.name=o -c user.email=o@example.com commit --quiet -m Other && "$REAL" push --quiet origin main';

  test.each([
    ['in a repository with commits', true],
    ['in an empty one', false],
  ])('with a push that comes first is run again on top of it, %s', async (_, filled) => {
    const repository = await bareRepository();
    if (filled) await publish(repository, OLD);
    const { commit } = await publish(repository, NEW, await beforePush(`(${OTHER(repository.url)})`));
    expect(await publishedFiles(repository)).toEqual({ ...placed(NEW), 'other.txt': 'other\n' });
    expect(await git('-C', repository.url, 'rev-list', '--count', 'main')).toBe(filled ? '3' : '2');
    expect(await git('-C', repository.url, 'rev-parse', 'main')).toBe(commit);
  });

  test('that the server notices is run again as well', async () => {
    const repository = await bareRepository();
    await publish(repository, OLD);
    const commit = 'git commit-tree -p "$2" -m Other "$2^{tree}"';
    const identity =
      'GIT_AUTHOR_NAME=o GIT_AUTHOR_EMAIL=o@example.com GIT_COMMITTER_NAME=o GIT_COMMITTER_EMAIL=o@example.com';
    addHook(
      repository,
      'update',
      `mkdir once 2>/dev/null && ${identity} git update-ref "$1" "$(${identity} ${commit})"; exit 0`,
    );
    await publish(repository, NEW);
    expect(await publishedFiles(repository)).toEqual(placed(NEW));
    expect(await git('-C', repository.url, 'log', '--format=%s', 'main')).toBe(
      'Publish stg/site-b\nOther\nPublish stg/site-b',
    );
  });
});

describe('a repository that refuses', () => {
  test('to be read is an error that names it', async () => {
    const repository = { ...(await bareRepository()), url: '/nowhere/manifests.git' };
    await expect(publish(repository, OLD)).rejects.toThrow(
      "/nowhere/manifests.git (main): must be readable, got fatal: '/nowhere/manifests.git' does not appear to be a git " +
        "repository, fatal: Could not read from remote repository.; check the address and git's credential for it",
    );
  });

  test('a push is an error with its reason, and not tried again', async () => {
    const repository = await bareRepository();
    addHook(repository, 'pre-receive', 'echo called >>calls; echo "main is frozen" >&2; exit 1');
    await expect(publish(repository, OLD)).rejects.toThrow(
      /\(main\): must be writable, got remote: main is frozen, .*! [0-9a-f]+:refs\/heads\/main \[remote rejected\] \(pre-receive hook declined\); check the address/,
    );
    expect(await git('-C', repository.url, 'for-each-ref')).toBe('');
    const { execa } = await import('execa');
    expect((await execa('cat', [`${repository.url}/calls`])).stdout).toBe('called');
  });

  test('says nothing of a credential, wherever git repeats one', async () => {
    const repository = await bareRepository();
    addHook(repository, 'pre-receive', 'echo "see https://user:hunter2@example.com/help" >&2; exit 1');
    const error = await publish(repository, OLD, { GIT_TRACE: '1' }).catch((reason: Error) => reason);
    expect(String(error)).toContain('see https://example.com/help');
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error)).split('"stack"')[0]).not.toContain('hunter2');
  });
});

describe('a comparison', () => {
  test('shows what would change, and changes nothing', async () => {
    const repository = await bareRepository();
    const { commit } = await publish(repository, OLD);
    await using remote = new RemoteRepository(repository);
    const { changes, next } = await remote.compare(new Map([[SITE, NEW]]));
    expect(changes.removed).toEqual([`${SITE}/a/two.yaml`]);
    const patch = await remote.patch(next, false);
    expect(patch).toContain(`--- a/${SITE}/a/one.yaml\n+++ b/${SITE}/a/one.yaml\n@@ -1 +1 @@\n-one\n+ONE`);
    expect(patch).not.toContain('\u001b[');
    expect(await remote.patch(next, true)).toContain('\u001b[');
    expect(await git('-C', repository.url, 'rev-list', '--all')).toBe(commit);
  });

  test('with an empty repository shows everything', async () => {
    await using remote = new RemoteRepository(await bareRepository());
    const { next } = await remote.compare(new Map([[SITE, OLD]]));
    expect(await remote.patch(next, false)).toContain('2 files changed');
  });

  test('without a difference is empty', async () => {
    const repository = await bareRepository();
    await publish(repository, OLD);
    await using remote = new RemoteRepository(repository);
    const { next } = await remote.compare(new Map([[SITE, OLD]]));
    expect(await remote.patch(next, false)).toBe('');
  });
});
