import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { daemonsOf } from './down.ts';
import { readState } from './state.ts';

/** What of a log to show. */
export interface LogOptions {
  readonly follow: boolean;
  /** How many of its last lines. */
  readonly lines: number;
}

/**
 * Shows the log of one process on standard output; without a name the names of all.
 * @throws when there is no such sandbox or process, naming those that there are
 */
export async function showLog(stateDir: string, name: string | undefined, options: LogOptions): Promise<void> {
  const state = readState(stateDir);
  if (state === undefined)
    throw new Error(`${stateDir}: must be a sandbox, got none; start one: sitewright sandbox up`);
  const daemons = daemonsOf(stateDir, state);
  const names = daemons.map((daemon) => daemon.name);
  if (name === undefined) {
    process.stdout.write(`${names.join('\n')}\n`);
    return;
  }
  const daemon = daemons.find((one) => one.name === name);
  if (daemon === undefined || !existsSync(daemon.logFile)) {
    throw new Error(`NAME must be a process of the sandbox, got ${name}; choose one of ${names.join(', ')}`);
  }
  const args = ['-n', String(options.lines), ...(options.follow ? ['-F'] : []), daemon.logFile];
  await execa('tail', args, { stdio: ['ignore', 'inherit', 'inherit'] });
}
