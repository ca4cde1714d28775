import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readFiles, temporaryFolder, writeFiles } from '../../test/helpers/folders.ts';
import { locked, version } from '../../test/helpers/trees.ts';
import { contentHash, type Files, LOCK_FILE } from './lock.ts';
import { writeTree } from './write.ts';

const SITE = 'stg/site-b';
const OLD = locked({ 'a/one.yaml': 'one\n', 'a/two.yaml': 'two\n' });
const NEW = locked({ 'a/one.yaml': 'ONE\n', 'b/three.yaml': 'three\n' });
const FOREIGN = { 'a/notes.txt': 'mine' };

/** A tree with one site in the old version, and what a run has left behind in its staging folder. */
function interrupted(leave: (place: string, staging: string) => void): string {
  const out = temporaryFolder();
  writeTree(out, new Map([[SITE, OLD]]));
  writeFiles(join(out, SITE), FOREIGN);
  leave(join(out, SITE), join(out, '.sitewright'));
  return out;
}

function move(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  renameSync(from, to);
}

/** What an interrupted write can have left, in the order in which it comes to be. */
const STATES: readonly [string, (place: string, staging: string) => void][] = [
  ['a half-made new folder', (_, staging) => writeFiles(join(staging, 'new', SITE), { 'a/one.yaml': 'ON' })],
  [
    'the old folder moved away',
    (place, staging) => {
      writeFiles(join(staging, 'new', SITE), Object.fromEntries(NEW));
      move(place, join(staging, 'old', SITE));
    },
  ],
  [
    'the new folder in place, the old one not cleared away',
    (place, staging) => {
      writeTree(dirname(dirname(place)), new Map([[SITE, NEW]]));
      writeFiles(join(staging, 'old', SITE), Object.fromEntries(OLD));
    },
  ],
  [
    'the old folder half cleared away',
    (place, staging) => {
      cpSync(place, join(staging, 'gone', SITE), { recursive: true });
      rmSync(join(staging, 'gone', SITE, LOCK_FILE));
    },
  ],
];

test.each(STATES)('the next write ends right after one that left %s', (_, leave) => {
  const out = interrupted(leave);
  writeTree(out, new Map([[SITE, NEW]]));
  expect(readFiles(join(out, SITE))).toEqual({ ...Object.fromEntries(NEW), ...FOREIGN });
  expect(readdirSync(out)).toEqual(['stg']);
});

test.each(STATES)('the next write of something else repairs one that left %s', (_, leave) => {
  const out = interrupted(leave);
  writeTree(out, new Map([['prod/site-a', NEW]]));
  const files = readFiles(join(out, SITE));
  expect([
    { ...Object.fromEntries(OLD), ...FOREIGN },
    { ...Object.fromEntries(NEW), ...FOREIGN },
  ]).toContainEqual(files);
  expect(readdirSync(out).sort()).toEqual(['prod', 'stg']);
});

test('a site whose removal was interrupted does not come back in parts', () => {
  const out = interrupted((place, staging) => {
    rmSync(join(place, 'a/notes.txt'));
    move(place, join(staging, 'gone', SITE));
    rmSync(join(staging, 'gone', SITE, LOCK_FILE));
  });
  writeTree(out, new Map([['prod/site-a', NEW]]));
  expect(existsSync(join(out, SITE))).toBe(false);
});

test('a stale site that was moved away is found and removed', () => {
  const out = interrupted((place, staging) => move(place, join(staging, 'old', SITE)));
  writeTree(out, new Map(), (folder) => folder === SITE);
  expect(readFiles(join(out, SITE))).toEqual(FOREIGN);
});

test('a run that is killed at any moment leaves each folder as it was or as it becomes', async () => {
  const out = temporaryFolder();
  writeTree(out, version(0));
  writeFiles(join(out, 'stg/site-a'), FOREIGN);
  for (let round = 0; round < 20; round += 1) {
    await killWriter(out, (round * 37) % 61);
    for (const folder of version(0).keys()) expectWhole(out, folder);
  }
  writeTree(out, version(1));
  for (const [folder, files] of version(1)) {
    const foreign = folder === 'stg/site-a' ? FOREIGN : {};
    const present = existsSync(join(out, folder)) ? readFiles(join(out, folder)) : {};
    expect(present).toEqual({ ...Object.fromEntries(files), ...foreign });
  }
  expect(readdirSync(out).sort()).toEqual(['prod', 'stg']);
});

/** Starts a process that writes one version after the other, and kills it some time after the first. */
async function killWriter(out: string, milliseconds: number): Promise<void> {
  const script = join(import.meta.dirname, '../../test/helpers/trees.ts');
  const writer = spawn(process.execPath, [script, out], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => writer.once('close', resolve));
  await new Promise((resolve) => writer.stdout.once('data', resolve));
  await sleep(milliseconds);
  writer.kill('SIGKILL');
  await ended;
  expect(writer.signalCode).toBe('SIGKILL');
}

/** Expects a folder to be one of its two versions, by its own lock and by ours, or moved away as a whole. */
function expectWhole(out: string, folder: string): void {
  const versions = [0, 1].map((number) => version(number).get(folder) as Files);
  const inPlace = join(out, folder);
  const movedAway = join(out, '.sitewright/old', folder);
  const place = existsSync(inPlace) ? inPlace : movedAway;
  if (!existsSync(place)) {
    expect(versions.some(({ size }) => size === 0)).toBe(true);
    return;
  }
  const { 'a/notes.txt': foreign, ...files } = readFiles(place);
  expect(foreign).toBe(folder === 'stg/site-a' ? 'mine' : undefined);
  expect(versions.map((entry) => Object.fromEntries(entry))).toContainEqual(files);
  const { [LOCK_FILE]: lock = '', ...contents } = files;
  const hashes = Object.entries(contents).map(([path, content]) => [path, contentHash(content)]);
  expect(JSON.parse(lock).files).toEqual(Object.fromEntries(hashes));
}
