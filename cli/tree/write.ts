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
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type Files, inTheWay, LOCK_FILE, readLock } from './lock.ts';

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
 * that whoever looks finds a folder as it was or as it becomes. Between the two renamings of a folder there is none for
 * an instant; the next run puts back what one that is killed just then has moved away.
 *
 * @param folders files of each folder, such as `stg/site-b`; an empty one removes what we own there
 * @param isStale whether a folder that has a lock and is not among `folders` loses what we own there
 * @throws when a file that is not ours is in the way of one of ours, or another run writes into the same tree
 */
export function writeTree(
  out: string,
  folders: ReadonlyMap<string, Files>,
  isStale: (folder: string) => boolean = () => false,
): WriteReport {
  const report = { added: 0, changed: 0, removed: 0 };
  mkdirSync(out, { recursive: true });
  const staging = join(out, STAGING);
  lockStaging(staging);
  try {
    recover(out, staging);
    const stale = lockedFolders(out).filter((folder) => !folders.has(folder) && isStale(folder));
    const wanted = [...folders, ...stale.map((folder) => [folder, new Map()] as const)];
    const pending = wanted.filter(([folder, files]) => stage(out, staging, folder, files, report));
    for (const [folder, files] of pending) swap(out, staging, folder, files.size > 0);
    return report;
  } finally {
    try {
      recover(out, staging);
    } finally {
      unlockStaging(staging);
    }
  }
}

/** The folders of a tree that have a lock, such as `stg/site-b`. */
export function lockedFolders(out: string): string[] {
  return subfolders(out)
    .flatMap((environment) => subfolders(join(out, environment)).map((site) => `${environment}/${site}`))
    .filter((folder) => existsSync(join(out, folder, LOCK_FILE)));
}

/** Puts a folder back that was moved away and not replaced, and clears everything else away. */
function recover(out: string, staging: string): void {
  const old = join(staging, 'old');
  for (const environment of subfolders(old)) {
    for (const site of subfolders(join(old, environment))) {
      const place = join(out, environment, site);
      if (!existsSync(place)) renameSync(join(old, environment, site), place);
    }
  }
  const gone = join(staging, 'gone');
  rmSync(gone, { recursive: true, force: true });
  // Out of the place that folders are put back from, before it loses one file after the other.
  if (existsSync(old)) renameSync(old, gone);
  rmSync(gone, { recursive: true, force: true });
  rmSync(join(staging, 'new'), { recursive: true, force: true });
}

/** Makes a folder's new version in the staging folder; returns whether it differs from the one in place. */
function stage(out: string, staging: string, folder: string, files: Files, report: Mutable<WriteReport>): boolean {
  const place = join(out, folder);
  for (const above of [dirname(place), place]) {
    if (existsSync(above) && !statSync(above).isDirectory()) throw foreignFile(above);
  }
  const owned = readLock(place).files;
  const present = listFiles(place);
  let differs = false;
  const same = new Set<string>();
  for (const [path, content] of files) {
    if (present.has(path) && readText(join(place, path)) === content) same.add(path);
    else {
      differs = true;
      if (path !== LOCK_FILE) report[present.has(path) ? 'changed' : 'added'] += 1;
    }
  }
  const foreign: string[] = [];
  for (const path of present) {
    if (same.has(path)) continue;
    if (path !== LOCK_FILE && !Object.hasOwn(owned, path)) foreign.push(path);
    else if (!files.has(path)) {
      differs = true;
      if (path !== LOCK_FILE) report.removed += 1;
    }
  }
  const obstacle = inTheWay(files, foreign);
  if (obstacle !== undefined) throw foreignFile(join(place, obstacle));
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

function foreignFile(path: string): Error {
  return new Error(`${path}: must not be there, got a file that is not ours; move or delete it`);
}

function swap(out: string, staging: string, folder: string, keepFolder: boolean): void {
  const place = join(out, folder);
  const next = join(staging, 'new', folder);
  const replaced = keepFolder || readdirSync(next).length > 0;
  // A folder that goes for good must not be put back when this run is killed before it has cleared away.
  const old = join(staging, replaced ? 'old' : 'gone', folder);
  mkdirSync(dirname(old), { recursive: true });
  mkdirSync(dirname(place), { recursive: true });
  if (existsSync(place)) renameSync(place, old);
  if (replaced) renameSync(next, place);
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

/**
 * Makes sure that one run writes into a tree at a time. Each leaves a mark before it looks for those of others, so that
 * of two that start together at least one sees the other. The marks of runs that have ended are cleared away.
 */
function lockStaging(staging: string): void {
  leaveMark(staging);
  for (const name of readdirSync(staging)) {
    const holder = Number(/^([0-9]+)\.pid$/.exec(name)?.[1] ?? process.pid);
    if (holder === process.pid) continue;
    if (isAlive(holder)) {
      unlockStaging(staging);
      throw new Error(`${staging}: must not be in use, got process ${holder}; wait until it has finished`);
    }
    rmSync(join(staging, name), { force: true });
  }
}

/** Makes the staging folder with our mark in it; again where another run that ends has just removed the folder. */
function leaveMark(staging: string): void {
  for (;;) {
    mkdirSync(staging, { recursive: true });
    try {
      writeFileSync(ownMark(staging), '');
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

/** Removes our mark, and the staging folder unless somebody else's mark or a folder to put back is in it. */
function unlockStaging(staging: string): void {
  rmSync(ownMark(staging), { force: true });
  try {
    rmdirSync(staging);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

function ownMark(staging: string): string {
  return join(staging, `${process.pid}.pid`);
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
    // A dangling link stands there, or a file that must not be read.
    return undefined;
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
