import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import semver from 'semver';
import { describe, expect, test } from 'vitest';
import { PROJECT_DIR } from './cache.ts';
import { DEBIAN_TOOLS, GO_TOOLS, type GoTool } from './catalog.ts';
import { toolVersion } from './go-build.ts';

const TOOLS: readonly GoTool[] = Object.values(GO_TOOLS);
const PACKAGE = JSON.parse(read('package.json')) as { dependencies: Readonly<Record<string, string>> };

function read(path: string): string {
  return readFileSync(join(PROJECT_DIR, path), 'utf8');
}

/** Modules that a go.mod requires, or what it has in their place. */
function requirements(goMod: string): { path: string; version: string }[] {
  const lines = goMod.split('\n').map((line) => line.replace(/\/\/.*/, '').trim());
  const replaced = new Map(
    lines.flatMap((line) => {
      const [, from = '', path = '', version = ''] = /^(?:replace )?(\S+)(?: v\S+)? => (\S+) v(\S+)$/.exec(line) ?? [];
      return path === '' ? [] : [[from, { path, version }]];
    }),
  );
  return lines.flatMap((line) => {
    const [, path = '', version = ''] = /^(?:require )?([^\s()]+) v(\S+)$/.exec(line) ?? [];
    return path === '' ? [] : [replaced.get(path) ?? { path, version }];
  });
}

describe.each(TOOLS)('tool $name', (tool) => {
  test('has a Go module', () => {
    expect(read(`${tool.dir}/go.mod`)).toMatch(/^module sitewright\.dev\/\S+\n\ngo 1\.\d+\.\d+\n/);
  });

  test('pins the contents of all that it requires', () => {
    const required = requirements(read(`${tool.dir}/go.mod`));
    const sums = required.length === 0 ? '' : read(`${tool.dir}/go.sum`);
    const known = new Set(
      [...sums.matchAll(/^(\S+) v(\S+?)(?:\/go\.mod)? h1:[\w+/]{43}=$/gm)].map((at) => `${at[1]}@${at[2]}`),
    );
    const missing = required.filter(({ path, version }) => !known.has(`${path}@${version}`));
    expect(missing).toEqual([]);
    const own = tool.module === undefined ? [] : [`${tool.module} v${toolVersion(tool)} h1:`];
    for (const line of own) expect(sums).toContain(line);
  });

  test('would be taken from PATH in the version that is built here', () => {
    const version = toolVersion(tool) ?? '';
    const ranges = Object.values(tool.onPath ?? {}).flatMap(({ range }) => (range === undefined ? [] : [range]));
    expect(ranges.filter((range) => !semver.satisfies(version, range))).toEqual([]);
  });

  test('takes all its programs from PATH, or none', () => {
    if (tool.onPath !== undefined) expect(Object.keys(tool.onPath)).toEqual(Object.keys(tool.programs));
  });

  test('gives no program arguments that it does not have', () => {
    expect(Object.keys(tool.programs)).toEqual(expect.arrayContaining(Object.keys(tool.fixedArguments ?? {})));
  });
});

test.each(Object.values(DEBIAN_TOOLS))('tool $name takes all its programs from PATH, or none', (tool) => {
  expect(Object.keys(tool.onPath)).toEqual(Object.keys(tool.programs));
});

test('every name is that of its tool, and every program has one tool', () => {
  const all = { ...GO_TOOLS, ...DEBIAN_TOOLS };
  for (const [name, tool] of Object.entries(all)) expect(tool.name).toBe(name);
  const names = Object.values(all).flatMap((tool) => Object.keys(tool.programs));
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test('every Go module in this folder is a tool', () => {
  const folders = readdirSync(import.meta.dirname).filter((name) =>
    existsSync(join(import.meta.dirname, name, 'go.mod')),
  );
  const dirs = TOOLS.map(({ dir }) => dir);
  expect(folders.filter((name) => !dirs.includes(`tools/${name}`))).toEqual([]);
});

test("all parts of Kubernetes are of one release, the tool's", () => {
  const release = toolVersion(GO_TOOLS.kubernetes)?.replace(/^1\./, '0.');
  const goMod = read('tools/kubernetes/go.mod');
  const replaced = [...goMod.matchAll(/=> (k8s\.io\/\S+) v(\S+)/g)].map(([, path, version]) => [path, version]);
  expect(replaced.length).toBeGreaterThan(20);
  expect(replaced.filter(([, version]) => version !== release)).toEqual([]);
});

test("Pulumi's Kubernetes provider is of one version: the plugin, what is built, and the npm package", () => {
  const tool = GO_TOOLS['pulumi-resource-kubernetes'];
  const { version } = tool.pulumiPlugin;
  expect(PACKAGE.dependencies['@pulumi/kubernetes']).toBe(version);
  expect(read(`${tool.dir}/main.go`)).toContain(`const version = "${version}"`);
  expect(read(`${tool.dir}/go.mod`)).toContain(`github.com/pulumi/pulumi-kubernetes/sdk/v4 v${version} `);
});

test("Pulumi's engine and its library are of one version", () => {
  const required = requirements(read('tools/pulumi/go.mod'));
  const version = toolVersion(GO_TOOLS.pulumi);
  expect(required).toContainEqual({ path: 'github.com/pulumi/pulumi/sdk/v3', version });
});
