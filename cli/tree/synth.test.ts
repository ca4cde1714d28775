import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ENVIRONMENTS, testSite, writeEnvironments } from '../../test/helpers/environments.ts';
import { readFiles, temporaryFolder, writeFiles } from '../../test/helpers/folders.ts';
import { LOCK_FILE } from './lock.ts';
import { selectSites, synth } from './synth.ts';

const EMPTY = { domain: 'empty.example.com' };
const NOTHING = { added: 0, changed: 0, removed: 0 };

/** Environment files of two environments with two sites each. */
function fourSites(): string {
  const second = { ...testSite({}, { index: 2 }), clusters: {} };
  return writeEnvironments({
    'prod/site-a': second,
    'prod/site-b': testSite(),
    'stg/site-a': { ...second, controlPlane: { site: 'site-b', cluster: 'control' } },
    'stg/site-b': testSite(),
  });
}

describe('a selection', () => {
  const names = (selection: object) =>
    selectSites({ environments: fourSites(), ...selection }).map(({ site }) => `${site.environment}/${site.name}`);

  test.each([
    [{}, ['prod/site-a', 'prod/site-b', 'stg/site-a', 'stg/site-b']],
    [{ environment: 'stg' }, ['stg/site-a', 'stg/site-b']],
    [{ site: 'site-b' }, ['prod/site-b', 'stg/site-b']],
    [{ environment: 'prod', site: 'site-a' }, ['prod/site-a']],
  ])('of %o is %o', (selection, expected) => {
    expect(names(selection)).toEqual(expected);
  });

  test.each([
    [{ site: 'site-z' }, '--site must be a site of an environment, got site-z; choose one of site-a, site-b'],
    [{ environment: 'stg', site: 'data-1' }, '--site must be a site of stg, got data-1; choose one of site-a, site-b'],
  ])('of %o is an error that names what there is', (selection, message) => {
    expect(() => names(selection)).toThrow(new Error(message));
  });
});

describe('a synth', () => {
  test('writes what it renders, and nothing the second time', () => {
    const out = temporaryFolder();
    const selection = { environments: fourSites() };
    const { files, clusters, findings } = synth(selection, out);
    const written = Object.keys(readFiles(out)).filter((path) => !path.endsWith(LOCK_FILE));
    expect(files).toEqual({ added: written.length, changed: 0, removed: 0 });
    expect(clusters.map(({ environment, site, cluster }) => `${environment}/${site}/${cluster}`)).toEqual([
      'prod/site-b/control',
      'stg/site-b/control',
    ]);
    expect(findings).toEqual([]);
    expect(synth(selection, out).files).toEqual(NOTHING);
  });

  test('removes what it wrote of a site that is no longer there, and leaves what others wrote', () => {
    const [out, environments] = [temporaryFolder(), fourSites()];
    synth({ environments }, out);
    writeFiles(out, { 'stg/site-b/notes.txt': 'mine', 'stg/other/notes.txt': 'mine' });
    rmSync(join(environments, 'stg'), { recursive: true });
    synth({ environments }, out);
    expect(readFiles(join(out, 'stg'))).toEqual({ 'site-b/notes.txt': 'mine', 'other/notes.txt': 'mine' });
    expect(existsSync(join(out, 'prod/site-b', LOCK_FILE))).toBe(true);
  });

  test('removes what it wrote of a site that has no clusters any more', () => {
    const [out, environments] = [temporaryFolder(), fourSites()];
    synth({ environments }, out);
    writeEnvironments({ 'stg/site-a': EMPTY, 'stg/site-b': EMPTY }, environments);
    synth({ environments }, out);
    expect(existsSync(join(out, 'stg/site-b'))).toBe(false);
  });

  test.each([
    ['of another environment', { environment: 'prod' }],
    ['of another name', { environment: 'stg', site: 'site-a' }],
  ])('does not touch a site that is not selected, there or gone: %s', (_, selection) => {
    const [out, environments] = [temporaryFolder(), fourSites()];
    synth({ environments }, out);
    writeFiles(out, {
      [`stg/site-b/${LOCK_FILE}`]: '{"version":1,"files":{"gone.yaml":""}}',
      'stg/site-b/gone.yaml': '',
    });
    const before = readFiles(join(out, 'stg/site-b'));
    writeEnvironments({ 'stg/site-c': EMPTY, 'stg/site-a': EMPTY, 'stg/site-b': EMPTY }, environments);
    synth({ environments, ...selection }, out);
    expect(readFiles(join(out, 'stg/site-b'))).toEqual(before);
  });

  test('with an unknown site writes nothing', () => {
    const out = join(temporaryFolder(), 'dist');
    expect(() => synth({ environments: fourSites(), site: 'site-z' }, out)).toThrow('--site must be');
    expect(existsSync(out)).toBe(false);
  });
});

describe('the same environment files give the same bytes', () => {
  const here = () => {
    const out = temporaryFolder();
    synth({ environments: ENVIRONMENTS }, out);
    return readFiles(out);
  };

  test('twice', () => {
    expect(here()).toEqual(here());
  });

  test.each([
    ['in another folder', { cwd: '/', env: {} }],
    ['in Seoul', { cwd: '.', env: { TZ: 'Asia/Seoul', LANG: 'ko_KR.UTF-8' } }],
    ['in Turkish, where i has no dot', { cwd: '.', env: { LC_ALL: 'tr_TR.UTF-8', TZ: 'Europe/Istanbul' } }],
    ['in no language', { cwd: '/', env: { LANG: 'C', LC_ALL: 'C', TZ: 'UTC', CDK8S_OUTDIR: 'elsewhere' } }],
  ])('%s', (_, { cwd, env }) => {
    const out = temporaryFolder();
    const module = JSON.stringify(join(import.meta.dirname, 'synth.ts'));
    const script = `(await import(${module})).synth(${JSON.stringify({ environments: ENVIRONMENTS })}, ${JSON.stringify(out)})`;
    const options = { cwd, env: { PATH: process.env.PATH, ...env }, encoding: 'utf8' as const };
    expect(spawnSync(process.execPath, ['--input-type=module', '--eval', script], options).stderr).toBe('');
    expect(readFiles(out)).toEqual(here());
  });
});
