import { setTimeout as sleep } from 'node:timers/promises';

const INTERVAL_MS = 200;

/** An error that waiting does not mend. */
export class HopelessError extends Error {
  override readonly name = 'HopelessError';
}

/**
 * Polls until `probe` gives something other than `undefined` or `false`.
 * @throws HopelessError of the probe at once; when `timeoutMs` have passed, naming what was waited for and the probe's
 * last error
 */
export async function waitFor<T>(
  what: string,
  timeoutMs: number,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      if (error instanceof HopelessError) throw error;
      last = error;
    }
    if (Date.now() > deadline) {
      const reason = last instanceof Error ? `: ${last.message}` : '';
      throw new Error(`gave up after ${Math.round(timeoutMs / 1000)} s waiting until ${what}${reason}`);
    }
    await sleep(INTERVAL_MS);
  }
}
