import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderSites } from '../../cli/tree/synth.ts';
import { writeTree } from '../../cli/tree/write.ts';
import { ENVIRONMENTS } from '../helpers/environments.ts';
import { readFiles } from '../helpers/folders.ts';

// The trees beside this file are made by `UPDATE_GOLDEN=1 vitest run test/golden`.
const GOLDEN = import.meta.dirname;
/** Lines around the first difference that a failure shows. */
const CONTEXT = 3;

const folders = new Map(renderSites({ environments: ENVIRONMENTS }).map(({ folder, files }) => [folder, files]));
if (process.env.UPDATE_GOLDEN === '1') writeTree(GOLDEN, folders, () => true);

const environments = new Set([
  ...[...folders.keys()].map((folder) => folder.split('/')[0] ?? ''),
  ...subfolders(GOLDEN),
]);

test.each([...environments].sort())('%s renders as it was reviewed', (environment) => {
  const rendered = Object.fromEntries(
    [...folders]
      .filter(([folder]) => folder.startsWith(`${environment}/`))
      .flatMap(([folder, files]) => [...files].map(([path, content]) => [`${folder}/${path}`, content] as const)),
  );
  expect(compare(goldenFiles(environment), rendered)).toBe('');
});

test('a failure names every missing, extra and differing file, and shows the first difference', () => {
  const golden = { gone: '', 'lock.json': '1', one: 'a\nb\nc\nd\ne\nf\n', same: 'x' };
  const rendered = { 'lock.json': '2', more: '', one: 'a\nb\nc\nd\nE\nf\n', same: 'x' };
  expect(compare(golden, rendered)).toMatchInlineSnapshot(`
    "no longer rendered: gone
    not in the golden files: more
    differs: one
    differs: lock.json

    one
      line 5
      b
      c
      d
    - e
    - f
    - 
    + E
    + f
    + 

    UPDATE_GOLDEN=1 vitest run test/golden writes what is rendered"
  `);
});

function goldenFiles(environment: string): Record<string, string> {
  if (!subfolders(GOLDEN).includes(environment)) return {};
  const files = Object.entries(readFiles(join(GOLDEN, environment)));
  return Object.fromEntries(files.map(([path, content]) => [`${environment}/${path}`, content]));
}

/** What is not as in the golden files; empty where all is. Locks follow from the other files, so they come last. */
function compare(golden: Readonly<Record<string, string>>, rendered: Readonly<Record<string, string>>): string {
  const isLock = (path: string) => path.endsWith('lock.json');
  const paths = [...new Set([...Object.keys(golden), ...Object.keys(rendered)])]
    .filter((path) => golden[path] !== rendered[path])
    .sort((a, b) => Number(isLock(a)) - Number(isLock(b)) || (a < b ? -1 : 1));
  if (paths.length === 0) return '';
  const lines = paths.map((path) => {
    if (rendered[path] === undefined) return `no longer rendered: ${path}`;
    return golden[path] === undefined ? `not in the golden files: ${path}` : `differs: ${path}`;
  });
  const [first] = paths.filter((path) => golden[path] !== undefined && rendered[path] !== undefined);
  const shown =
    first === undefined ? [] : [`\n${first}`, ...firstDifference(golden[first] ?? '', rendered[first] ?? '')];
  return [...lines, ...shown, '\nUPDATE_GOLDEN=1 vitest run test/golden writes what is rendered'].join('\n');
}

/** The lines around the first one that differs: `-` of the golden file, `+` as rendered. */
function firstDifference(golden: string, rendered: string): string[] {
  const [before, after] = [golden.split('\n'), rendered.split('\n')];
  const at = before.findIndex((line, index) => line !== after[index]);
  const start = at < 0 ? before.length : at;
  const cut = (lines: readonly string[], mark: string) =>
    lines.slice(start, start + CONTEXT).map((line) => `${mark} ${line}`);
  const above = before.slice(Math.max(0, start - CONTEXT), start).map((line) => `  ${line}`);
  return [`  line ${start + 1}`, ...above, ...cut(before, '-'), ...cut(after, '+')];
}

function subfolders(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}
