import { readFileSync } from 'node:fs';
import { expect } from 'vitest';

/** Asks until the answer is the expected one, for as long as a busy machine may take. */
export function poll<T>(ask: () => T | Promise<T>) {
  return expect.poll(ask, { timeout: 30_000, interval: 20 });
}

/** Whether a process runs; one that has ended and that its parent has not asked for yet does not. */
export function lives(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
