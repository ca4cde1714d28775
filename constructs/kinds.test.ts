import { expect, test } from 'vitest';
import { type Kind, Kinds } from './kinds.ts';

const KINDS: readonly (readonly [string, Kind])[] = Object.entries(Kinds);

test.each(KINDS)('%s is found under its own name, with a plural in lower case', (name, { kind, resource }) => {
  expect(kind).toBe(name);
  expect(resource).toMatch(new RegExp(`^${kind.toLowerCase().replace(/y$/, '(y|ie)')}e?s$`));
});

test('no two are the same', () => {
  expect(new Set(KINDS.map(([, { group, kind }]) => `${group}/${kind}`)).size).toBe(KINDS.length);
});

test('those outside of namespaces are marked, since projects list them apart', () => {
  const clusterScoped = KINDS.filter(([, kind]) => kind.clusterScoped === true).map(([name]) => name);
  expect(clusterScoped).toEqual(['Namespace', 'PriorityClass']);
});
