import type { ExecaError } from 'execa';
import { EnvironmentError, formatProblem } from '../environments/problem.ts';
import { count, shortPath } from './output.ts';

/** How much of a failed program's output an error shows, in lines. */
const OUTPUT_LINES = 25;

/** An outcome that is no crash: findings, or a difference. The report has said everything. */
export class Failed extends Error {
  override readonly name = 'Failed';
}

/** Wrong usage of the command line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What went wrong, for people: lines of details, and what it comes to. */
export interface ErrorText {
  readonly details: readonly string[];
  readonly message: string;
}

/** Describes an error without its stack and without the arguments of programs that were run. */
export function describeError(error: unknown): ErrorText {
  if (error instanceof EnvironmentError) {
    const details = error.problems.map((problem) => formatProblem({ ...problem, file: shortPath(problem.file) }));
    return { details, message: `${count(error.problems.length, 'problem')} in the environment files` };
  }
  if (isExecaError(error)) {
    const program = error.command.split(' ')[0]?.split('/').at(-1);
    const how = error.exitCode === undefined ? (error.signal ?? error.code) : `exit code ${error.exitCode}`;
    const output = [error.all ?? error.stderr ?? ''].join().trim().split('\n');
    return { details: output.slice(-OUTPUT_LINES), message: `${program} failed (${how})` };
  }
  return { details: [], message: error instanceof Error ? error.message : String(error) };
}

/** The same for programs. */
export function errorReport(error: unknown): object {
  if (!(error instanceof EnvironmentError)) return { error: describeError(error).message };
  return { problems: error.problems.map((problem) => ({ ...problem, file: shortPath(problem.file) })) };
}

/** Told by its name, because the library takes longer to load than most commands take to run. */
function isExecaError(error: unknown): error is ExecaError {
  return error instanceof Error && error.name === 'ExecaError';
}
