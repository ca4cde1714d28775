import { ExecaError } from 'execa';
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

/** What went wrong, for people: no stack, no arguments of programs that were run. */
export function describeError(error: unknown): string {
  if (error instanceof EnvironmentError) {
    const lines = error.problems.map((problem) => formatProblem({ ...problem, file: shortPath(problem.file) }));
    return [...lines, `${count(error.problems.length, 'problem')} in the environment files`].join('\n');
  }
  if (error instanceof ExecaError) {
    const program = error.command.split(' ')[0]?.split('/').at(-1);
    const how = error.exitCode === undefined ? (error.signal ?? error.code) : `exit code ${error.exitCode}`;
    const output = String(error.all ?? error.stderr ?? '')
      .trim()
      .split('\n');
    return [`${program} failed (${how})`, ...output.slice(-OUTPUT_LINES)].join('\n');
  }
  return error instanceof Error ? error.message : String(error);
}

/** The same for programs. */
export function errorReport(error: unknown): object {
  if (!(error instanceof EnvironmentError)) return { error: describeError(error) };
  return { problems: error.problems.map((problem) => ({ ...problem, file: shortPath(problem.file) })) };
}
