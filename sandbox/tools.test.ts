import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFolder } from '../test/helpers/folders.ts';
import { programs, useCache, usePath } from '../test/helpers/programs.ts';
import * as debian from '../tools/debian.ts';
import { ensureTools } from './tools.ts';

vi.mock('../tools/debian.ts', { spy: true });

const ETCD = { etcd: 'echo etcd Version: 3.6.5' };
const REDIS = { 'redis-server': 'echo Redis server v=7.0.15' };

test('programs lie beside each other as links, with the Node.js that runs this', async () => {
  useCache();
  const bin = programs({ ...ETCD, ...REDIS });
  usePath(bin);
  const links = join(temporaryFolder(), 'bin');
  const { programs: found, reports } = await ensureTools(['etcd', 'redis'], links, () => {});
  expect(reports).toEqual([
    { tool: 'etcd', from: 'PATH' },
    { tool: 'redis', from: 'PATH' },
  ]);
  expect(found.bin('etcd')).toBe(join(links, 'etcd'));
  const targets = ['etcd', 'redis-server', 'node'].map((name) => readlinkSync(join(links, name)));
  expect(targets).toEqual([join(bin, 'etcd'), join(bin, 'redis-server'), process.execPath]);
});

test('a link to a program that has moved is made anew', async () => {
  useCache();
  const links = join(temporaryFolder(), 'bin');
  for (const bin of [programs(ETCD), programs(ETCD)]) {
    usePath(bin);
    await ensureTools(['etcd'], links, () => {});
    expect(readlinkSync(join(links, 'etcd'))).toBe(join(bin, 'etcd'));
  }
});

test('a program of another tool is an error', async () => {
  useCache();
  usePath(programs(ETCD));
  const { programs: found } = await ensureTools(['etcd'], temporaryFolder(), () => {});
  expect(() => found.bin('kwok')).toThrow(new Error('kwok is not among the tools of this sandbox'));
});

test('a tool that would be built is an error without Go', async () => {
  useCache();
  usePath(temporaryFolder());
  await expect(ensureTools(['etcd'], temporaryFolder(), () => {})).rejects.toThrow(
    new Error('etcd must be built, got no Go on PATH; install Go from go.dev, or put etcd on PATH'),
  );
});

test("a tool that Debian's packages would give is an error without them", async () => {
  useCache();
  usePath(temporaryFolder());
  const spy = vi.spyOn(debian, 'hasDebianPackages').mockReturnValue(false);
  onTestFinished(() => spy.mockRestore());
  await expect(ensureTools(['util-linux'], temporaryFolder(), () => {})).rejects.toThrow(
    new Error(
      "nsenter and unshare must be on PATH, got nothing; install util-linux with your system's package manager",
    ),
  );
});
