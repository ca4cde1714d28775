import { relative } from 'node:path';
import { styleText } from 'node:util';
import Table from 'cli-table3';

/** Columns of plain text, as kubectl prints them. */
const PLAIN_CHARS = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid']
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .map((name) => [name, '']),
);

/** A style of `styleText`. */
export type Style = Parameters<typeof styleText>[0];

/** Text in a style where standard output is a terminal. */
export function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** Text in a style where standard error is a terminal. */
export function styledError(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stderr });
}

/** Rows in aligned columns below their heads. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const columns = head.map((_, index) => rows.every((row) => typeof row[index] === 'number'));
  const made = new Table({
    head: head.map((name) => styled('bold', name.toUpperCase())),
    chars: { ...PLAIN_CHARS, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: columns.map((numeric) => (numeric && rows.length > 0 ? 'right' : 'left')),
  });
  made.push(...rows.map((row) => [...row]));
  return made
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Prints a result to standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Prints a report as JSON to standard output. */
export function printJson(report: unknown): void {
  print(JSON.stringify(report, undefined, 2));
}

/** Prints to standard error what is not a result. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A number with its noun. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}

/** A path as the user would type it from where they are. */
export function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short || '.';
}
