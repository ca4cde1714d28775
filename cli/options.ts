import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { defaultStateDir } from '../sandbox/state.ts';
import { PROJECT_DIR } from '../tools/cache.ts';
import type { Selection } from './tree/synth.ts';

/** Options of every command that reads environment files. */
export interface SelectionOptions {
  readonly environments: string;
  readonly environment?: string;
  readonly site?: string;
}

/** Adds `--environments`, `--environment` and `--site`. */
export function withSelection(command: Command): Command {
  return command
    .addOption(environmentsOption())
    .option('--environment <name>', 'only this environment (default: all)')
    .option('--site <name>', 'only this site (default: all)');
}

/** `--environments` alone, for what takes one whole environment. */
export function environmentsOption(): Option {
  return new Option('--environments <dir>', 'folder with the environment files')
    .default(join(PROJECT_DIR, 'environments'), 'environments/')
    .argParser((value) => resolve(value));
}

/** Adds `--json`. */
export function withJson(command: Command): Command {
  return command.option('--json', 'print the report as JSON', false);
}

/** Adds `--out`. */
export function withOut(command: Command, description: string): Command {
  const option = new Option('--out <dir>', description).default(
    process.env.CDK8S_OUTDIR ?? join(PROJECT_DIR, 'dist'),
    'dist/',
  );
  return command.addOption(option.argParser((value) => resolve(value)));
}

/** Adds `--state`. */
export function withState(command: Command): Command {
  const option = new Option('--state <dir>', 'folder of the sandbox').default(defaultStateDir(), 'your state folder');
  return command.addOption(option.argParser((value) => resolve(value)));
}

/** What the options select. */
export function toSelection({ environments, environment, site }: SelectionOptions): Selection {
  return { environments, environment, site };
}

/** Reads `name=value,name=value`. */
export function parsePairs(value: string): Readonly<Record<string, string>> {
  const pairs = value.split(',').map((pair) => pair.split('='));
  if (pairs.some((pair) => pair.length !== 2 || pair.includes(''))) {
    throw new InvalidArgumentError('must be like control=CONTEXT,data-1=CONTEXT.');
  }
  return Object.fromEntries(pairs as [string, string][]);
}
