import { closest, distance } from 'fastest-levenshtein';
import { looksSecret } from './secrets.ts';

/** Longest part of a value that a message repeats. */
const SHOWN_CHARACTERS = 60;
/** Most names that a message lists. */
const SHOWN_NAMES = 40;
/** A suggestion differs by at most this share of its letters. */
const SUGGESTION_DISTANCE = 0.4;
/** What a message shows as it is: names, references, addresses and ranges. */
const PLAIN = /^[\w./:@<-]{1,80}$/;

/** Stands for a value that may be a secret. */
export const HIDDEN = 'a value that is not shown';

/** Keys from the root of a file to a value; numbers index sequences. */
export type Path = readonly (string | number)[];

/** One thing that is wrong in an environment file. */
export interface Problem {
  /** Path of the file or folder as the user named it. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1. */
  readonly column: number;
  /** Where in the file; empty for the file itself. */
  readonly path: Path;
  /** What it must be. */
  readonly rule: string;
  /** What it is, shortened; never a secret. */
  readonly value: string;
  /** What to do. */
  readonly fix: string;
}

/** Environment files that cannot be used, with everything that is wrong in them. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.problems = problems;
  }
}

/** `file:line:column: 'path' must be <rule>, got <value>; <fix>` */
export function formatProblem({ file, line, column, path, rule, value, fix }: Problem): string {
  const whole = isYaml(file) ? 'the file' : 'the folder';
  const subject = path.length === 0 ? whole : `'${path.join('.')}'`;
  return `${file}:${line}:${column}: ${subject} must ${rule}, got ${value}; ${fix}`;
}

/** Whether a file is named like one that is read. */
export function isYaml(file: string): boolean {
  return /\.ya?ml$/i.test(file);
}

/** "did you mean …" where something is close, else what there is, else what to do about there being none. */
export function suggest(value: string, known: readonly string[], none = 'there is none yet'): string {
  const names = known.filter(isPlain).sort();
  if (names.length === 0) return none;
  const meant = closestTo(value, names);
  if (meant !== undefined) return `did you mean ${meant}?`;
  if (names.length === 1) return `there is only ${names[0]}`;
  const more = names.length > SHOWN_NAMES ? ` and ${names.length - SHOWN_NAMES} more` : '';
  return `choose one of ${names.slice(0, SHOWN_NAMES).join(', ')}${more}`;
}

/** The name that a value was probably meant to be. */
export function closestTo(value: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || value.length > SHOWN_CHARACTERS * 2) return undefined;
  const best = closest(value, [...known]);
  return distance(value, best) <= Math.ceil(best.length * SUGGESTION_DISTANCE) ? best : undefined;
}

/** A value as a message shows it. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'an empty value';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  // A secret that was pasted into the wrong place must not reach a log.
  if (typeof value === 'string' && looksSecret(value)) return HIDDEN;
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

/** A path as a message shows it: a key may be anything, even a secret or several lines. */
export function showPath(path: Path): Path {
  return path.map((key) => {
    if (typeof key === 'number' || isPlain(key)) return key;
    return looksSecret(key) ? '(not shown)' : show(key);
  });
}

function isPlain(text: string): boolean {
  return PLAIN.test(text) && !looksSecret(text);
}
