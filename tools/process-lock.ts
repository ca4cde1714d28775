import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Held by one process at a time; freed by {@link Disposable}. */
export type ProcessLock = Disposable;

/**
 * Takes a lock that is a folder with one file, named after its holder. What a run left that has ended is taken over.
 *
 * However many race for it, one gets it: a folder with its file in it takes the place of an empty one, never of a full
 * one, and who removes the file of a dead holder cannot meet that of a living one, which has another name.
 * @param what what the lock is for, for the message
 * @throws when a process that lives holds it
 */
export function lockProcess(dir: string, what: string): ProcessLock {
  const own = `${process.pid}-${startTime(process.pid)}`;
  const work = `${dir}.${process.pid}`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  try {
    writeFileSync(join(work, own), '');
    while (!take(work, dir)) removeDead(dir, what);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return { [Symbol.dispose]: () => free(dir, own) };
}

function take(work: string, dir: string): boolean {
  try {
    renameSync(work, dir);
    return true;
  } catch (error) {
    if (isFull(error)) return false;
    throw error;
  }
}

function removeDead(dir: string, what: string): void {
  for (const holder of holders(dir)) {
    const [pid = '', started = ''] = holder.split('-');
    if (started !== '' && startTime(Number(pid)) === started) {
      throw new Error(`${what} must not be in use, got process ${pid}; wait until it has finished`);
    }
    rmSync(join(dir, holder), { force: true });
  }
}

function free(dir: string, own: string): void {
  rmSync(join(dir, own), { force: true });
  try {
    rmdirSync(dir);
  } catch (error) {
    // Another process may have it by now, or have had it.
    if (!isFull(error) && (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function isFull(error: unknown): boolean {
  return ['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function holders(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** When a process was started, which tells a recycled id; empty when it has ended. */
function startTime(pid: number): string {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return '';
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // One that has ended stays listed until its parent asks for it.
    return fields[0] === 'Z' ? '' : (fields[19] ?? 'unknown');
  } catch {
    // No /proc on this system.
    return 'unknown';
  }
}
