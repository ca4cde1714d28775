import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { SCHEMA_FILE, siteJsonSchema, siteJsonSchemaText } from './json-schema.ts';
import { SITE_B } from '../test/helpers/environment-files.ts';

const ENVIRONMENTS = ['prod', 'sandbox', 'stg'];

/** A part of a JSON Schema. */
interface Part {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Part>>;
  readonly additionalProperties?: Part | boolean;
  readonly items?: Part;
}

test('the published schema is current', () => {
  expect(readFileSync(SCHEMA_FILE, 'utf8')).toBe(siteJsonSchemaText());
});

describe('the published schema', () => {
  const ajv = new Ajv({ allErrors: true });
  ajv.addKeyword('patternErrorMessage');
  const validate = ajv.compile(siteJsonSchema());
  const errorsOf = (text: string): string[] => {
    validate(parse(text, { merge: true }));
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };

  test.each(ENVIRONMENTS.flatMap((environment) => filesOf(environment)))('accepts %s', (file) => {
    expect(errorsOf(readFileSync(join(import.meta.dirname, file), 'utf8'))).toEqual([]);
  });

  test.each([
    ['an unknown key', 'plane: data', 'plan: data', ' must NOT have additional properties'],
    ['a missing key', '    plane: data\n', '', " must have required property 'plane'"],
    ['another choice', 'plane: data', 'plane: dta', '/plane must be equal to one of the allowed values'],
    ['a size of another form', 'memory: 256Mi', 'memory: 256MB', '/memory must match pattern'],
    ['a name of another form', 'data-1:', 'data_1:', ' property name must be valid'],
    ['a number in quotes', 'pods: 20', 'pods: "20"', '/pods must be integer'],
    ['a component without settings', 'metallb: {}', 'metallb:', '/components/metallb must be object'],
  ])('refuses %s', (_, part, replacement, error) => {
    expect(errorsOf(SITE_B)).toEqual([]);
    expect(errorsOf(SITE_B.replace(part, replacement)).join('\n')).toContain(error);
  });

  test('explains each property and allows no others', () => {
    const parts = partsOf(siteJsonSchema(), '');
    expect(parts.length).toBeGreaterThan(150);
    const unexplained = parts.filter(([path, { description }]) => !path.endsWith('.*') && description === undefined);
    expect(unexplained.map(([path]) => path)).toEqual([]);
    const open = parts.filter(
      ([, { type, additionalProperties = true }]) => type === 'object' && additionalProperties === true,
    );
    expect(open.map(([path]) => path)).toEqual([]);
  });

  test('is named in the first line of each environment file', () => {
    for (const file of ENVIRONMENTS.flatMap(filesOf)) {
      const [line] = readFileSync(join(import.meta.dirname, file), 'utf8').split('\n');
      expect(line).toBe('# yaml-language-server: $schema=../schema/site.schema.json');
    }
  });
});

function filesOf(environment: string): string[] {
  return readdirSync(join(import.meta.dirname, environment)).map((name) => `${environment}/${name}`);
}

function partsOf(part: Part, path: string): [path: string, part: Part][] {
  const { properties = {}, additionalProperties, items } = part;
  return [
    [path, part],
    ...Object.entries(properties).flatMap(([key, child]) => partsOf(child, `${path}.${key}`)),
    ...(typeof additionalProperties === 'object' ? partsOf(additionalProperties, `${path}.*`) : []),
    ...(items === undefined ? [] : partsOf(items, `${path}.*`)),
  ];
}
