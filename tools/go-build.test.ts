import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { execa } from 'execa';
import semver from 'semver';
import { describe, expect, test } from 'vitest';
import { readFiles, temporaryFolder, writeFiles } from '../test/helpers/folders.ts';
import { programs, useCache, useEnv } from '../test/helpers/programs.ts';
import { PROJECT_DIR } from './cache.ts';
import { GO_TOOLS, type GoTool } from './catalog.ts';
import { buildGoTool, goToolDir, goVersion, toolVersion } from './go-build.ts';

/** Stands where Go stands: a program that it builds prints the arguments of its build, then its own. */
const FAKE_GO = `
case "$1" in
  version) echo 'go version go1.26.1 linux/amd64' ;;
  list) if [ "$2" = -m ]; then echo "$PWD"; else printf 'one\\ntwo\\nthree'; fi ;;
  mod) ;;
  build)
    for argument in "$@"; do
      if [ "$last" = -o ]; then output=$argument; fi
      last=$argument
    done
    printf 'go: downloading example.com/it v1.2.3\\none\\ntwo\\n' >&2
    if [ -e broken ]; then echo "it.go:1:1: expected 'package'" >&2; exit 1; fi
    printf '#!/bin/sh\\necho built "%s" with GOCACHE=%s CGO_ENABLED=%s ran "$@"' "$*" "$GOCACHE" "$CGO_ENABLED" >"$output"
    chmod +x "$output" ;;
esac`;

/** A tool of a folder of its own, an empty cache, and a Go that only pretends. */
function testTool(tool: Partial<GoTool> = {}, files: Readonly<Record<string, string>> = {}) {
  const folder = temporaryFolder();
  writeFiles(folder, { 'go.mod': 'module it\n\nrequire example.com/it v1.22.3\n', ...files });
  useEnv({ PATH: `${programs({ go: FAKE_GO })}:${process.env.PATH}` });
  const cache = useCache();
  const base = { name: 'it', module: 'example.com/it', programs: { it: 'example.com/it/cmd' } };
  return { folder, cache, tool: { ...base, dir: relative(PROJECT_DIR, folder), ...tool } };
}

describe('the folder of a tool', () => {
  test('stays the same, and carries its name', () => {
    const { tool } = testTool();
    expect(goToolDir(tool)).toBe(goToolDir({ ...tool }));
    expect(basename(goToolDir(tool))).toMatch(/^it-[0-9a-f]{16}$/);
  });

  test('is another one once a file of its module has changed', () => {
    const { tool, folder } = testTool();
    const before = goToolDir(tool);
    writeFiles(folder, { 'go.sum': 'example.com/it v1.22.3 h1:other=' });
    expect(goToolDir(tool)).not.toBe(before);
  });

  test.each([
    [{ tags: ['no_zfs'] }],
    [{ variables: { 'main.version': '{version}' } }],
    [{ fixedArguments: { it: ['-v'] } }],
    [{ programs: { it: 'example.com/it/other' } }],
    [{ files: { crds: 'manifests/crds' } }],
  ])('is another one with %j', (change) => {
    const { tool } = testTool();
    expect(goToolDir({ ...tool, ...change })).not.toBe(goToolDir(tool));
  });

  test('does not depend on which version would do on PATH', () => {
    const { tool } = testTool();
    expect(goToolDir({ ...tool, onPath: { it: { range: '>=1' } } })).toBe(goToolDir(tool));
  });
});

test.each(Object.values(GO_TOOLS).filter((tool): tool is typeof tool & { module: string } => 'module' in tool))(
  'the version of $name is in its go.mod',
  (tool) => {
    expect(semver.valid(toolVersion(tool))).toBe(toolVersion(tool));
  },
);

test('the version is that of the module itself, not of one with a similar name', () => {
  const others = ['example.com/it/v2 v2.0.0', 'example-com/it v3.0.0', 'example.com/it v1.22.3 // indirect'];
  const { tool } = testTool(
    {},
    { 'go.mod': `module it\n\nrequire (\n${others.map((line) => `\t${line}\n`).join('')})\n` },
  );
  expect(toolVersion(tool)).toBe('1.22.3');
  expect(toolVersion({ ...tool, module: 'example.com/that' })).toBeUndefined();
});

describe('a build', () => {
  test('gives programs that know their version', async () => {
    const { tool, cache } = testTool({
      variables: { 'main.version': 'v{version}', 'main.minor': '{minor}' },
      tags: ['a', 'b'],
    });
    await buildGoTool(tool);
    const { stdout } = await execa(join(goToolDir(tool), 'bin', 'it'), ['now']);
    expect(stdout).toContain('-tags=a,b -ldflags=-s -w -X main.version=v1.22.3 -X main.minor=22 ');
    expect(stdout).toContain(`GOCACHE=${cache}/go-build CGO_ENABLED=0 ran now`);
  });

  test('says how far it is, without downloads and beyond no end', async () => {
    const { tool } = testTool();
    const said: [number, number][] = [];
    await buildGoTool(tool, (...progress) => said.push(progress));
    expect(said).toEqual([
      [1, 3],
      [2, 3],
    ]);
  });

  test('that fails says what Go says, and leaves no tool', async () => {
    const { tool, cache } = testTool({}, { broken: '' });
    await expect(buildGoTool(tool)).rejects.toThrow("it.go:1:1: expected 'package'");
    expect(existsSync(goToolDir(tool))).toBe(false);
    expect(Object.keys(readFiles(cache))).toEqual([]);
  });

  test('of a tool that is there does nothing', async () => {
    const { tool } = testTool();
    await buildGoTool(tool);
    useEnv({ PATH: temporaryFolder() });
    await expect(buildGoTool(tool)).resolves.toBeUndefined();
  });

  test('puts fixed arguments before those of the caller, also when it is called through a link', async () => {
    const { tool, cache } = testTool({ fixedArguments: { it: ['-typescript=false'] } });
    await buildGoTool(tool);
    const link = join(cache, 'link');
    await execa('ln', ['-s', join(goToolDir(tool), 'bin', 'it'), link]);
    const { stdout } = await execa(link, ['with space', '']);
    expect(stdout).toMatch(/ ran -typescript=false with space $/);
  });

  test('keeps files of the module beside the programs', async () => {
    const { tool } = testTool(
      { files: { crds: 'manifests/crds', 'deep/install.yaml': 'manifests/install.yaml' } },
      { 'manifests/crds/a.yaml': 'a', 'manifests/install.yaml': 'b' },
    );
    await buildGoTool(tool);
    expect(readFileSync(join(goToolDir(tool), 'crds', 'a.yaml'), 'utf8')).toBe('a');
    expect(readFileSync(join(goToolDir(tool), 'deep', 'install.yaml'), 'utf8')).toBe('b');
  });

  test('removes what interrupted ones have left, but not what another process is building', async () => {
    const { tool, cache } = testTool();
    const { name, dir } = { name: basename(goToolDir(tool)), dir: join(cache, 'tools') };
    writeFiles(dir, {
      [`${name}.999999999/bin/it`]: '',
      [`${name}.${process.ppid}/bin/it`]: '',
      'other-1.999999999/it': '',
    });
    await buildGoTool(tool);
    expect(Object.keys(readFiles(dir))).toEqual([
      `${name}.${process.ppid}/bin/it`,
      `${name}/bin/it`,
      'other-1.999999999/it',
    ]);
  });

  test('that another run has finished meanwhile is good as well', async () => {
    const { tool } = testTool({}, { broken: '' });
    const target = goToolDir(tool);
    await expect(
      buildGoTool(tool, () => writeFiles(dirname(target), { [`${basename(target)}/bin/it`]: 'theirs' })),
    ).resolves.toBeUndefined();
    expect(readFileSync(join(target, 'bin', 'it'), 'utf8')).toBe('theirs');
  });
});

test.each([
  ["echo 'go version go1.26.1 linux/amd64'", '1.26.1'],
  ["echo 'go version go1.27rc1 linux/amd64'", '1.27'],
  ["echo 'go version devel'", undefined],
  ['exit 1', undefined],
])('with the Go `%s` on PATH its version is %s', (script, version) => {
  useEnv({ PATH: programs({ go: script }) });
  expect(goVersion()).toBe(version);
});

test('without Go there is no version', () => {
  useEnv({ PATH: temporaryFolder() });
  expect(goVersion()).toBeUndefined();
});
