import {
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type Files, LOCK_FILE, readLock } from './lock.ts';

/** Folder in the tree that new folders are made in before they take the place of the old ones. */
const STAGING = '.sitewright';

/** How many files a write touched. */
export interface WriteReport {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/**
 * Writes sites' folders into a tree. What the lock of a folder names and is no longer rendered goes away; files that it
 * does not name stay as they are. All folders are made beside the tree first and then take their places by renaming, so
 * that whoever looks, at whatever moment, finds a folder as it was or as it becomes.
 *
 * @param folders files of each folder, such as `stg/site-b`; an empty one removes what we own there
 * @throws when a file that is not ours is in the way of one of ours, or another run writes into the same tree
 */
export function writeTree(out: string, folders: ReadonlyMap<string, Files>): WriteReport {
  const report = { added: 0, changed: 0, removed: 0 };
  mkdirSync(out, { recursive: true });
  const staging = join(out, STAGING);
  lockStaging(staging);
  try {
    recover(out, staging);
    const pending = [...folders].filter(([folder, files]) => stage(out, staging, folder, files, report));
    for (const [folder, files] of pending) swap(out, staging, folder, files.size > 0);
    return report;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** The folders of a tree that have a lock, such as `stg/site-b`. */
export function lockedFolders(out: string): string[] {
  return subfolders(out)
    .flatMap((environment) => subfolders(join(out, environment)).map((site) => `${environment}/${site}`))
    .filter((folder) => existsSync(join(out, folder, LOCK_FILE)));
}

/** Puts a folder back that an interrupted run had moved away and not yet replaced. */
function recover(out: string, staging: string): void {
  const old = join(staging, 'old');
  for (const environment of subfolders(old)) {
    for (const site of subfolders(join(old, environment))) {
      const place = join(out, environment, site);
      if (!existsSync(place)) renameSync(join(old, environment, site), place);
    }
  }
  rmSync(old, { recursive: true, force: true });
  rmSync(join(staging, 'new'), { recursive: true, force: true });
}

/** Makes a folder's new version in the staging folder; returns whether it differs from the one in place. */
function stage(out: string, staging: string, folder: string, files: Files, report: Mutable<WriteReport>): boolean {
  const place = join(out, folder);
  const owned = readLock(place).files;
  const present = listFiles(place);
  let differs = false;
  for (const [path, content] of files) {
    const before = present.has(path) ? readText(join(place, path)) : undefined;
    if (before === content) continue;
    if (before !== undefined && path !== LOCK_FILE && !Object.hasOwn(owned, path)) {
      throw new Error(`${join(place, path)}: must not be there, got a file that is not ours; move or delete it`);
    }
    differs = true;
    if (path !== LOCK_FILE) report[before === undefined ? 'added' : 'changed'] += 1;
  }
  const foreign: string[] = [];
  for (const path of present) {
    if (files.has(path)) continue;
    if (path !== LOCK_FILE && !Object.hasOwn(owned, path)) {
      foreign.push(path);
      continue;
    }
    differs = true;
    if (path !== LOCK_FILE) report.removed += 1;
  }
  if (!differs) return false;
  const target = join(staging, 'new', folder);
  mkdirSync(target, { recursive: true });
  const made = new Set<string>();
  const makeParent = (path: string) => {
    const parent = dirname(path);
    if (!made.has(parent)) mkdirSync(join(target, parent), { recursive: true });
    made.add(parent);
  };
  for (const [path, content] of files) {
    makeParent(path);
    writeFileSync(join(target, path), content);
  }
  for (const path of foreign) {
    makeParent(path);
    keep(join(place, path), join(target, path));
  }
  return true;
}

function swap(out: string, staging: string, folder: string, keepFolder: boolean): void {
  const place = join(out, folder);
  const old = join(staging, 'old', folder);
  const next = join(staging, 'new', folder);
  mkdirSync(dirname(old), { recursive: true });
  mkdirSync(dirname(place), { recursive: true });
  if (existsSync(place)) renameSync(place, old);
  if (keepFolder || readdirSync(next).length > 0) renameSync(next, place);
}

/** Takes a foreign file along: the same file under a new name where the file system can, else a copy. */
function keep(from: string, to: string): void {
  if (lstatSync(from).isSymbolicLink()) {
    symlinkSync(readlinkSync(from), to);
    return;
  }
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

/** Makes sure that one run writes into a tree at a time; the mark of a run that has ended is taken over. */
function lockStaging(staging: string): void {
  const mark = join(staging, 'pid');
  mkdirSync(staging, { recursive: true });
  try {
    writeFileSync(mark, String(process.pid), { flag: 'wx' });
    return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const holder = Number(readFileSync(mark, 'utf8'));
  if (holder > 0 && holder !== process.pid && isAlive(holder)) {
    throw new Error(`${staging}: must not be in use, got process ${holder}; wait until it has finished`);
  }
  writeFileSync(mark, String(process.pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function listFiles(folder: string): Set<string> {
  if (!existsSync(folder)) return new Set();
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return new Set(files.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)));
}

function subfolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && entry.name !== STAGING).map(({ name }) => name);
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // A folder or a dangling link stands there.
    return undefined;
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
