import { setTimeout as sleep } from 'node:timers/promises';

const INTERVAL_MS = 200;

/**
 * Polls until `probe` gives something other than `undefined` or `false`.
 * @throws when `timeoutMs` have passed, naming what was waited for and the last error of the probe
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
      last = error;
    }
    if (Date.now() > deadline) {
      const reason = last instanceof Error ? `: ${last.message}` : '';
      throw new Error(`gave up after ${Math.round(timeoutMs / 1000)} s waiting until ${what}${reason}`);
    }
    await sleep(INTERVAL_MS);
  }
}
