import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Held by one process at a time; freed by {@link Disposable}. */
export type ProcessLock = Disposable;

/**
 * Takes a lock that is a file with the holder's process id. What a run left that has ended is taken over.
 * @param what what the lock is for, for the message
 * @throws when a process that lives holds it
 */
export function lockProcess(file: string, what: string): ProcessLock {
  mkdirSync(dirname(file), { recursive: true });
  for (let attempt = 0; ; attempt += 1) {
    try {
      writeFileSync(file, `${process.pid} ${startTime(process.pid)}`, { flag: 'wx' });
      return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 0) throw error;
    }
    const [pid = '', started = ''] = readHolder(file);
    if (Number(pid) !== process.pid && startTime(Number(pid)) === started && started !== '') {
      throw new Error(`${what} must not be in use, got process ${pid}; wait until it has finished`);
    }
    rmSync(file, { force: true });
  }
}

function readHolder(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split(' ');
  } catch {
    return [];
  }
}

/** When a process was started, which tells a recycled id; empty when it does not live. */
function startTime(pid: number): string {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return '';
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 'unknown';
  } catch {
    // No /proc on this system.
    return 'unknown';
  }
}
