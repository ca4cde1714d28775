import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The project's root. */
export const PROJECT_DIR = join(import.meta.dirname, '..');

/** Folder of the user for what can be made again: `SITEWRIGHT_CACHE`, else below the XDG cache folder. */
export function cacheDir(): string {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const dir = process.env.SITEWRIGHT_CACHE || join(base, 'sitewright');
  mkdirSync(dir, { recursive: true });
  return dir;
}

/** Hash of the files of a folder (not of its folders' names or times) and of some words. */
export function contentHash(dir: string, words: readonly string[]): string {
  const hash = createHash('sha256');
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  for (const path of paths)
    hash
      .update(`${path.slice(dir.length)}\0`)
      .update(readFileSync(path))
      .update('\0');
  for (const word of words) hash.update(`${word}\0`);
  return hash.digest('hex').slice(0, 16);
}
