import { type Files, LOCK_FILE, toLock } from '../../cli/tree/lock.ts';
import { writeTree } from '../../cli/tree/write.ts';

/** Files as a site is rendered: with their lock. */
export function locked(files: Readonly<Record<string, string>>): Files {
  const map = new Map(Object.entries(files));
  return new Map([...map, [LOCK_FILE, toLock(map)]]);
}

/** Three sites in an even or an odd version: files differ, come and go, and the third site is there in one of them. */
export function version(number: number): Map<string, Files> {
  const odd = number % 2 === 1;
  const files = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [
      index % 4 === 0 ? `cluster-${index}/${odd ? 'odd' : 'even'}.yaml` : `cluster-${index}/both.yaml`,
      `content of ${odd ? 'odd' : 'even'} ${index}\n`.repeat(20),
    ]),
  );
  return new Map([
    ['stg/site-a', locked(files)],
    ['stg/site-b', locked({ ...files, 'more.yaml': String(odd) })],
    ['prod/site-a', odd ? new Map() : locked(files)],
  ]);
}

// Run by itself, it writes one version after the other into a folder until it is killed: `node trees.ts FOLDER`.
if (import.meta.main) {
  const [folder = ''] = process.argv.slice(2);
  for (let number = 0; ; number += 1) {
    writeTree(folder, version(number));
    if (number === 0) process.stdout.write('written\n');
  }
}
