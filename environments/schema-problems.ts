import { z } from 'zod';
import { closestTo, HIDDEN, type Path, type Problem, show, suggest } from './problem.ts';
import { namedSecret, PLAIN_SECRET } from './secrets.ts';
import type { SourceFile } from './source.ts';

/** Something that a schema refuses in a file. */
export interface Refusal {
  /** Where, as it was parsed: the path in the problem is for people. */
  readonly path: Path;
  /** Whether it is a key that nobody knows, which may be another one, misspelt. */
  readonly unknownKey: boolean;
  readonly problem: Problem;
}

/** What a message calls a type. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a whole number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
};
/** How to write what belongs to a file as a whole. */
const WHOLE_FIX = 'begin with a line like domain: site-a.example.com';

/** What a schema finds wrong in a file, for people; `raw` is what was parsed from it, `issues` what the schema says. */
export function schemaRefusals(
  source: SourceFile,
  schema: z.ZodType,
  raw: unknown,
  issues: readonly z.core.$ZodIssue[] = [],
): Refusal[] {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return [{ path: [], unknownKey: false, problem: source.problem([], 'be a map', showWhole(raw), WHOLE_FIX) }];
  }
  const refusals: Refusal[] = [];
  // One finding for each value, and none about what is missing because it is misspelt.
  const reported = new Set<string>();
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    for (const { meant, ...refusal } of unknownKeys(source, schema, issue, raw)) {
      refusals.push(refusal);
      if (meant !== undefined) reported.add(JSON.stringify(meant));
    }
  }
  for (const issue of issues) {
    const path = toPath(issue.path);
    const key = JSON.stringify(path);
    if (issue.code === 'unrecognized_keys' || reported.has(key)) continue;
    reported.add(key);
    refusals.push({ path, unknownKey: false, problem: toProblem(source, schema, issue, path, raw) });
  }
  return refusals;
}

/** A file that holds one text may be a secret as a whole, so not even a part of it is shown. */
function showWhole(raw: unknown): string {
  if (raw === null) return 'an empty file';
  return Array.isArray(raw) ? 'a list' : 'a text';
}

/** The keys of a map that nobody knows, each with the path that was meant where it can be told. */
function unknownKeys(
  source: SourceFile,
  schema: z.ZodType,
  issue: z.core.$ZodIssueUnrecognizedKeys,
  raw: unknown,
): (Refusal & { meant: Path | undefined })[] {
  const parent = toPath(issue.path);
  const present = new Set(Object.keys(valueAt(raw, parent) as object));
  const known = keysOf(schemaAt(schema, parent));
  const missing = known.filter((key) => !present.has(key));
  return issue.keys.map((key) => {
    const path = [...parent, key];
    const [name = key] = key.split(':');
    const glued = name !== key && missing.includes(name);
    const meant = glued ? name : closestTo(key, missing);
    const others = known.length === 0 ? 'remove it' : `remove it, or take one of ${known.toSorted().join(', ')}`;
    const similar = meant === undefined ? others : `did you mean ${meant}?`;
    const fix = glued ? `put a space behind the colon of ${name}` : similar;
    return {
      path,
      unknownKey: true,
      problem: source.problem(path, 'be a known key', show(key), fix, 'key'),
      meant: meant === undefined ? undefined : [...parent, meant],
    };
  });
}

function toProblem(source: SourceFile, schema: z.ZodType, issue: z.core.$ZodIssue, path: Path, raw: unknown): Problem {
  const value = valueAt(raw, path);
  if (issue.code === 'invalid_key') {
    const { rule, fix } = splitMessage(issue.issues[0]?.message ?? issue.message);
    return source.problem(path, `be ${rule}`, show(path.at(-1)), fix, 'key');
  }
  if (value === undefined) {
    const required = requiredKeys(schemaAt(schema, path));
    const { fix } = expectation(issue, path, value);
    const how = required.length > 0 ? ` with ${required.join(', ')}` : `: ${fix}`;
    return source.problem(path, 'be set', 'nothing', `add ${path.at(-1)}${how}`);
  }
  // A number as a password: in quotes it would be refused as well.
  if (path.at(-2) === 'env' && namedSecret(path.at(-1)) && typeof value === 'number') {
    return source.problem(path, PLAIN_SECRET.rule, HIDDEN, PLAIN_SECRET.envFix);
  }
  const { rule, fix } = expectation(issue, path, value);
  const hidden = typeof value !== 'object' && (rule.includes('secret') || path.some(namedSecret));
  return source.problem(path, `be ${rule}`, hidden ? HIDDEN : show(value), fix);
}

/** What was expected, from the message of the schema where it has one of ours, else from the issue itself. */
function expectation(issue: z.core.$ZodIssue, path: Path, value: unknown): { rule: string; fix: string } {
  if (issue.message.includes('; ')) return splitMessage(issue.message);
  switch (issue.code) {
    case 'invalid_value': {
      const values = issue.values.map(String);
      const meant = typeof value === 'string' ? closestTo(value, values) : undefined;
      const fix = value === undefined ? suggest('', values) : 'choose one of them';
      return { rule: `one of ${values.join(', ')}`, fix: meant === undefined ? fix : `did you mean ${meant}?` };
    }
    case 'invalid_type':
      return { rule: TYPES[issue.expected] ?? issue.expected, fix: typeFix(issue.expected, path.at(-1), value) };
    case 'too_small':
      return { rule: `at least ${issue.minimum}`, fix: `raise it to ${issue.minimum} or more` };
    case 'too_big':
      return { rule: `at most ${issue.maximum}`, fix: `lower it to ${issue.maximum} or less` };
    default:
      return splitMessage(issue.message);
  }
}

function typeFix(expected: string, key: string | number | undefined, value: unknown): string {
  switch (expected) {
    case 'string':
      return typeof value === 'number' || typeof value === 'boolean' ? 'put it in quotes' : `write ${key}: text`;
    case 'number':
    case 'int':
      return typeof value === 'string' && /^[0-9]+$/.test(value) ? 'write it without quotes' : 'write it like 3';
    case 'boolean':
      return 'write true or false without quotes';
    case 'array':
      return 'begin each entry with - on a line of its own';
    default:
      return Array.isArray(value) ? 'write each entry as name: value' : `write ${key}: {}, or settings below it`;
  }
}

function splitMessage(message: string): { rule: string; fix: string } {
  const [rule = '', ...fix] = message.split('; ');
  return { rule, fix: fix.join('; ') };
}

/** The schema of what is at a path. */
function schemaAt(schema: unknown, path: Path): unknown {
  const inner = unwrap(schema);
  const [key, ...rest] = path;
  if (key === undefined) return inner;
  if (inner instanceof z.ZodObject)
    return Object.hasOwn(inner.shape, key) ? schemaAt(inner.shape[key], rest) : undefined;
  if (inner instanceof z.ZodRecord) return schemaAt(inner.valueType, rest);
  return inner instanceof z.ZodArray ? schemaAt(inner.element, rest) : undefined;
}

function unwrap(schema: unknown): unknown {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? unwrap(schema.unwrap()) : schema;
}

function keysOf(schema: unknown): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function requiredKeys(schema: unknown): string[] {
  return schema instanceof z.ZodObject
    ? keysOf(schema).filter((key) => unwrap(schema.shape[key]) === schema.shape[key])
    : [];
}

function toPath(path: readonly PropertyKey[]): Path {
  return path.map((key) => (typeof key === 'symbol' ? String(key) : key));
}

function valueAt(raw: unknown, path: Path): unknown {
  let value = raw;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}
