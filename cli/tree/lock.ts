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
  if (!existsSync(file)) return { version: 1, files: {} };
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const { version, files } = parsed as Partial<Lock>;
  if (version !== 1 || typeof files !== 'object') {
    throw new Error(`${file}: 'version' must be 1, got ${String(version)}; use the sitewright that wrote it`);
  }
  return { version, files };
}
