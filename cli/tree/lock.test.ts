import { describe, expect, test } from 'vitest';
import { temporaryFolder, writeFiles } from '../../test/helpers/folders.ts';
import { contentHash, inTheWay, LOCK_FILE, parseLock, readLock, toLock } from './lock.ts';

test('a content has the same hash as text and as bytes', () => {
  expect(contentHash('abc')).toBe('sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(contentHash(Buffer.from('ä'))).toBe(contentHash('ä'));
});

test('the same files give the same lock, in whatever order they come', () => {
  const files: [string, string][] = [
    ['b/two.yaml', '2'],
    ['a/one.yaml', '1'],
    ['B/three.yaml', '3'],
  ];
  expect(toLock(new Map(files))).toBe(toLock(new Map([...files].reverse())));
  expect(Object.keys(JSON.parse(toLock(new Map(files))).files)).toEqual(['B/three.yaml', 'a/one.yaml', 'b/two.yaml']);
});

test('a lock that was written is read back', () => {
  const folder = temporaryFolder();
  writeFiles(folder, { [LOCK_FILE]: toLock(new Map([['a.yaml', '1']])) });
  expect(readLock(folder)).toEqual({ version: 1, files: { 'a.yaml': contentHash('1') } });
});

test('a folder without a lock owns nothing', () => {
  expect(readLock(temporaryFolder())).toEqual({ version: 1, files: {} });
});

test('the lock of another version is an error that names it', () => {
  expect(() => parseLock('{"version":2,"files":{}}', 'stg/site-b/lock')).toThrow(
    "stg/site-b/lock: 'version' must be 1, got 2; use the sitewright that wrote it",
  );
});

test.each(['', '<<<<<<< HEAD\n{}', 'null', '[]', '{}', '{"version":1}', '{"version":1,"files":null}'])(
  'a text that is no lock is an error that names it: %s',
  (text) => {
    const folder = temporaryFolder();
    writeFiles(folder, { [LOCK_FILE]: text });
    expect(() => readLock(folder)).toThrow(
      `${folder}/${LOCK_FILE}: must be a lock of a site's folder, got something else; bring it back from git`,
    );
  },
);

describe('in the way', () => {
  const files = new Map([
    ['a/b/one.yaml', ''],
    ['two.yaml', ''],
  ]);

  test.each(['two.yaml', 'a', 'a/b', 'a/b/one.yaml', 'two.yaml/below'])('is %s', (path) => {
    expect(inTheWay(files, ['free', path])).toBe(path);
  });

  test('are no files beside ours', () => {
    expect(inTheWay(files, ['a/b/two.yaml', 'a/bc', 'two.yml', 'ab'])).toBeUndefined();
  });
});
