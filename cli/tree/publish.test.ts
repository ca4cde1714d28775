import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test, vi } from 'vitest';
import { writeEnvironments, testCluster, testSite } from '../../test/helpers/environments.ts';
import { git, gitServer, publishedFiles, pushFiles } from '../../test/helpers/git.ts';
import { checkManifest } from '../../policies/index.ts';
import { LOCK_FILE } from './lock.ts';
import { diff, publish } from './publish.ts';

vi.mock('../../policies/index.ts', { spy: true });

/** A git server, and environment files of two sites that publish to it. */
async function twoSites() {
  const server = await gitServer();
  const site = testSite({}, { git: server.url });
  const served = {
    ...testSite({}, { index: 2 }),
    externalServices: {},
    controlPlane: { site: 'site-b', cluster: 'control' },
    clusters: { platform: testCluster('platform', 20) },
  };
  const environments = writeEnvironments({ 'stg/site-a': served, 'stg/site-b': site });
  const repository = { url: server.repository, branch: 'main', credential: '' };
  return { ...server, environments, repository };
}

test('the sites of one repository are one commit, which says what it is and where it comes from', async () => {
  const { environments, repository, env, url } = await twoSites();
  const reports = await publish({ environments }, env('writer'));
  expect(reports).toMatchObject([
    { repository: `${url}/platform/manifests.git`, branch: 'main', folders: ['stg/site-a', 'stg/site-b'] },
  ]);
  const files = Object.keys(await publishedFiles(repository));
  expect(reports[0]?.changes).toEqual({ added: expect.arrayContaining(files), changed: [], removed: [] });
  expect(files).toEqual(expect.arrayContaining([`stg/site-a/${LOCK_FILE}`, `stg/site-b/${LOCK_FILE}`]));
  const log = await git(
    '-C',
    repository.url,
    'log',
    '--format=%H%n%s%n%(trailers:key=Source-Revision,valueonly)',
    'main',
  );
  const [commit, subject, revision = ''] = log.split('\n');
  expect([commit, subject]).toEqual([reports[0]?.commit, 'Publish stg/site-a, stg/site-b']);
  const head = await execa('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname, reject: false });
  if (head.exitCode === 0) expect(revision.replace(' with uncommitted changes', '')).toBe(head.stdout);
});

test('the same again is no commit, and the site that is not selected stays', async () => {
  const { environments, repository, env } = await twoSites();
  await publish({ environments }, env('writer'));
  const before = await publishedFiles(repository);
  const [report] = await publish({ environments, site: 'site-b' }, env('writer'));
  expect(report?.changes).toEqual({ added: [], changed: [], removed: [] });
  expect(await git('-C', repository.url, 'rev-list', '--count', 'main')).toBe('1');
  expect(await publishedFiles(repository)).toEqual(before);
});

test('a cluster that is gone loses its files; those of others stay', async () => {
  const { environments, repository, env } = await twoSites();
  await publish({ environments }, env('writer'));
  await pushFiles(repository, { 'stg/site-a/platform/notes.txt': 'mine' });
  writeEnvironments({ 'stg/site-a': { domain: 'site-2.example.com', manifests: testSite().manifests } }, environments);
  const [report] = await publish({ environments, site: 'site-a' }, env('writer'));
  expect(report?.changes).toMatchObject({ added: [], changed: [] });
  const files = Object.keys(await publishedFiles(repository));
  expect(files.filter((path) => path.startsWith('stg/site-a/'))).toEqual(['stg/site-a/platform/notes.txt']);
  expect(files).toContain(`stg/site-b/${LOCK_FILE}`);
});

test('a site whose file is gone loses its files, unless another site was selected', async () => {
  const { environments, repository, env } = await twoSites();
  await publish({ environments }, env('writer'));
  await pushFiles(repository, { 'stg/site-a/notes.txt': 'mine', 'elsewhere/notes.txt': 'mine' });
  rmSync(join(environments, 'stg', 'site-a.yaml'));

  const [one] = await publish({ environments, site: 'site-b' }, env('writer'));
  expect(one?.changes.removed).toEqual([]);
  const [all] = await publish({ environments }, env('writer'));
  expect(all?.changes.removed).toContain(`stg/site-a/${LOCK_FILE}`);
  const left = Object.keys(await publishedFiles(repository)).filter((name) => !name.startsWith('stg/site-b/'));
  expect(left.sort()).toEqual(['elsewhere/notes.txt', 'stg/site-a/notes.txt']);
});

test('an account that may only read is an error that says so, without its password', async () => {
  const { environments, repository, env, url } = await twoSites();
  const error: unknown = await publish({ environments }, env('reader')).catch((reason: unknown) => reason);
  const address = `${url}/platform/manifests.git`;
  expect(error).toEqual(
    new Error(
      `${address} (main): must be writable, got fatal: unable to access '${address}/': The requested URL returned error: 403; ` +
        "check the address and git's credential for it",
    ),
  );
  expect(await git('-C', repository.url, 'for-each-ref')).toBe('');
});

test('no account at all is an error, not a question on the terminal', async () => {
  const { environments, url } = await twoSites();
  await expect(publish({ environments })).rejects.toThrow(
    `${url}/platform/manifests.git (main): must be readable, got fatal: could not read Username for`,
  );
});

test('a site that breaks a rule is an error, and nothing is published', async () => {
  const { environments, repository, env } = await twoSites();
  const finding = { rule: 'own-labels', path: 'metadata.labels', message: 'must be set, got nothing; set it' };
  vi.mocked(checkManifest).mockReturnValueOnce([finding]);
  await expect(publish({ environments }, env('writer'))).rejects.toThrow(
    "stg/site-a/registration/AppProject.stg-site-a-apps.yaml: 'metadata.labels' must be set, got nothing; set it (own-labels); see sitewright check",
  );
  expect(await git('-C', repository.url, 'for-each-ref')).toBe('');
});

describe('a diff', () => {
  test('shows what a publication would change, and is empty after it', async () => {
    const { environments, repository, env } = await twoSites();
    for (const [name, value] of Object.entries(env('reader'))) vi.stubEnv(name, value);
    try {
      const [before] = await diff({ environments }, false);
      expect(before?.patch).toContain('+++ b/stg/site-b/control/baseline/NetworkPolicy.deny-all.yaml');
      expect(before).not.toHaveProperty('commit');
      expect(await git('-C', repository.url, 'for-each-ref')).toBe('');
      await publish({ environments }, env('writer'));
      expect(await diff({ environments }, false)).toMatchObject([{ patch: '', changes: { added: [], changed: [] } }]);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
