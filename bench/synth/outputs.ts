import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { LOCK_FILE } from '../../cli/tree/lock.ts';

/** A file with the hash of its content. */
interface WrittenObject {
  readonly file: string;
  readonly hash: string;
}

/**
 * Makes sure that folders hold the same objects in the same bytes, each as often as the first folder does. Files may
 * have other names, since stock cdk8s has its own.
 * @throws when they do not, or the first one does not hold `count` objects
 */
export function assertSameObjects([first = '', ...others]: readonly string[], count: number): void {
  const wanted = objectsIn(first);
  if (wanted.length !== count) {
    throw new Error(`${first}: must hold ${count} objects, got ${wanted.length}; keep their paths apart`);
  }
  for (const folder of others) {
    const found = objectsIn(folder);
    const odd = found.find((object, index) => object.hash !== wanted[index]?.hash);
    if (odd === undefined && found.length === count) continue;
    const got = odd === undefined ? `${found.length} of ${count}` : `another one in ${odd.file}`;
    throw new Error(`${folder}: must hold the objects of ${first}, got ${got}; make both render the same`);
  }
}

/** Sorted by hash, so that the same objects give the same list. */
function objectsIn(folder: string): WrittenObject[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== LOCK_FILE)
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ file: relative(folder, file), hash: hash('sha256', readFileSync(file)) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1));
}
