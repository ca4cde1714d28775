import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HopelessError, waitFor } from './wait.ts';

// Fake timers do not reach this module: it gets the ones that they do.
vi.mock('node:timers/promises', () => ({ setTimeout: (ms: number) => new Promise((done) => setTimeout(done, ms)) }));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A probe that gives one answer after the other, and the last one for ever; errors are thrown. */
function answers(...list: unknown[]) {
  return vi.fn<() => unknown>(() => {
    const answer = list.length > 1 ? list.shift() : list[0];
    if (answer instanceof Error) throw answer;
    return answer;
  });
}

/** What waiting gives or fails with, once so much time has passed. */
async function outcome(waiting: Promise<unknown>, milliseconds: number): Promise<unknown> {
  const settled = waiting.catch((error: unknown) => error);
  const late = Symbol('still waiting');
  await vi.advanceTimersByTimeAsync(milliseconds);
  return Promise.race([settled, Promise.resolve(late)]);
}

test.each([[0], [''], [null], ['value'], [{}]])('%j is an answer, at once', async (value) => {
  const probe = answers(value);
  expect(await outcome(waitFor('it is there', 1_000, probe), 0)).toEqual(value);
  expect(probe).toHaveBeenCalledTimes(1);
});

test('undefined, false and errors are asked again for', async () => {
  const probe = answers(undefined, false, new Error('not yet'), 'there');
  expect(await outcome(waitFor('it is there', 1_000, probe), 600)).toBe('there');
  expect(probe).toHaveBeenCalledTimes(4);
});

test('after its time the error names what was waited for and the last reason', async () => {
  const probe = answers(new Error('first'), new Error('last'), undefined);
  expect(await outcome(waitFor('it is there', 30_000, probe), 31_000)).toEqual(
    new Error('gave up after 30 s waiting until it is there: last'),
  );
});

test('without any error there is no reason', async () => {
  expect(await outcome(waitFor('it is there', 2_000, answers(undefined)), 3_000)).toEqual(
    new Error('gave up after 2 s waiting until it is there'),
  );
});

test('even without time it is asked once', async () => {
  expect(await outcome(waitFor('it is there', 0, answers('there')), 0)).toBe('there');
});

test('an error that waiting does not mend ends it at once', async () => {
  const probe = answers(undefined, new HopelessError('git has ended'), 'there');
  expect(await outcome(waitFor('it is there', 30_000, probe), 200)).toEqual(new HopelessError('git has ended'));
  expect(probe).toHaveBeenCalledTimes(2);
});
