import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { readFiles, temporaryFolder } from '../test/helpers/folders.ts';
import { LOCKER } from '../test/helpers/locker.ts';
import { poll } from '../test/helpers/processes.ts';
import { lockProcess } from './process-lock.ts';

/** Processes that have tried the same locks at the same moments, with what each says about each lock. */
async function lockers(count: number, locks: readonly string[]) {
  const children = Array.from({ length: count }, () => {
    const child = spawn(process.execPath, [LOCKER, ...locks], { stdio: ['pipe', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
  });
  for (const { lines } of children) await lines.next();
  const start = Date.now() + 10;
  for (const { child } of children) child.stdin.write(`${start}\n`);
  return Promise.all(
    children.map(async ({ child, lines }) => {
      const said: string[] = [];
      for (let line = await lines.next(); line.done !== true && line.value !== 'done'; line = await lines.next()) {
        said.push(line.value);
      }
      const kill = async () => {
        child.kill('SIGKILL');
        await once(child, 'exit');
      };
      return { pid: child.pid, said, kill };
    }),
  );
}

/** What a process that was killed leaves of its locks. */
async function abandoned(...locks: string[]): Promise<void> {
  const [holder] = await lockers(1, locks);
  expect(new Set(holder?.said)).toEqual(new Set(['mine']));
  await holder?.kill();
}

test('a lock that a living process holds is an error that names the process', async () => {
  const lock = join(temporaryFolder(), 'in-use');
  const [holder] = await lockers(1, [lock]);
  expect(() => lockProcess(lock, '/state')).toThrow(
    new Error(`/state must not be in use, got process ${holder?.pid}; wait until it has finished`),
  );
});

test('a process cannot take its own lock again before it has freed it', () => {
  const lock = join(temporaryFolder(), 'in-use');
  using _held = lockProcess(lock, '/state');
  expect(() => lockProcess(lock, '/state')).toThrow(`got process ${process.pid};`);
});

test('a lock is freed by whoever holds it, and leaves nothing', () => {
  const folder = temporaryFolder();
  const lock = join(folder, 'state', 'in-use');
  for (let run = 0; run < 2; run += 1) {
    using _held = lockProcess(lock, '/state');
  }
  expect(readdirSync(join(folder, 'state'))).toEqual([]);
});

test('a lock that is refused stays as it was', () => {
  const folder = temporaryFolder();
  const lock = join(folder, 'in-use');
  using _held = lockProcess(lock, '/state');
  const before = readFiles(folder);
  expect(() => lockProcess(lock, '/state')).toThrow('must not be in use');
  expect(readFiles(folder)).toEqual(before);
});

test('the lock of a process that was killed is taken over', async () => {
  const lock = join(temporaryFolder(), 'in-use');
  await abandoned(lock);
  using _held = lockProcess(lock, '/state');
  const [other] = await lockers(1, [lock]);
  expect(other?.said).toEqual([expect.stringContaining(`got process ${process.pid};`)]);
});

test('a process id that belongs to another process by now does not hold a lock', () => {
  const lock = join(temporaryFolder(), 'in-use');
  mkdirSync(lock);
  writeFileSync(join(lock, `${process.ppid}-1`), '');
  using _held = lockProcess(lock, '/state');
  expect(readdirSync(lock)).toHaveLength(1);
});

test('a process that has ended and that nobody has asked for holds no lock', async () => {
  const lock = join(temporaryFolder(), 'in-use');
  // The shell becomes a program that does not ask for its children.
  const script = `echo 0 | "${process.execPath}" "${LOCKER}" "${lock}" & exec sleep 60`;
  const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void parent.kill());
  const lines = createInterface({ input: parent.stdout })[Symbol.asyncIterator]();
  const said = [(await lines.next()).value, (await lines.next()).value, (await lines.next()).value];
  expect(said).toEqual(['ready', 'mine', 'done']);
  await poll(() => {
    using held = lockProcess(lock, '/state');
    return held;
  }).toBeDefined();
});

test('what another one takes while it is freed stays with that one', () => {
  const lock = join(temporaryFolder(), 'in-use');
  const held = lockProcess(lock, '/state');
  writeFileSync(join(lock, 'of-another-one'), '');
  held[Symbol.dispose]();
  expect(readdirSync(lock)).toEqual(['of-another-one']);
});

test('of all that race for locks of a dead process, one gets each', async () => {
  const folder = temporaryFolder();
  const locks = Array.from({ length: 150 }, (_, index) => join(folder, String(index)));
  await abandoned(...locks);
  const racers = await lockers(3, locks);
  const winners = locks.map((_, round) => racers.filter(({ said }) => said[round] === 'mine').length);
  expect(winners).toEqual(locks.map(() => 1));
  // It was a race: nobody has won them all.
  for (const { said } of racers) expect(said).toContainEqual(expect.stringContaining('must not be in use'));
});
