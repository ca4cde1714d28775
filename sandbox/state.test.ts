import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../test/helpers/folders.ts';
import { useEnv } from '../test/helpers/programs.ts';
import { testState } from '../test/helpers/sandbox-state.ts';
import { defaultStateDir, readState, sandboxFiles, writeState } from './state.ts';

test('what a sandbox is, is kept for the next command', () => {
  const dir = join(temporaryFolder(), 'state');
  const state = testState(dir);
  writeState(dir, state);
  expect(readState(dir)).toEqual(state);
});

test('where there is no sandbox there is no state, and looking makes none', () => {
  const dir = join(temporaryFolder(), 'state');
  expect(readState(dir)).toBeUndefined();
  expect(existsSync(dir)).toBe(false);
});

test('only its owner can look into a sandbox', () => {
  const dir = join(temporaryFolder(), 'state');
  writeState(dir, testState(dir));
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  expect(statSync(sandboxFiles(dir).state).mode & 0o777).toBe(0o600);
});

test('a state that was written in part is not taken for one, and the next takes its place', () => {
  const dir = temporaryFolder();
  const [old, next] = [testState(dir), testState(dir, { environment: 'other' })];
  writeState(dir, old);
  writeFileSync(`${sandboxFiles(dir).state}.new`, '{"mode":');
  expect(readState(dir)).toEqual(old);
  writeState(dir, next);
  expect(readState(dir)).toEqual(next);
  expect(readdirSync(dir)).toEqual(['sandbox.json']);
});

test.each([
  [{ SITEWRIGHT_STATE: '/own', XDG_STATE_HOME: '/xdg' }, '/own'],
  [{ SITEWRIGHT_STATE: '', XDG_STATE_HOME: '/xdg' }, '/xdg/sitewright/sandbox'],
  [{ SITEWRIGHT_STATE: undefined, XDG_STATE_HOME: '', HOME: '/home/it' }, '/home/it/.local/state/sitewright/sandbox'],
])('with %o the folder is %s', (variables, dir) => {
  useEnv(variables);
  expect(defaultStateDir()).toBe(dir);
});
