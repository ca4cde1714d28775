import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { readFiles, temporaryFolder } from '../test/helpers/folders.ts';
import { lockProcess } from './process-lock.ts';

const LOCKER = join(import.meta.dirname, '../test/helpers/locker.ts');

/** A process that has taken what it can of some locks, with what it said about each. */
async function locker(locks: readonly string[], start = 0) {
  const child = spawn(process.execPath, [LOCKER, String(start), ...locks], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'done') break;
    said.push(line);
  }
  const kill = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { pid: child.pid, said, kill };
}

/** What a process that was killed leaves of its locks. */
async function abandoned(...locks: string[]): Promise<void> {
  const holder = await locker(locks);
  expect(new Set(holder.said)).toEqual(new Set(['mine']));
  await holder.kill();
}

test('a lock that a living process holds is an error that names the process', async () => {
  const lock = join(temporaryFolder(), 'in-use');
  const holder = await locker([lock]);
  expect(() => lockProcess(lock, '/state')).toThrow(
    new Error(`/state must not be in use, got process ${holder.pid}; wait until it has finished`),
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
  expect((await locker([lock])).said).toEqual([expect.stringContaining(`got process ${process.pid};`)]);
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
  const script = `"${process.execPath}" "${LOCKER}" 0 "${lock}" </dev/null & exec sleep 60`;
  const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void parent.kill());
  const lines = createInterface({ input: parent.stdout });
  await once(lines, 'line');
  await expect
    .poll(() => {
      using held = lockProcess(lock, '/state');
      return held;
    })
    .toBeDefined();
});

test('the one that comes late does not free the lock of the one that took it over', () => {
  const lock = join(temporaryFolder(), 'in-use');
  const late = lockProcess(lock, '/state');
  late[Symbol.dispose]();
  using _held = lockProcess(lock, '/state');
  mkdirSync(join(lock, 'of-somebody-else'));
  expect(() => late[Symbol.dispose]()).not.toThrow();
  expect(readdirSync(lock)).toContain('of-somebody-else');
});

test('of all that race for locks of a dead process, one gets each', async () => {
  const folder = temporaryFolder();
  const locks = Array.from({ length: 250 }, (_, index) => join(folder, String(index)));
  await abandoned(...locks);
  const start = Date.now() + 1_000;
  const racers = await Promise.all([1, 2, 3].map(() => locker(locks, start)));
  const winners = locks.map((_, round) => racers.filter(({ said }) => said[round] === 'mine').length);
  expect(winners).toEqual(locks.map(() => 1));
  // It was a race: no one has won them all.
  for (const { said } of racers) expect(said).toContainEqual(expect.stringContaining('must not be in use'));
});
