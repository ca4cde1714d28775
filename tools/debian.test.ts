import { existsSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { readFiles, temporaryFolder } from '../test/helpers/folders.ts';
import { programs, useCache, useEnv } from '../test/helpers/programs.ts';
import { debianToolDir, unpackDebianTool } from './debian.ts';

const TOOL = { name: 'it', programs: { it: 'it-server', that: 'it-tools' }, onPath: {} };

/** Stands where apt stands: its packages are empty files. */
const FAKE_APT = `
for argument in "$@"; do
  case "$argument" in
    Dir::Cache=*) cache=\${argument#*=} ;;
    it-*) : >"$cache/archives/$argument.deb" ;;
  esac
done`;

/** Stands where dpkg-deb stands: each package holds one program and one library. */
const FAKE_DPKG_DEB = `
name=$(basename "$2" .deb)
if [ "$name" = it-server ]; then program=usr/sbin/it; else program=usr/bin/that; fi
mkdir -p "$3/$(dirname "$program")" "$3/usr/lib/$name"
: >"$3/usr/lib/$name/lib$name.so.1"
printf '#!/bin/sh\\necho "$LD_LIBRARY_PATH|$*"\\n' >"$3/$program"
chmod +x "$3/$program"`;

/** A cache of the test's own, with the tool unpacked in it; returns the tool's folder. */
async function unpacked(scripts: Readonly<Record<string, string>> = {}): Promise<string> {
  const bin = programs({ 'apt-get': FAKE_APT, 'dpkg-deb': FAKE_DPKG_DEB, ...scripts });
  useCache();
  useEnv({ PATH: `${bin}:${process.env.PATH}`, LD_LIBRARY_PATH: undefined });
  await unpackDebianTool(TOOL);
  return debianToolDir(TOOL);
}

test('a program finds the libraries that were unpacked beside it, and nothing in the folder it is started in', async () => {
  const dir = await unpacked();
  const { stdout } = await execa(join(dir, 'bin', 'it'), ['with space', 'last']);
  const [libraries = '', args] = stdout.split('|');
  const root = `${dir}/bin/../root`;
  expect(libraries.split(':')).toEqual([`${root}/usr/lib/it-server`, `${root}/usr/lib/it-tools`]);
  expect(args).toBe('with space last');
});

test('libraries that the caller has set come after them', async () => {
  const dir = await unpacked();
  const { stdout } = await execa(join(dir, 'bin', 'that'), { env: { LD_LIBRARY_PATH: '/own' } });
  expect(stdout).toMatch(/:\/own\|$/);
});

test('a program runs through a link, and from wherever its folder was moved to', async () => {
  const dir = await unpacked();
  const elsewhere = temporaryFolder();
  renameSync(dir, join(elsewhere, 'moved'));
  symlinkSync(join(elsewhere, 'moved', 'bin', 'it'), join(elsewhere, 'it'));
  const { stdout } = await execa(join(elsewhere, 'it'), []);
  expect(stdout).toContain(`${elsewhere}/moved/bin/../root/usr/lib/it-server`);
});

test('a program that its package does not hold is an error that names it', async () => {
  const dir = await unpacked({ 'dpkg-deb': 'mkdir -p "$3"' });
  const { exitCode, stderr } = await execa(join(dir, 'bin', 'it'), { reject: false });
  expect(exitCode).toBe(127);
  expect(stderr).toBe(`it: not found below ${dir}/bin/../root`);
});

test('nothing but the programs is left', async () => {
  const dir = await unpacked();
  expect(Object.keys(readFiles(dir))).toEqual([
    'bin/it',
    'bin/that',
    'root/usr/bin/that',
    'root/usr/lib/it-server/libit-server.so.1',
    'root/usr/lib/it-tools/libit-tools.so.1',
    'root/usr/sbin/it',
  ]);
});

test('packages that cannot be had are an error in the words of apt, and leave no tool', async () => {
  const cache = useCache();
  await expect(unpacked({ 'apt-get': 'echo "E: Unable to locate package it-server" >&2; exit 100' })).rejects.toThrow(
    'E: Unable to locate package it-server',
  );
  expect(readFiles(cache)).toEqual({});
});

test('a tool that is there is not fetched again', async () => {
  useCache();
  const dir = debianToolDir(TOOL);
  mkdirSync(dir, { recursive: true });
  useEnv({ PATH: temporaryFolder() });
  await unpackDebianTool(TOOL);
  expect(existsSync(join(dir, 'bin'))).toBe(false);
});
