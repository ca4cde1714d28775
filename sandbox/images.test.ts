import { createHash } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../test/helpers/folders.ts';
import { writeImage } from './images.ts';

const REFERENCE = 'sitewright.local/pause:1';

/** A program in a folder of its own, called `name` there. */
function program(content = 'static program', name = 'pause'): string {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, content);
  return file;
}

async function write(image: { program: string; reference?: string; user?: string }): Promise<string> {
  const file = join(temporaryFolder(), 'images', 'it.tar');
  await writeImage(file, { reference: REFERENCE, ...image });
  return file;
}

/** A file of an archive. */
async function entry(archive: string, name: string): Promise<Buffer> {
  const { stdout } = await execa('tar', ['-xOf', archive, name], { encoding: 'buffer' });
  return Buffer.from(stdout);
}

async function json<T>(archive: string, name: string): Promise<T> {
  return JSON.parse(String(await entry(archive, name))) as T;
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

test('the same program gives the same bytes, whatever its name, times, rights and the mask of this process', async () => {
  const [one, two] = [program(), program('static program', 'other')];
  utimesSync(two, 1, 1);
  chmodSync(two, 0o500);
  const first = readFileSync(await write({ program: one }));
  const mask = process.umask(0o077);
  onTestFinished(() => void process.umask(mask));
  const second = readFileSync(await write({ program: two }));
  expect(Buffer.compare(first, second)).toBe(0);
});

test.each([
  ['program', 'other program', {}],
  ['reference', 'static program', { reference: 'sitewright.local/pause:2' }],
  ['user', 'static program', { user: '0:0' }],
])('another %s gives other bytes', async (_what, content, image) => {
  const bytes = readFileSync(await write({ program: program() }));
  expect(Buffer.compare(readFileSync(await write({ program: program(content), ...image })), bytes)).not.toBe(0);
});

test('it is an archive whose manifest leads to its parts by their hashes', async () => {
  const file = await write({ program: program() });
  interface Manifest {
    Config: string;
    RepoTags: string[];
    Layers: string[];
  }
  const [manifest] = await json<Manifest[]>(file, 'manifest.json');
  const { Config = '', Layers = [], RepoTags } = manifest ?? {};
  expect(RepoTags).toEqual([REFERENCE]);
  expect(Config).toBe(`${sha256(await entry(file, Config))}.json`);
  const config = await json<{ rootfs: { diff_ids: string[] } }>(file, Config);
  expect(config).toMatchObject({ os: 'linux', config: { Entrypoint: ['/main'], User: '65532:65532' } });
  const layer = await entry(file, Layers[0] ?? '');
  expect(config.rootfs.diff_ids).toEqual([`sha256:${sha256(layer)}`]);
  const { stdout: names } = await execa('tar', ['-tf', file]);
  expect(names.split('\n').sort()).toEqual([Config, 'layer.tar', 'manifest.json'].sort());
});

test('its one file is the program, which everyone may run and only root may change', async () => {
  const file = await write({ program: program('static program') });
  const layer = await entry(file, 'layer.tar');
  const { stdout } = await execa('tar', ['--numeric-owner', '-tvf', '-'], { input: layer });
  expect(stdout).toMatch(/^-rwxr-xr-x 0\/0 +14 1970-01-01 \S+ main$/);
  const content = await execa('tar', ['-xOf', '-', 'main'], { input: layer });
  expect(content.stdout).toBe('static program');
});

test('a program that is not there leaves no image', async () => {
  const file = join(temporaryFolder(), 'it.tar');
  await expect(writeImage(file, { reference: REFERENCE, program: '/nowhere/pause' })).rejects.toThrow('ENOENT');
  await writeImage(file, { reference: REFERENCE, program: program() });
  expect(readdirSync(join(file, '..'))).toEqual(['it.tar']);
});
