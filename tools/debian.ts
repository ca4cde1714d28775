import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheDir } from './cache.ts';
import type { DebianTool } from './catalog.ts';

/** Folder that a tool's programs are in once its packages are unpacked. */
export function debianToolDir(tool: DebianTool): string {
  return join(cacheDir(), 'tools', `${tool.name}-debian`);
}

/** Whether this machine can fetch Debian packages. */
export function hasDebianPackages(): boolean {
  return existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg-deb');
}

/**
 * Fetches the packages of a tool, with those that they need and this machine lacks, and unpacks them into the cache.
 * Nothing is installed and no root is needed; apt checks the archive's signatures as it always does.
 */
export async function unpackDebianTool(tool: DebianTool): Promise<void> {
  const target = debianToolDir(tool);
  if (existsSync(target)) return;
  const work = `${target}.${process.pid}`;
  rmSync(work, { recursive: true, force: true });
  const dirs = { lists: join(work, 'lists'), cache: join(work, 'cache'), root: join(work, 'root') };
  mkdirSync(join(dirs.lists, 'partial'), { recursive: true });
  mkdirSync(join(dirs.cache, 'archives', 'partial'), { recursive: true });
  mkdirSync(join(work, 'bin'), { recursive: true });
  try {
    const apt = (...args: string[]) =>
      execa('apt-get', [
        ...['-o', `Dir::State::Lists=${dirs.lists}`, '-o', `Dir::Cache=${dirs.cache}`, '-o', 'Debug::NoLocking=1'],
        // apt gives up root for its downloads, and its user may not write into this user's cache.
        ...['-o', 'APT::Sandbox::User=root', '-q', '-y', ...args],
      ]);
    await apt('update');
    const packages = [...new Set(Object.values(tool.programs))];
    await apt('install', '--download-only', '--no-install-recommends', ...packages);
    const archives = join(dirs.cache, 'archives');
    for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
      await execa('dpkg-deb', ['-x', join(archives, file), dirs.root]);
    }
    for (const program of Object.keys(tool.programs)) {
      writeLauncher(join(work, 'bin', program), program);
    }
    for (const dir of [dirs.lists, dirs.cache]) rmSync(dir, { recursive: true, force: true });
    renameSync(work, target);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
}

/** A program finds its libraries where they were unpacked, through a launcher that works wherever the folder is. */
function writeLauncher(file: string, program: string): void {
  const script = `#!/bin/sh
# Runs ${program} with the libraries that were unpacked beside it.
root=$(dirname "$(readlink -f "$0")")/../root
libs=$(find "$root" -name '*.so*' -exec dirname {} + 2>/dev/null | sort -u | tr '\\n' ':')
path=$libs$LD_LIBRARY_PATH
for dir in usr/sbin usr/bin sbin bin; do
  if [ -x "$root/$dir/${program}" ]; then
    # No colon at the end, which would stand for the folder that the caller is in.
    LD_LIBRARY_PATH=\${path%:} exec "$root/$dir/${program}" "$@"
  fi
done
echo "${program}: not found below $root" >&2
exit 127
`;
  writeFileSync(file, script);
  chmodSync(file, 0o755);
}
