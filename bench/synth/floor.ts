import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import type { PlainObject } from './inputs.ts';

/** What cdk8s gives the library, so that the bytes are the same. */
const OPTIONS = { keepUndefined: true, lineWidth: 0, version: '1.1' } as const;

// The least that a program can do which gets all objects ready-made and writes them through the library.
const [input = '', out = ''] = process.argv.slice(2);
const objects: PlainObject[] = JSON.parse(readFileSync(input, 'utf8'));
for (const folder of new Set(objects.map(({ path }) => dirname(path)))) {
  mkdirSync(join(out, folder), { recursive: true });
}
for (const { path, manifest } of objects) writeFileSync(join(out, path), stringify(manifest, OPTIONS));
