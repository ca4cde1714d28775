import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a process may take to end after SIGTERM before it gets SIGKILL, in milliseconds. */
const GRACE_MS = 10_000;

/**
 * Puts `PID STARTTIME` of the shell into the file `$0`, whole or not at all, and becomes the command: there is no moment
 * at which the process runs unrecorded. The start time (field 22 of `/proc/PID/stat`) tells a recycled PID from ours.
 */
const RECORD_AND_EXEC = '(set -- $(cat /proc/$$/stat); echo "$1 ${22}") >"$0.new"; mv "$0.new" "$0"; exec "$@"';

/** A long-running process of the sandbox. */
export interface Daemon {
  /** Name in `sandbox status` and `sandbox logs`. */
  readonly name: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  /** Variables added to the environment. @default - none */
  readonly env?: Readonly<Record<string, string>>;
  /** File that holds the process id while it runs. */
  readonly pidFile: string;
  /** File that standard output and error are appended to. */
  readonly logFile: string;
}

/** Starts daemons for one run, and remembers which. */
export class Launcher {
  /** Names of the daemons that this run has started. */
  readonly started: string[] = [];
  private readonly signal: AbortSignal | undefined;

  /** @param signal once aborted nothing is started any more */
  constructor(signal?: AbortSignal) {
    this.signal = signal;
  }

  /** Starts a daemon unless it runs already. */
  start(daemon: Daemon): void {
    this.signal?.throwIfAborted();
    if (startDaemon(daemon)) this.started.push(daemon.name);
  }
}

/** Starts a daemon in its own session unless it runs already. Returns whether it was started now. */
function startDaemon(daemon: Daemon): boolean {
  if (daemonPid(daemon.pidFile) !== undefined) return false;
  mkdirSync(dirname(daemon.pidFile), { recursive: true });
  mkdirSync(dirname(daemon.logFile), { recursive: true });
  // From now on the file says that the process was started.
  rmSync(daemon.pidFile, { force: true });
  const log = openSync(daemon.logFile, 'a', 0o600);
  const child = spawn('sh', ['-c', RECORD_AND_EXEC, daemon.pidFile, ...daemon.command], {
    detached: true,
    env: { ...process.env, ...daemon.env },
    stdio: ['ignore', log, log],
  });
  child.unref();
  closeSync(log);
  return true;
}

/** The process id of a running daemon, or `undefined` when it does not run (or its id belongs to another process now). */
export function daemonPid(pidFile: string): number | undefined {
  try {
    const [pid, startTime] = readFileSync(pidFile, 'utf8').trim().split(' ');
    if (pid === undefined || startTime === undefined) return undefined;
    const { state, started } = processStat(Number(pid));
    return started === startTime && state !== 'Z' ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a daemon was started and does not run any more. */
export function hasEnded(pidFile: string): boolean {
  return existsSync(pidFile) && daemonPid(pidFile) === undefined;
}

/** Stops a daemon (`signal`, and after `graceMs` SIGKILL) and forgets it. Returns whether it was running. */
export async function stopDaemon(
  pidFile: string,
  signal: NodeJS.Signals = 'SIGTERM',
  graceMs = GRACE_MS,
): Promise<boolean> {
  const pid = daemonPid(pidFile);
  if (pid === undefined) {
    rmSync(pidFile, { force: true });
    return false;
  }
  const deadline = Date.now() + graceMs;
  // A process inside a machine has `nsenter` as its parent, which passes no signals on: the child gets them.
  const children = childPids(pid);
  const target = children.length > 0 && processName(pid) === 'nsenter' ? children : [pid];
  for (const id of target) kill(id, signal);
  while (daemonPid(pidFile) !== undefined) {
    if (Date.now() > deadline) for (const id of [...target, pid]) kill(id, 'SIGKILL');
    await sleep(20);
  }
  rmSync(pidFile, { force: true });
  return true;
}

/** The children of a process, by id. */
export function childPids(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function processStat(pid: number): { state: string | undefined; started: string | undefined } {
  // The second field is the program's name in parentheses and may hold spaces: the rest starts behind it.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0], started: fields[19] };
}

/** Name of the program that a process runs, or `undefined` when it has ended. */
export function processName(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** Sends a signal to a process, unless it has ended. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
