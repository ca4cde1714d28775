import { once } from 'node:events';
import { lockProcess } from '../../tools/process-lock.ts';

/**
 * Takes locks in a process of its own: `node LOCKER LOCK…` prints `ready` and waits for a line with a start time in
 * milliseconds. Then it tries one lock after the other, as all processes with the same start time do at the same
 * moments, prints a line for each and `done`, and keeps what it has until it is killed.
 */
export const LOCKER = import.meta.filename;

/** How long it is one lock's turn, in milliseconds. */
const ROUND_MS = 3;

if (import.meta.main) {
  console.log('ready');
  const [start] = (await once(process.stdin, 'data')) as [Buffer];
  for (const [round, lock] of process.argv.slice(2).entries()) {
    while (Date.now() < Number(start) + round * ROUND_MS);
    try {
      lockProcess(lock, 'the lock');
      console.log('mine');
    } catch (error) {
      console.log((error as Error).message);
    }
  }
  console.log('done');
  process.stdin.resume().on('end', () => process.exit());
}
