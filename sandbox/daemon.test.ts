import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../test/helpers/folders.ts';
import { lives, poll } from '../test/helpers/processes.ts';
import { type Daemon, daemonPid, hasEnded, Launcher, processName, stopDaemon } from './daemon.ts';

/** Says when it is ready, and takes far longer than a test. */
const WAITS = 'echo ready; for time in $(seq 1000); do sleep 0.02; done';
const IS_ROOT = process.getuid?.() === 0;

function testDaemon(command: readonly string[] = ['sleep', '60'], more: Partial<Daemon> = {}): Daemon {
  const folder = temporaryFolder();
  const daemon = {
    name: 'it',
    command,
    pidFile: join(folder, 'run', 'it.pid'),
    logFile: join(folder, 'log', 'it.log'),
    ...more,
  };
  onTestFinished(() => {
    const pid = daemonPid(daemon.pidFile);
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  });
  return daemon;
}

/** Starts a daemon and waits until it is the program that it should be; returns its process id. */
async function start(daemon: Daemon, launcher = new Launcher()): Promise<number> {
  launcher.start(daemon);
  const { pidFile, command } = daemon;
  await poll(() => processName(daemonPid(pidFile) ?? 0)).toBe(command[0]);
  return daemonPid(pidFile) ?? 0;
}

/** A process that has nothing to do with the sandbox. */
function stranger(): number {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child.pid ?? 0;
}

function log({ logFile }: Daemon): string {
  return readFileSync(logFile, 'utf8');
}

describe('a daemon', () => {
  test('is started as what it is, in a session of its own, and recorded', async () => {
    const daemon = testDaemon();
    const launcher = new Launcher();
    const pid = await start(daemon, launcher);
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
    expect(stat[5]).toBe(String(pid));
    expect(launcher.started).toEqual(['it']);
    expect(hasEnded(daemon.pidFile)).toBe(false);
  });

  test('that runs is not started again', async () => {
    const daemon = testDaemon();
    const pid = await start(daemon);
    const launcher = new Launcher();
    launcher.start(daemon);
    expect(launcher.started).toEqual([]);
    expect(daemonPid(daemon.pidFile)).toBe(pid);
  });

  test('that has ended is started again', async () => {
    const daemon = testDaemon();
    const pid = await start(daemon);
    process.kill(pid, 'SIGKILL');
    await poll(() => hasEnded(daemon.pidFile)).toBe(true);
    expect(await start(daemon)).not.toBe(pid);
  });

  test('writes both its outputs to the end of its log, which its owner alone may read', async () => {
    const daemon = testDaemon(['sh', '-c', 'echo "out $NAME"; echo err >&2'], { env: { NAME: 'value' } });
    new Launcher().start(daemon);
    await poll(() => hasEnded(daemon.pidFile)).toBe(true);
    new Launcher().start(daemon);
    await poll(() => log(daemon)).toBe('out value\nerr\nout value\nerr\n');
    expect(statSync(daemon.logFile).mode & 0o777).toBe(0o600);
  });

  test('whose program is not there has ended, and its log says why', async () => {
    const daemon = testDaemon(['sitewright-no-such-program']);
    new Launcher().start(daemon);
    await poll(() => hasEnded(daemon.pidFile)).toBe(true);
    await poll(() => log(daemon)).toContain('sitewright-no-such-program: not found');
  });

  test('gets its arguments as they are', async () => {
    const daemon = testDaemon(['printf', '[%s]', 'with space', '$HOME', '"', '']);
    new Launcher().start(daemon);
    await poll(() => hasEnded(daemon.pidFile) && log(daemon)).toBe('[with space][$HOME]["][]');
  });

  test('is not started any more once the run is aborted', () => {
    const daemon = testDaemon();
    const launcher = new Launcher(AbortSignal.abort(new Error('interrupted')));
    expect(() => launcher.start(daemon)).toThrow(new Error('interrupted'));
    expect(launcher.started).toEqual([]);
    expect(existsSync(daemon.logFile)).toBe(false);
  });

  test('is recorded whole or not at all', async () => {
    const daemon = testDaemon();
    new Launcher().start(daemon);
    const seen = new Set<boolean>();
    for (const end = Date.now() + 300; Date.now() < end && daemonPid(daemon.pidFile) === undefined; ) {
      seen.add(hasEnded(daemon.pidFile));
      await new Promise(setImmediate);
    }
    expect(seen).not.toContain(true);
  });
});

describe('what is recorded', () => {
  test('is not taken for another process that has the id by now, which is not stopped either', async () => {
    const pidFile = join(temporaryFolder(), 'it.pid');
    const other = stranger();
    writeFileSync(pidFile, `${other} 1`);
    expect(daemonPid(pidFile)).toBeUndefined();
    expect(await stopDaemon(pidFile)).toBe(false);
    expect(existsSync(pidFile)).toBe(false);
    expect(lives(other)).toBe(true);
  });

  test.each(['', 'no number', '1', '-1 -1', '999999999 1'])('as %j is no process', async (content) => {
    const pidFile = join(temporaryFolder(), 'it.pid');
    writeFileSync(pidFile, content);
    expect(daemonPid(pidFile)).toBeUndefined();
    expect(hasEnded(pidFile)).toBe(true);
  });

  test('nowhere is no process, and none that has ended', () => {
    const pidFile = join(temporaryFolder(), 'it.pid');
    expect(daemonPid(pidFile)).toBeUndefined();
    expect(hasEnded(pidFile)).toBe(false);
  });

  test('of a process that has ended and that nobody has asked for is no process', async () => {
    const pidFile = join(temporaryFolder(), 'it.pid');
    const parent = spawn(
      'sh',
      ['-c', '(until [ "$(cat /proc/$$/comm)" = sleep ]; do :; done) & echo $!; exec sleep 60'],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    onTestFinished(() => void parent.kill());
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(String(line));
    await poll(() => readFileSync(`/proc/${pid}/stat`, 'utf8')).toContain(') Z ');
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ');
    writeFileSync(pidFile, `${pid} ${fields?.[19]}\n`);
    expect(daemonPid(pidFile)).toBeUndefined();
  });
});

describe('a daemon that is stopped', () => {
  test('is gone and forgotten, once', async () => {
    const daemon = testDaemon();
    const pid = await start(daemon);
    expect(await stopDaemon(daemon.pidFile)).toBe(true);
    expect(lives(pid)).toBe(false);
    expect(existsSync(daemon.pidFile)).toBe(false);
    expect(await stopDaemon(daemon.pidFile)).toBe(false);
  });

  test('has its time to end in order', async () => {
    const daemon = testDaemon(['sh', '-c', `trap "sleep 0.2; echo bye; exit" TERM; ${WAITS}`]);
    await start(daemon);
    await poll(() => log(daemon)).toBe('ready\n');
    expect(await stopDaemon(daemon.pidFile)).toBe(true);
    expect(log(daemon)).toBe('ready\nbye\n');
  });

  test('is killed when it does not end in its time', async () => {
    const daemon = testDaemon(['sh', '-c', `trap "" TERM; ${WAITS}`]);
    const pid = await start(daemon);
    await poll(() => log(daemon)).toBe('ready\n');
    const begin = Date.now();
    expect(await stopDaemon(daemon.pidFile, 'SIGTERM', 100)).toBe(true);
    expect(Date.now() - begin).toBeGreaterThanOrEqual(100);
    expect(lives(pid)).toBe(false);
  });

  test.skipIf(!IS_ROOT)('in a machine gets the signal itself, not the program that took it there', async () => {
    const script = `trap "echo bye; exit" TERM; ${WAITS}`;
    const daemon = testDaemon(['nsenter', `--target=${process.pid}`, '--pid', '--', 'sh', '-c', script]);
    await start(daemon);
    await poll(() => log(daemon)).toBe('ready\n');
    expect(await stopDaemon(daemon.pidFile)).toBe(true);
    expect(log(daemon)).toBe('ready\nbye\n');
  });
});
