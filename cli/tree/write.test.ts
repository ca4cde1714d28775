import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { readFiles, temporaryFolder, writeFiles } from '../../test/helpers/folders.ts';
import { locked } from '../../test/helpers/trees.ts';
import { LOCK_FILE } from './lock.ts';
import { writeTree } from './write.ts';

vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  return { ...real, renameSync: vi.fn(real.renameSync) };
});

const OLD = { 'a/one.yaml': 'one\n', 'a/two.yaml': 'two\n' };
const NEW = { 'a/one.yaml': 'ONE\n', 'b/three.yaml': 'three\n' };
const SITE = 'stg/site-b';

/** Writes the files of one site. */
function write(out: string, files: Readonly<Record<string, string>>) {
  return writeTree(out, new Map([[SITE, locked(files)]]));
}

/** The files of a site but for its lock, after a look at whether the lock fits. */
function siteFiles(out: string): Record<string, string> {
  const { [LOCK_FILE]: lock, ...files } = readFiles(join(out, SITE));
  expect(Object.keys(JSON.parse(lock ?? '{"files":{}}').files)).toEqual(
    Object.keys(files).filter((path) => !path.includes('foreign')),
  );
  return files;
}

describe('a write', () => {
  test('into nothing makes the folders and says what it added', () => {
    const out = join(temporaryFolder(), 'not', 'there');
    expect(write(out, OLD)).toEqual({ added: 2, changed: 0, removed: 0 });
    expect(siteFiles(out)).toEqual(OLD);
  });

  test('of something else changes, adds and removes', () => {
    const out = temporaryFolder();
    write(out, OLD);
    expect(write(out, NEW)).toEqual({ added: 1, changed: 1, removed: 1 });
    expect(siteFiles(out)).toEqual(NEW);
    expect(fs.readdirSync(out)).toEqual(['stg']);
  });

  test('of the same touches no file', () => {
    const out = temporaryFolder();
    write(out, OLD);
    const stats = () =>
      Object.keys(readFiles(out)).map((path) => {
        const { ino, mtimeNs, ctimeNs } = fs.statSync(join(out, path), { bigint: true });
        return [path, ino, mtimeNs, ctimeNs];
      });
    const before = stats();
    expect(write(out, OLD)).toEqual({ added: 0, changed: 0, removed: 0 });
    expect(stats()).toEqual(before);
  });

  test('repairs an owned file that was changed or deleted by hand', () => {
    const out = temporaryFolder();
    write(out, OLD);
    writeFiles(join(out, SITE), { 'a/one.yaml': 'by hand' });
    fs.rmSync(join(out, SITE, 'a/two.yaml'));
    expect(write(out, OLD)).toEqual({ added: 1, changed: 1, removed: 0 });
    expect(siteFiles(out)).toEqual(OLD);
  });

  test('replaces an owned file that was made a link, and does not write through it', () => {
    const out = temporaryFolder();
    write(out, OLD);
    writeFiles(out, { elsewhere: 'mine' });
    fs.rmSync(join(out, SITE, 'a/one.yaml'));
    fs.symlinkSync('../../../elsewhere', join(out, SITE, 'a/one.yaml'));
    write(out, NEW);
    expect(siteFiles(out)).toEqual(NEW);
    expect(fs.readFileSync(join(out, 'elsewhere'), 'utf8')).toBe('mine');
  });

  test('leaves the folders of other sites alone', () => {
    const out = temporaryFolder();
    writeTree(
      out,
      new Map([
        ['stg/site-a', locked(OLD)],
        [SITE, locked(OLD)],
      ]),
    );
    write(out, NEW);
    expect(readFiles(join(out, 'stg/site-a'))).toMatchObject(OLD);
  });

  test('of no files removes what is owned, folder and all', () => {
    const out = temporaryFolder();
    write(out, OLD);
    expect(writeTree(out, new Map([[SITE, new Map()]]))).toEqual({ added: 0, changed: 0, removed: 2 });
    expect(fs.existsSync(join(out, SITE))).toBe(false);
  });

  test('removes what is owned of folders that are stale, and asks of those with a lock alone', () => {
    const out = temporaryFolder();
    writeTree(
      out,
      new Map([
        ['prod/site-a', locked(OLD)],
        ['stg/site-a', locked(OLD)],
        [SITE, locked(OLD)],
      ]),
    );
    writeFiles(out, { 'stg/notes/read.me': 'foreign' });
    const asked: string[] = [];
    const report = writeTree(out, new Map([[SITE, locked(OLD)]]), (folder) => {
      asked.push(folder);
      return folder === 'stg/site-a';
    });
    expect(asked).toEqual(['prod/site-a', 'stg/site-a']);
    expect(report).toEqual({ added: 0, changed: 0, removed: 2 });
    expect(fs.readdirSync(join(out, 'stg')).sort()).toEqual(['notes', 'site-b']);
    expect(readFiles(join(out, 'prod/site-a'))).toMatchObject(OLD);
  });
});

describe('foreign files', () => {
  test('stay, with their inodes, when their folder changes', () => {
    const out = temporaryFolder();
    write(out, OLD);
    writeFiles(join(out, SITE), { 'a/foreign.yaml': 'mine', 'c/d/foreign': 'mine too' });
    const { ino } = fs.statSync(join(out, SITE, 'a/foreign.yaml'));
    write(out, NEW);
    expect(siteFiles(out)).toEqual({ ...NEW, 'a/foreign.yaml': 'mine', 'c/d/foreign': 'mine too' });
    expect(fs.statSync(join(out, SITE, 'a/foreign.yaml')).ino).toBe(ino);
  });

  test('stay when all that is owned goes', () => {
    const out = temporaryFolder();
    write(out, OLD);
    writeFiles(join(out, SITE), { 'a/foreign.yaml': 'mine' });
    writeTree(out, new Map([[SITE, new Map()]]));
    expect(readFiles(join(out, SITE))).toEqual({ 'a/foreign.yaml': 'mine' });
  });

  test.each(['foreign', '../../outside', 'a', 'nowhere'])('that are links stay what they are: to %s', (target) => {
    const out = temporaryFolder();
    write(out, OLD);
    fs.symlinkSync(target, join(out, SITE, 'link'));
    write(out, NEW);
    expect(fs.readlinkSync(join(out, SITE, 'link'))).toBe(target);
  });

  test('that say the same as what is written become owned', () => {
    const out = temporaryFolder();
    writeFiles(join(out, SITE), OLD);
    expect(write(out, OLD)).toEqual({ added: 0, changed: 0, removed: 0 });
    expect(siteFiles(out)).toEqual(OLD);
  });

  test.each([
    ['a file', 'a/one.yaml', (path: string) => fs.writeFileSync(path, 'mine')],
    ['a file where the folder of the site must be', '', (path: string) => fs.writeFileSync(path, 'mine')],
    ['a file where that of the environment must be', '..', (path: string) => fs.writeFileSync(path, 'mine')],
    ['a link', 'a/one.yaml', (path: string) => fs.symlinkSync('/etc/hostname', path)],
    ['a link to nowhere', 'a/one.yaml', (path: string) => fs.symlinkSync('nowhere', path)],
    ['a link to a folder', 'a/one.yaml', (path: string) => fs.symlinkSync('.', path)],
    ['a file where a folder must be', 'a', (path: string) => fs.writeFileSync(path, 'mine')],
    ['a file in a folder where a file must be', 'a/one.yaml/mine', (path: string) => fs.writeFileSync(path, 'mine')],
  ])('in the way are an error that names them, and nothing is written: %s', (_, path, make) => {
    const out = temporaryFolder();
    const place = join(out, SITE, path).replace(/\/$/, '');
    fs.mkdirSync(join(place, '..'), { recursive: true });
    make(place);
    expect(() => write(out, OLD)).toThrow(
      `${place}: must not be there, got a file that is not ours; move or delete it`,
    );
    expect(fs.lstatSync(place)).toBeDefined();
    expect(fs.existsSync(join(out, SITE, LOCK_FILE))).toBe(false);
    expect(fs.existsSync(join(out, '.sitewright'))).toBe(false);
  });
});

describe('one run at a time', () => {
  test('the mark of a process that runs is an error that names it', () => {
    const out = temporaryFolder();
    write(out, OLD);
    writeFiles(out, { [`.sitewright/${process.ppid}.pid`]: '' });
    const staging = join(out, '.sitewright');
    expect(() => write(out, NEW)).toThrow(
      `${staging}: must not be in use, got process ${process.ppid}; wait until it has finished`,
    );
    expect(siteFiles(out)).toEqual(OLD);
    expect(fs.readdirSync(staging)).toEqual([`${process.ppid}.pid`]);
  });

  test.each([
    ['has ended', () => spawnSync(process.execPath, ['--version']).pid],
    ['had our own number', () => process.pid],
  ])('the mark of a process that %s is taken over', (_, pid) => {
    const out = temporaryFolder();
    writeFiles(out, { [`.sitewright/${pid()}.pid`]: '' });
    write(out, NEW);
    expect(fs.readdirSync(out)).toEqual(['stg']);
  });
});

describe('when a folder cannot take its place', () => {
  test('the old one is put back', () => {
    const out = temporaryFolder();
    write(out, OLD);
    writeFiles(join(out, SITE), { foreign: 'mine' });
    const rename = vi.mocked(fs.renameSync);
    const real = rename.getMockImplementation();
    rename.mockImplementation((from, to) => {
      if (String(from).includes('.sitewright/new/')) throw new Error('disk on fire');
      real?.(from, to);
    });
    try {
      expect(() => write(out, NEW)).toThrow('disk on fire');
    } finally {
      rename.mockImplementation(real as typeof fs.renameSync);
    }
    expect(siteFiles(out)).toEqual({ ...OLD, foreign: 'mine' });
    expect(fs.readdirSync(out)).toEqual(['stg']);
  });
});
