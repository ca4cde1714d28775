import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../test/helpers/folders.ts';
import { programs, useCache, usePath } from '../test/helpers/programs.ts';
import { DEBIAN_TOOLS, GO_TOOLS, type ToolName } from './catalog.ts';
import { debianToolDir } from './debian.ts';
import { goToolDir } from './go-build.ts';
import { resolveTool, toolByName } from './resolve.ts';

const { kubernetes } = GO_TOOLS;
/** All programs of Kubernetes, each telling the version 1.36.2. */
const KUBERNETES = Object.fromEntries(
  Object.keys(kubernetes.programs).map((name) => [name, 'echo Kubernetes v1.36.2']),
);

test('a tool whose programs are on PATH in the right version is taken from there', () => {
  useCache();
  const bin = programs(KUBERNETES);
  usePath(temporaryFolder(), bin);
  expect(resolveTool('kubernetes')).toEqual({
    from: 'PATH',
    version: '1.36.2',
    programs: Object.fromEntries(Object.keys(KUBERNETES).map((name) => [name, join(bin, name)])),
  });
});

test('a tool on PATH comes before the one in the cache', () => {
  useCache();
  mkdirSync(goToolDir(GO_TOOLS.etcd), { recursive: true });
  usePath(programs({ etcd: 'echo etcd Version: 3.6.5' }));
  expect(resolveTool('etcd').from).toBe('PATH');
});

describe('a tool is not taken from PATH, and it is said why,', () => {
  test.each([
    ['older than needed', 'echo etcd Version: 3.4.30', 'is 3.4.30, needed is >=3.5.11 <4'],
    ['newer than known', 'echo etcd Version: 4.0.0', 'is 4.0.0, needed is >=3.5.11 <4'],
    ['without a version', 'echo hello', 'is of unknown version, needed is >=3.5.11 <4'],
    ['that fails', 'exit 1', 'is of unknown version, needed is >=3.5.11 <4'],
  ])('%s', (_what, script, reason) => {
    useCache();
    const bin = programs({ etcd: script });
    usePath(bin);
    expect(resolveTool('etcd')).toEqual({ from: 'missing', reason: `${join(bin, 'etcd')} ${reason}` });
  });

  test('where one of its programs is of another version', () => {
    useCache();
    const bin = programs({ ...KUBERNETES, kubectl: 'echo Client Version: v1.30.0' });
    usePath(bin);
    expect(resolveTool('kubernetes')).toEqual({
      from: 'missing',
      reason: `${join(bin, 'kubectl')} is 1.30.0, needed is >=1.35 <1.38`,
    });
  });

  test('where one of its programs is not there', () => {
    useCache();
    const { kubelet: _, ...rest } = KUBERNETES;
    usePath(programs(rest));
    expect(resolveTool('kubernetes')).toEqual({ from: 'missing', reason: 'kubelet is not on PATH' });
  });

  test('where the name is that of a folder', () => {
    useCache();
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'etcd'));
    usePath(folder);
    expect(resolveTool('etcd')).toEqual({ from: 'missing', reason: 'etcd is not on PATH' });
  });
});

test('a tool of another version on PATH leaves the one in the cache', () => {
  useCache();
  const dir = goToolDir(GO_TOOLS.etcd);
  mkdirSync(dir, { recursive: true });
  usePath(programs({ etcd: 'echo etcd Version: 3.4.30' }));
  expect(resolveTool('etcd')).toEqual({ from: 'cache', dir, programs: { etcd: join(dir, 'bin', 'etcd') } });
});

test('a tool that is always ours is not looked for on PATH', () => {
  useCache();
  usePath(programs({ kwok: 'echo 0.7.0' }));
  expect(resolveTool('kwok')).toEqual({ from: 'missing', reason: 'not built yet' });
});

test("a tool of Debian's packages is found where they are unpacked", () => {
  useCache();
  usePath(temporaryFolder());
  const dir = debianToolDir(DEBIAN_TOOLS.redis);
  mkdirSync(dir, { recursive: true });
  expect(resolveTool('redis')).toMatchObject({
    from: 'cache',
    programs: { 'redis-server': `${dir}/bin/redis-server` },
  });
});

test('a folder of PATH that is relative gives a path that holds from everywhere', () => {
  useCache();
  const bin = programs({ etcd: 'echo etcd Version: 3.6.5' });
  usePath(relative(process.cwd(), bin));
  expect(resolveTool('etcd')).toMatchObject({ programs: { etcd: join(bin, 'etcd') } });
});

/** What the programs really print; several lines where the version is not in the first. */
const PRINTED: Readonly<Record<string, string>> = {
  'kube-apiserver': 'Kubernetes v1.36.3',
  kubectl: 'Client Version: v1.36.3\nKustomize Version: v5.7.1',
  etcd: 'etcd Version: 3.6.10\nGit SHA: Not provided\nGo Version: go1.26.0',
  containerd: 'containerd github.com/containerd/containerd/v2 2.1.5 ',
  'containerd-shim-runc-v2': 'containerd-shim-runc-v2:\n  Version:  2.1.5\n  Revision: \n  Go version: go1.26.0',
  ctr: 'ctr github.com/containerd/containerd/v2 2.1.5',
  pulumi: 'v3.246.0',
  'redis-server': 'Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=1d5e6d2b7d1cf4c3',
  runc: 'runc version 1.1.12+ds1\ncommit: 1.1.12+ds1-2\nspec: 1.1.0\ngo: go1.22.2',
  nft: 'nftables v1.0.9 (Old Doc Yak #3)',
  ip: 'ip utility, iproute2-6.1.0, libbpf 1.3.0',
  nsenter: 'nsenter from util-linux 2.39.3',
  unshare: 'unshare from util-linux 2.39',
};

const CHECKS = [...Object.keys(GO_TOOLS), ...Object.keys(DEBIAN_TOOLS)].flatMap((name) => {
  const found = toolByName(name as ToolName);
  return Object.entries(('go' in found ? found.go : found.debian).onPath ?? {}).map(
    ([program, { range }]) => [program, range, name as ToolName] as const,
  );
});

test.each(CHECKS)('what %s prints is understood, and %s fits', (_program, _range, name) => {
  useCache();
  const found = toolByName(name);
  const names = Object.keys(('go' in found ? found.go : found.debian).onPath ?? {});
  const same = (program: string) => PRINTED[program] ?? PRINTED['kube-apiserver'];
  usePath(programs(Object.fromEntries(names.map((program) => [program, `printf '%s' '${same(program)}'`]))));
  expect(resolveTool(name).from).toBe('PATH');
});
