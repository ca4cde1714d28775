import { closest, distance } from 'fastest-levenshtein';
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
} from 'yaml';
import { z } from 'zod';
import { looksSecret, namedSecret } from './secrets.ts';

/** Longest part of a value that a message repeats. */
const SHOWN_CHARACTERS = 60;
/** A suggestion differs by at most this share of its letters. */
const SUGGESTION_DISTANCE = 0.4;

/** Stands for a value that may be a secret. */
export const HIDDEN = 'a value that is not shown';

/** Keys from the root of a file to a value; numbers index sequences. */
export type Path = readonly (string | number)[];

/** One thing that is wrong in an environment file. */
export interface Problem {
  /** Path of the file as the user named it. */
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
  return `${file}:${line}:${column}: ${path.length === 0 ? 'the file' : `'${path.join('.')}'`} must ${rule}, got ${value}; ${fix}`;
}

/** A parsed file in which paths can be turned into places. */
export class SourceFile {
  readonly file: string;
  private readonly document: Document;
  private readonly lines: LineCounter;

  constructor(file: string, document: Document, lines: LineCounter) {
    this.file = file;
    this.document = document;
    this.lines = lines;
  }

  /** Problem about the value at `path`, or, with `at: 'key'`, about its key. Where it is missing: its closest parent. */
  problem(path: Path, rule: string, value: string, fix: string, at: 'key' | 'value' = 'value'): Problem {
    return { file: this.file, ...this.position(path, at), path, rule, value, fix };
  }

  /** `file:line` of a path, to point at the other half of a conflict. */
  place(path: Path): string {
    return `${this.file}:${this.position(path, 'key').line}`;
  }

  private position(path: Path, at: 'key' | 'value'): { line: number; column: number } {
    let node: unknown = this.document.contents;
    let offset = startOf(node) ?? 0;
    for (const [index, key] of path.entries()) {
      const resolved = isAlias(node) ? node.resolve(this.document) : node;
      const last = index === path.length - 1;
      const pair = isMap(resolved) ? findPair(resolved.items, key) : undefined;
      const next: unknown = isSeq(resolved) ? resolved.items[Number(key)] : pair?.value;
      if (next === undefined && pair === undefined) break;
      offset = (last && at === 'key' ? startOf(pair?.key) : startOf(next)) ?? startOf(pair?.key) ?? offset;
      node = next;
    }
    const { line, col } = this.lines.linePos(offset);
    // An empty file has no line yet.
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }
}

/** What a schema finds wrong in a file; `raw` is what was parsed from it. */
export function schemaProblems(source: SourceFile, schema: z.ZodType, raw: unknown): Problem[] {
  const issues = schema.safeParse(raw).error?.issues ?? [];
  return issues.flatMap((issue) => toProblems(source, schema, issue, raw));
}

/** "did you mean …" where something is close, else the list of what is possible. */
export function suggest(value: string, known: readonly string[]): string {
  if (known.length === 0) return 'there is none yet';
  const best = closest(value, [...known]);
  if (distance(value, best) <= Math.ceil(best.length * SUGGESTION_DISTANCE)) return `did you mean ${best}?`;
  return `choose one of ${[...known].sort().join(', ')}`;
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

function toProblems(source: SourceFile, schema: z.ZodType, issue: z.core.$ZodIssue, raw: unknown): Problem[] {
  const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
  const value = valueAt(raw, path);
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, path);
    return issue.keys.map((key) =>
      source.problem([...path, key], 'be a known key', show(key), suggestKey(key, known), 'key'),
    );
  }
  if (issue.code === 'invalid_key') {
    const [inner] = issue.issues;
    const { rule, fix } = splitMessage(inner?.message ?? issue.message);
    return [source.problem(path, `be ${rule}`, show(path.at(-1)), fix, 'key')];
  }
  if (value === undefined) {
    return [source.problem(path, 'be set', 'nothing', `add ${path.at(-1)}: ${expectation(issue, value).fix}`)];
  }
  const { rule, fix } = expectation(issue, value);
  const hidden = rule.includes('secret') || namedSecret(path) || path.includes('secrets');
  return [source.problem(path, `be ${rule}`, hidden && typeof value !== 'object' ? HIDDEN : show(value), fix)];
}

/** What was expected, from the message of the schema where it has one of ours, else from the issue itself. */
function expectation(issue: z.core.$ZodIssue, value: unknown): { rule: string; fix: string } {
  if (issue.message.includes('; ')) return splitMessage(issue.message);
  switch (issue.code) {
    case 'invalid_value': {
      const values = issue.values.map(String);
      return { rule: `one of ${values.join(', ')}`, fix: suggest(typeof value === 'string' ? value : '', values) };
    }
    case 'invalid_type':
      return { rule: TYPES[issue.expected] ?? issue.expected, fix: `write ${TYPES[issue.expected] ?? issue.expected}` };
    case 'too_small':
      return { rule: `at least ${issue.minimum}`, fix: `raise it to ${issue.minimum} or more` };
    case 'too_big':
      return { rule: `at most ${issue.maximum}`, fix: `lower it to ${issue.maximum} or less` };
    default:
      return splitMessage(issue.message);
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
};

function splitMessage(message: string): { rule: string; fix: string } {
  const at = message.indexOf('; ');
  return at < 0
    ? { rule: message, fix: 'see docs/environments.md' }
    : { rule: message.slice(0, at), fix: message.slice(at + 2) };
}

function suggestKey(key: string, known: readonly string[]): string {
  return known.length === 0 ? 'remove it' : suggest(key, known);
}

/** The keys that a schema knows at a path. */
function knownKeys(schema: z.ZodType, path: Path): string[] {
  let at: unknown = schema;
  for (const key of [...path, undefined]) {
    while (at instanceof z.ZodOptional || at instanceof z.ZodDefault) at = at.unwrap();
    if (key === undefined) break;
    if (at instanceof z.ZodObject) at = at.shape[key];
    else if (at instanceof z.ZodRecord) at = at.valueType;
    else if (at instanceof z.ZodArray) at = at.element;
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function valueAt(raw: unknown, path: Path): unknown {
  let value = raw;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}

function findPair(items: readonly Pair[], key: string | number): Pair | undefined {
  return items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key));
}

function startOf(node: unknown): number | undefined {
  if (isScalar(node) || isCollection(node) || isAlias(node)) return (node as Node).range?.[0];
  return undefined;
}
