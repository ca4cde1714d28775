import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import { Components } from './components.ts';
import { ExternalServiceKind, SiteFile } from './schema.ts';
import { errorsOf } from '../test/helpers/environment-files.ts';

const DOCS = readFileSync(join(import.meta.dirname, '..', 'docs', 'environments.md'), 'utf8');
/** The examples, each with the file that a comment above it names. */
const EXAMPLES = Object.fromEntries(
  [...DOCS.matchAll(/<!-- (\S+) -->\n```yaml\n([^`]*)```/g)].map(([, file = '', content = '']) => [file, content]),
);

test('the examples are right', () => {
  expect(Object.keys(EXAMPLES)).toEqual(['stg/site-a.yaml', 'stg/site-b.yaml']);
  expect(errorsOf(EXAMPLES)).toEqual([]);
});

test('the error is a real one', () => {
  const siteB = EXAMPLES['stg/site-b.yaml']?.replace('plane: data', 'plan: data') ?? '';
  const [error = 'none'] = errorsOf({ ...EXAMPLES, 'stg/site-b.yaml': siteB });
  expect(DOCS).toContain(`\n${error}\n`);
});

test('every component has its line, with its settings', () => {
  for (const [name, schema] of Object.entries(Components.shape)) {
    const line = DOCS.split('\n').find((candidate) => candidate.startsWith(`| \`${name}\` |`)) ?? '';
    for (const [key, setting] of Object.entries<z.ZodType>(schema.unwrap().shape)) {
      expect(line, name).toContain(setting.safeParse(undefined).success ? `[\`${key}\`]` : `\`${key}\``);
    }
    expect(line, name).not.toBe('');
  }
});

test('every key of a file and every kind of service is named', () => {
  for (const key of Object.keys(SiteFile.shape)) expect(DOCS).toContain(`\n| \`${key}\` |`);
  for (const kind of ExternalServiceKind.options) expect(DOCS).toContain(`\`${kind}\``);
});
