import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testSite, writeEnvironments } from '../../test/helpers/environments.ts';
import { temporaryFolder, writeFiles } from '../../test/helpers/folders.ts';
import { check } from './check.ts';
import { LOCK_FILE } from './lock.ts';
import { synth } from './synth.ts';

const BASELINE = 'stg/site-b/control/baseline';
const POLICY = `${BASELINE}/NetworkPolicy.deny-all.yaml`;

/** A tree that is just what its environment files say. */
function tree() {
  const selection = { environments: writeEnvironments({ 'stg/site-b': testSite() }) };
  const out = temporaryFolder();
  synth(selection, out);
  return { selection, out };
}

test('a tree that was just written is current', () => {
  const { selection, out } = tree();
  expect(check(selection, out)).toMatchObject({ tree: [], findings: [], clusters: [{ cluster: 'control' }] });
});

test('there may be no tree', () => {
  const { selection, out } = tree();
  expect(check(selection, join(out, 'nowhere')).tree).toBe('none');
});

test('what was done by hand is told from what is old', () => {
  const { selection, out } = tree();
  rmSync(join(out, POLICY));
  writeFiles(out, { [`${BASELINE}/PriorityClass.business.yaml`]: 'by hand', 'stg/site-b/notes.txt': 'mine' });
  expect(check(selection, out).tree).toEqual([
    { file: join(out, POLICY.replace('NetworkPolicy.deny-all', 'PriorityClass.business')), state: 'changed by hand' },
    { file: join(out, POLICY), state: 'missing' },
  ]);
});

test('a tree of older environment files is not current', () => {
  const { selection, out } = tree();
  writeEnvironments({ 'stg/site-b': testSite({}, { git: 'https://bitbucket.example.com' }) }, selection.environments);
  const { tree: stale } = check(selection, out);
  const states = new Set(stale === 'none' ? [] : stale.map(({ state }) => state));
  expect(states).toEqual(new Set(['not current']));
  expect(stale).toContainEqual({ file: join(out, 'stg/site-b', LOCK_FILE), state: 'not current' });
});

test('what is left of a site that is no longer there is found, where it is selected', () => {
  const { selection, out } = tree();
  const { environments } = selection;
  writeEnvironments({ 'prod/site-b': testSite() }, environments);
  rmSync(join(environments, 'stg'), { recursive: true });
  const { tree: stale } = check({ environments }, out);
  expect(stale).toContainEqual({ file: join(out, POLICY), state: 'no longer rendered' });
  expect(check({ environments, environment: 'prod', site: 'site-b' }, out).tree).not.toContainEqual(
    expect.objectContaining({ state: 'no longer rendered' }),
  );
});
