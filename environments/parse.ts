import { readFileSync, statSync } from 'node:fs';
import { type Document, parseDocument } from 'yaml';
import type { Problem } from './problem.ts';
import { SourceFile } from './source.ts';
import { MAX_LEVELS, MAX_PROBLEMS, nestingProblems, structureProblems } from './structure.ts';

/** Largest environment file. A site with hundreds of clusters is below it; the parser's memory grows with it. */
const MAX_BYTES = 1024 * 1024;
/** How often aliases may repeat what has aliases in itself. */
const MAX_ALIASES = 10_000;
/** Most values that a file may hold once its aliases are written out, so that a small file cannot grow without bound. */
const MAX_VALUES = 500_000;

/** What the parser's complaints mean, and what to do. Its own messages may quote the file, and so a secret in it. */
const SYNTAX: Readonly<Record<string, readonly [value: string, fix: string]>> = {
  BAD_ALIAS: ['an anchor or alias without a name', 'put a text that starts with & or * in quotes'],
  BAD_DIRECTIVE: ['a directive that is not known', 'remove the line that starts with %'],
  BAD_DQ_ESCAPE: ['a backslash that escapes nothing', 'write it twice, or use single quotes'],
  BAD_INDENT: ['a line that is indented differently', 'indent it like its neighbours'],
  BAD_SCALAR_START: ['a text that starts with a reserved character', 'put it in quotes'],
  BLOCK_AS_IMPLICIT_KEY: [
    'a second colon, or a deeper indentation',
    'put a text with a colon in quotes, and indent a key like its neighbours',
  ],
  KEY_OVER_1024_CHARS: ['a key of more than 1024 characters', 'shorten it'],
  MISSING_CHAR: ['a text, list or map that does not end', 'close the quote or bracket, or add the colon'],
  MULTILINE_IMPLICIT_KEY: ['a line that is no key', 'add a colon, or indent it as part of the value above'],
  MULTIPLE_DOCS: ['a second document', 'keep one, and remove the line ---'],
  NON_STRING_KEY: ['a key that is no text', 'write a name'],
  RESOURCE_EXHAUSTION: ['a nesting that is too deep', 'close the brackets, or use fewer levels'],
  TAB_AS_INDENT: ['a tab', 'indent with spaces'],
  TAG_RESOLVE_FAILED: ['a tag', 'remove it, or put a text that starts with ! in quotes'],
};
const OTHER_SYNTAX = ['something that does not belong here', 'check indentation, quotes and brackets here and above'];
const OPEN_BRACKET = ['a bracket that does not end', 'close it, and indent everything inside of it'];

/** A file as it was parsed. Where that failed, `raw` is undefined. */
export interface ParsedFile {
  readonly source: SourceFile;
  readonly raw: unknown;
  readonly problems: readonly Problem[];
}

interface Measures {
  readonly values: number;
  readonly levels: number;
}

/** Reads a YAML file. Never throws: what is wrong is in `problems`. */
export function parseFile(file: string): ParsedFile {
  const empty = new SourceFile(file, parseDocument(''), '');
  const failed = (rule: string, value: string, fix: string): ParsedFile => {
    return { source: empty, raw: undefined, problems: [empty.problemAt(0, [], rule, value, fix)] };
  };
  let bytes: Buffer;
  try {
    const stat = statSync(file);
    if (!stat.isFile()) return failed('be a file', stat.isDirectory() ? 'a folder' : 'something else', 'rename it');
    if (stat.size > MAX_BYTES) {
      return failed(`have at most ${MAX_BYTES} bytes`, String(stat.size), 'split it into several sites');
    }
    bytes = readFileSync(file);
  } catch (error) {
    return failed('be readable', (error as NodeJS.ErrnoException).code ?? 'an error', 'check its permissions');
  }
  const text = toText(bytes);
  if (text === undefined) return failed('be text in UTF-8', 'other bytes', 'save it as UTF-8');
  const document = parseDocument(text, {
    prettyErrors: false,
    stringKeys: true,
    merge: true,
    uniqueKeys: false,
    schema: 'core',
    resolveKnownTags: false,
  });
  const source = new SourceFile(file, document, text);
  for (const check of [nestingProblems, syntaxProblems, structureProblems]) {
    const problems = check(source, document);
    if (problems.length > 0) return { source, raw: undefined, problems };
  }
  try {
    const raw: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    const { values, levels } = measure(raw);
    if (values <= MAX_VALUES && levels <= MAX_LEVELS) return { source, raw, problems: [] };
  } catch (error) {
    // The parser gives up on aliases of aliases with an error of its own; anything else is a fault of ours.
    if (!(error instanceof ReferenceError)) throw error;
  }
  const rule = `hold at most ${MAX_VALUES} values in ${MAX_LEVELS} levels, those that aliases repeat included`;
  return failed(rule, 'more', 'use fewer aliases, or split it into several sites');
}

function toText(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The first fault of each line, since one makes the parser stumble over the rest of it. */
function syntaxProblems(source: SourceFile, document: Document): Problem[] {
  const lines = new Map<number, Problem>();
  for (const { code, pos, message } of [...document.errors, ...document.warnings]) {
    const meaning = message.startsWith('Flow ') ? OPEN_BRACKET : (SYNTAX[code] ?? OTHER_SYNTAX);
    const [value = '', fix = ''] = meaning;
    const problem = source.problemAt(pos[0], [], 'be YAML that can be read', value, fix);
    if (!lines.has(problem.line)) lines.set(problem.line, problem);
    if (lines.size >= MAX_PROBLEMS) break;
  }
  return [...lines.values()];
}

/** How many values there are, in how many levels, with aliases written out; counted, not written. */
function measure(value: unknown, level = 0, known = new Map<object, Measures>()): Measures {
  if (typeof value !== 'object' || value === null) return { values: 1, levels: 0 };
  if (level > MAX_LEVELS) return { values: 0, levels: Number.POSITIVE_INFINITY };
  let measures = known.get(value);
  if (measures === undefined) {
    const children = Object.values(value).map((child) => measure(child, level + 1, known));
    const values = children.reduce((sum, child) => sum + child.values, 1);
    const levels = children.reduce((most, child) => Math.max(most, child.levels + 1), 1);
    measures = { values, levels };
    known.set(value, measures);
  }
  return measures;
}
