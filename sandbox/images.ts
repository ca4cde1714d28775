import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';

/** An image with one static program and nothing else. */
export interface ImageSpec {
  /** Reference, such as `sitewright.local/pause:1`. */
  readonly reference: string;
  /** File of the program on this machine. */
  readonly program: string;
  /** User and group ids that it runs as. @default 65532:65532 */
  readonly user?: string;
}

/**
 * Writes an image as a docker-archive tar, which `ctr images import` takes: no engine, no registry, no privilege.
 * The same program gives the same bytes.
 *
 * @see https://github.com/moby/docker-image-spec/blob/v1.3.1/spec.md
 */
export async function writeImage(file: string, image: ImageSpec): Promise<void> {
  const work = `${file}.work`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, 'root'), { recursive: true });
  mkdirSync(dirname(file), { recursive: true });
  copyFileSync(image.program, join(work, 'root', 'main'));
  await tar(join(work, 'layer.tar'), join(work, 'root'), ['main']);
  const layer = createHash('sha256')
    .update(readFileSync(join(work, 'layer.tar')))
    .digest('hex');
  const config = JSON.stringify({
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: { Entrypoint: ['/main'], User: image.user ?? '65532:65532', WorkingDir: '/' },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
  });
  const configName = `${createHash('sha256').update(config).digest('hex')}.json`;
  writeFileSync(join(work, configName), config);
  const manifest = [{ Config: configName, RepoTags: [image.reference], Layers: ['layer.tar'] }];
  writeFileSync(join(work, 'manifest.json'), JSON.stringify(manifest));
  await tar(file, work, ['manifest.json', configName, 'layer.tar']);
  rmSync(work, { recursive: true });
}

async function tar(file: string, dir: string, names: readonly string[]): Promise<void> {
  const stable = ['--format=ustar', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--mode=0755'];
  await execa('tar', [...stable, '-C', dir, '-cf', file, ...names]);
}
