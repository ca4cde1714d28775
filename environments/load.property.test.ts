import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderSite } from '../apps/site.ts';
import { loadEnvironments } from './load.ts';
import type { Environment } from './model.ts';
import { EnvironmentError } from './problem.ts';
import { SITE_A, SITE_B } from '../test/helpers/environment-files.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
/** A change of a document at the place that is counted to, modulo the number of places. */
interface Mutation {
  readonly at: number;
  readonly change: 'delete' | 'replace' | 'copy' | 'insert' | 'rename';
  readonly key: string;
  readonly value: Json;
}

const ENVIRONMENT = 'stg';
/** Has the form of a token, and must never be repeated in an error. */
const TOKEN = 'ghp_hunter2hunter2hunter2';
/** What objects have anyway. */
const INHERITED = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'valueOf'];
const OURS = ['prod', 'sandbox', 'stg'].flatMap((environment) => {
  const folder = join(import.meta.dirname, environment);
  return readdirSync(folder).map((name) => parse(readFileSync(join(folder, name), 'utf8'), { merge: true }) as Json);
});
const OUR_VALUES = [...new Set(OURS.flatMap((file) => placesOf(file).map(({ parent, key }) => read(parent, key))))];
const OUR_KEYS = [...new Set(OURS.flatMap((file) => placesOf(file).map(({ key }) => String(key))))];

const key = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...OUR_KEYS) },
  { weight: 1, arbitrary: fc.constantFrom(...INHERITED, TOKEN, '<<', 'a:1', '') },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }) },
);
const value: fc.Arbitrary<Json> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...OUR_VALUES) },
  { weight: 1, arbitrary: fc.constantFrom<Json[]>(TOKEN, null, {}, [], '', 0, -1, 1e300, '10.0.0.0/8', 'openbao:a#b') },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json> },
);
const mutations: fc.Arbitrary<Mutation[]> = fc.array(
  fc.record({ at: fc.nat(), change: fc.constantFrom('delete', 'replace', 'copy', 'insert', 'rename'), key, value }),
  { maxLength: 3 },
);
const documents = fc.object({ key, values: [value], maxDepth: 4, maxKeys: 6 });
const fragments = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\n',
        '\n  ',
        '\n    ',
        ' ',
        ': ',
        '- ',
        '? ',
        ', ',
        '{',
        '}',
        '[',
        ']',
        '&a ',
        '*a',
        '<<: ',
        '"',
      ),
      fc.constantFrom(
        "'",
        '#',
        '|',
        '>-',
        '!!str ',
        '!x ',
        '%YAML 1.1\n',
        '---\n',
        '...\n',
        '\t',
        '\r\n',
        '\\',
        '\ufeff',
      ),
      key,
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));

let dir = '';
let loaded = 0;
let refused = 0;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'environments-'));
  mkdirSync(join(dir, ENVIRONMENT));
});
afterAll(() => rmSync(dir, { recursive: true }));

describe('whatever stands in environment files, they load and render, or are refused with problems in place', () => {
  test('changed files of ours', () => {
    const files = [parse(SITE_A) as Json, parse(SITE_B) as Json];
    fc.assert(
      fc.property(mutations, mutations, fc.boolean(), (ofA, ofB, indented) => {
        const [siteA, siteB] = [ofA.slice(2), ofB].map((changes, index) => {
          const file = structuredClone(files[index] ?? null);
          for (const change of changes) mutate(file, change);
          return JSON.stringify(file, undefined, indented ? 2 : undefined);
        });
        loadAndRender({ 'site-a.yaml': siteA ?? '', 'site-b.yaml': siteB ?? '' });
      }),
      { numRuns: 5000 },
    );
    // Both outcomes are common, or the mutations prove nothing.
    expect(loaded).toBeGreaterThan(300);
    expect(refused).toBeGreaterThan(2000);
  }, 80_000);

  test('documents', () => {
    fc.assert(
      fc.property(documents, (document) => loadAndRender({ 'site-a.yaml': JSON.stringify(document) })),
      { numRuns: 2500 },
    );
  }, 30_000);

  test('texts and bytes', () => {
    const contents = fc.oneof(fragments, fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 200 }));
    fc.assert(
      fc.property(contents, (content) => loadAndRender({ 'site-a.yaml': content })),
      { numRuns: 4000 },
    );
  }, 30_000);
});

function loadAndRender(files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const name of readdirSync(join(dir, ENVIRONMENT))) rmSync(join(dir, ENVIRONMENT, name));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, ENVIRONMENT, name), content);
  let environments: Environment[];
  try {
    environments = loadEnvironments({ dir });
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    checkError(error, files);
    refused += 1;
    return;
  }
  loaded += 1;
  for (const site of environments.flatMap(({ sites }) => sites)) {
    const paths = [...renderSite(site)].map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    if (site.repository !== undefined) expect(URL.canParse(site.repository.url)).toBe(true);
  }
}

function checkError(
  { message, problems }: EnvironmentError,
  files: Readonly<Record<string, string | Uint8Array>>,
): void {
  expect(message).not.toContain(TOKEN);
  expect(message.split('\n')).toHaveLength(problems.length);
  expect(problems.length).toBeGreaterThan(0);
  for (const { file, line, column, rule, value: shown, fix } of problems) {
    const content = files[file.slice(dir.length + ENVIRONMENT.length + 2)] ?? '';
    const lines = Buffer.from(content).toString('utf8').split('\n');
    expect(line).toBeGreaterThan(0);
    expect(line).toBeLessThanOrEqual(lines.length);
    expect(column).toBeGreaterThan(0);
    expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1);
    expect([rule, shown, fix].every((text) => text.trim() !== '')).toBe(true);
  }
}

/** Every value below the root, by what holds it. */
function placesOf(tree: Json): { parent: Json[] | { [key: string]: Json }; key: string | number }[] {
  if (typeof tree !== 'object' || tree === null) return [];
  const keys = Array.isArray(tree) ? [...tree.keys()] : Object.keys(tree);
  return keys.flatMap((name) => [{ parent: tree, key: name }, ...placesOf(read(tree, name))]);
}

function read(parent: Json[] | { [key: string]: Json }, name: string | number): Json {
  return (parent as { [key: string | number]: Json })[name] ?? null;
}

function mutate(tree: Json, { at, change, key: name, value: replacement }: Mutation): void {
  const places = placesOf(tree);
  const place = places[at % Math.max(places.length, 1)];
  if (place === undefined) return;
  const { parent, key: old } = place;
  const set = (target: string | number, content: Json) => {
    // Assigning to __proto__ would not make a key. A copy, since later changes must not reach the original.
    const attributes = { enumerable: true, configurable: true, writable: true };
    Object.defineProperty(parent, target, { value: structuredClone(content), ...attributes });
  };
  const current = read(parent, old);
  if (change === 'replace') set(old, replacement);
  else if (change === 'copy') set(old, read(...pick(places, at * 7919)));
  else if (Array.isArray(parent)) parent.push(structuredClone(replacement));
  else {
    if (change === 'delete' || change === 'rename') delete parent[old];
    if (change === 'rename') set(name, current);
    if (change === 'insert') set(name, replacement);
  }
}

function pick(places: ReturnType<typeof placesOf>, at: number): Parameters<typeof read> {
  const { parent, key: name } = places[at % places.length] ?? { parent: [], key: 0 };
  return [parent, name];
}
