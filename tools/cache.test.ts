import { mkdirSync, renameSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder, writeFiles } from '../test/helpers/folders.ts';
import { useEnv } from '../test/helpers/programs.ts';
import { cacheDir, contentHash } from './cache.ts';

const FILES = { 'go.mod': 'module it', 'cmd/main.go': 'package main', 'cmd/more.go': 'package main' };

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  writeFiles(folder, files);
  return folder;
}

describe('the hash of a folder', () => {
  test('is the same for the same files, wherever they lie and whenever they were written in whatever order', () => {
    const [one, two] = [folderWith(FILES), folderWith(Object.fromEntries(Object.entries(FILES).reverse()))];
    utimesSync(join(two, 'go.mod'), 1, 1);
    mkdirSync(join(two, 'empty'));
    expect(contentHash(two, ['linux'])).toBe(contentHash(one, ['linux']));
  });

  test.each([
    ['a content', { ...FILES, 'go.mod': 'module that' }],
    ['one file more', { ...FILES, 'empty.go': '' }],
    ['one file less', { 'go.mod': 'module it', 'cmd/main.go': 'package main' }],
    ['another folder', { 'go.mod': 'module it', 'other/main.go': 'package main', 'cmd/more.go': 'package main' }],
    ['text that is in another file', { ...FILES, 'go.mod': 'module', 'go.mod2': ' it' }],
  ])('is another one with %s', (_what, files) => {
    expect(contentHash(folderWith(files), [])).not.toBe(contentHash(folderWith(FILES), []));
  });

  test('is another one with another name', () => {
    const folder = folderWith(FILES);
    const before = contentHash(folder, []);
    renameSync(join(folder, 'cmd/more.go'), join(folder, 'cmd/less.go'));
    expect(contentHash(folder, [])).not.toBe(before);
  });

  test.each([[['linux', 'arm64']], [['linuxx64']], [['x64', 'linux']], [[]]])(
    'is another one with the words %j',
    (words) => {
      const folder = folderWith(FILES);
      expect(contentHash(folder, words)).not.toBe(contentHash(folder, ['linux', 'x64']));
    },
  );
});

test.each([
  [{ SITEWRIGHT_CACHE: '/base/own', XDG_CACHE_HOME: '/base/xdg' }, '/base/own'],
  [{ SITEWRIGHT_CACHE: '', XDG_CACHE_HOME: '/base/xdg' }, '/base/xdg/sitewright'],
  [{ SITEWRIGHT_CACHE: undefined, XDG_CACHE_HOME: '', HOME: '/base/home' }, '/base/home/.cache/sitewright'],
])('with %o the cache is %s, and is made', (variables, expected) => {
  const base = temporaryFolder();
  const placed = Object.entries(variables).map(([name, value]) => [name, value?.replace('/base', base)]);
  useEnv(Object.fromEntries(placed));
  expect(cacheDir()).toBe(expected.replace('/base', base));
  expect(statSync(cacheDir()).isDirectory()).toBe(true);
});
