import { hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** File in each site's folder that says which files beside it are ours. */
export const LOCK_FILE = 'sitewright.lock.json';

/** Files of a site's folder by their path in it, with their contents. */
export type Files = ReadonlyMap<string, string>;

/** The lock of a site's folder. */
export interface Lock {
  /** Form of this file. */
  readonly version: 1;
  /** Hash of each file that we own, by its path in the folder. */
  readonly files: Readonly<Record<string, string>>;
}

/** Hash of a file's content, as the lock holds it. */
export function contentHash(content: string | Buffer): string {
  return `sha256:${hash('sha256', content, 'hex')}`;
}

/** The lock that belongs to some files, as text: sorted, so that the same files give the same bytes. */
export function toLock(files: Files): string {
  const entries = [...files].map(([path, content]) => [path, contentHash(content)] as const);
  const lock: Lock = { version: 1, files: Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))) };
  return `${JSON.stringify(lock, undefined, 2)}\n`;
}

/**
 * Reads the lock of a folder; one without a lock owns nothing.
 * @throws when the file is not a lock
 */
export function readLock(folder: string): Lock {
  const file = join(folder, LOCK_FILE);
  return existsSync(file) ? parseLock(readFileSync(file, 'utf8'), file) : { version: 1, files: {} };
}

/**
 * Understands the text of a lock.
 * @param where how an error message names it
 * @throws when it is not a lock, such as one with the marks of a merge conflict
 */
export function parseLock(text: string, where: string): Lock {
  const { version, files } = (parseObject(text) ?? {}) as Partial<Lock>;
  if (version !== undefined && version !== 1) {
    throw new Error(`${where}: 'version' must be 1, got ${String(version)}; use the sitewright that wrote it`);
  }
  if (version === undefined || typeof files !== 'object' || files === null) {
    throw new Error(`${where}: must be a lock of a site's folder, got something else; bring it back from git`);
  }
  return { version, files };
}

/**
 * The first of some foreign files that would have to go for `files` to be there: one of the same name, one where a
 * folder must be, or one in a folder that must be a file.
 */
export function inTheWay(files: Files, foreign: Iterable<string>): string | undefined {
  const folders = new Set([...files.keys()].flatMap(parents));
  for (const path of foreign) {
    if (files.has(path) || folders.has(path) || parents(path).some((parent) => files.has(parent))) return path;
  }
  return undefined;
}

/** The folders that a path lies in: `a` and `a/b` for `a/b/c`. */
function parents(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

function parseObject(text: string): object | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}
