import { mkdirSync, readdirSync } from 'node:fs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { programs, useCache, usePath } from '../test/helpers/programs.ts';
import { DEBIAN_TOOLS, GO_TOOLS, type ToolName } from '../tools/catalog.ts';
import * as debian from '../tools/debian.ts';
import { goToolDir } from '../tools/go-build.ts';
import { toolByName } from '../tools/resolve.ts';
import { examine, type MachineCheck } from './doctor.ts';
import { SANDBOX_TOOLS } from './tools.ts';

const GO = { go: 'echo go version go1.26.1 linux/amd64' };

/** A machine with these programs, an empty cache, and with or without root and Debian's packages. */
function machine({
  bin = {},
  root = false,
  debianPackages = false,
}: {
  bin?: Record<string, string>;
  root?: boolean;
  debianPackages?: boolean;
} = {}) {
  const spies = [
    vi.spyOn(process, 'getuid').mockReturnValue(root ? 0 : 1000),
    vi.spyOn(debian, 'hasDebianPackages').mockReturnValue(debianPackages),
  ];
  onTestFinished(() => spies.forEach((spy) => spy.mockRestore()));
  usePath(programs(bin));
  return useCache();
}

vi.mock('../tools/debian.ts', { spy: true });

function check(what: string, checks = examine()): MachineCheck | undefined {
  return checks.find((one) => one.what === what);
}

/** Puts every tool of a sandbox with simulated nodes into the cache. */
function fillCache(): void {
  for (const name of SANDBOX_TOOLS.kwok) {
    const found = toolByName(name);
    mkdirSync('go' in found ? goToolDir(found.go) : debian.debianToolDir(found.debian), { recursive: true });
  }
}

test('a bare machine is told what it lacks', () => {
  machine();
  expect(check('Go')).toEqual({
    what: 'Go',
    state: 'missing',
    detail: 'builds the tools that are not on PATH; get it from go.dev',
  });
  expect(check('tool redis')).toEqual({
    what: 'tool redis',
    state: 'missing',
    detail: "redis-server is not on PATH; install redis with your system's package manager",
  });
});

test('what can be built or unpacked is made when needed', () => {
  machine({ bin: GO, debianPackages: true });
  expect(check('Go')).toEqual({ what: 'Go', state: 'ok', detail: '1.26.1' });
  expect(check('tool etcd')).toMatchObject({
    state: 'made when needed',
    detail: 'etcd is not on PATH: is built with Go',
  });
  expect(check('tool redis')).toMatchObject({
    state: 'made when needed',
    detail: "redis-server is not on PATH: is unpacked from Debian's packages",
  });
  expect(check('disk')?.detail).toContain('building the tools takes up to');
});

test('a machine with every tool needs neither Go nor the disk to build', () => {
  const cache = machine();
  fillCache();
  const checks = examine();
  expect(checks.filter(({ what }) => what.startsWith('tool ')).every(({ state }) => state === 'ok')).toBe(true);
  expect(check('tool kwok', checks)?.detail).toBe('in the cache');
  expect(check('Go', checks)).toMatchObject({ state: 'ok', detail: 'not needed: every tool is there' });
  expect(check('disk', checks)).toMatchObject({
    state: 'ok',
    detail: expect.stringMatching(`^\\d+ GiB free in ${cache}$`),
  });
});

test('a tool on PATH is named with its version', () => {
  machine({ bin: { etcd: 'echo etcd Version: 3.6.5' } });
  expect(check('tool etcd')).toEqual({ what: 'tool etcd', state: 'ok', detail: 'on PATH, version 3.6.5' });
});

describe('real nodes', () => {
  test('need root, and then tools of their own', () => {
    machine({ root: true });
    const checks = examine();
    expect(check('real nodes', checks)).toMatchObject({ state: 'ok' });
    expect(toolsOf(checks)).toEqual([...SANDBOX_TOOLS.nodes]);
  });

  test('are simulated without it, which is no lack', () => {
    machine();
    const checks = examine();
    expect(check('real nodes', checks)).toMatchObject({
      state: 'made when needed',
      detail: 'not without root on Linux: KWOK simulates them',
    });
    expect(toolsOf(checks)).toEqual([...SANDBOX_TOOLS.kwok]);
  });
});

test('every tool of a sandbox is in the catalogue', () => {
  const known = [...Object.keys(GO_TOOLS), ...Object.keys(DEBIAN_TOOLS)];
  const names = new Set<ToolName>(Object.values(SANDBOX_TOOLS).flat());
  expect([...names].filter((name) => !known.includes(name))).toEqual([]);
  expect(known.filter((name) => !names.has(name as ToolName))).toEqual([]);
});

test('looking makes nothing but the empty cache', () => {
  const cache = machine({ bin: GO });
  examine();
  expect(readdirSync(cache)).toEqual([]);
});

function toolsOf(checks: readonly MachineCheck[]): string[] {
  return checks.flatMap(({ what }) => (what.startsWith('tool ') ? [what.slice('tool '.length)] : []));
}
