import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa, execaSync } from 'execa';
import { cacheDir, contentHash, PROJECT_DIR } from './cache.ts';
import type { GoTool } from './catalog.ts';

/** The same for all tools: with another value for one of them, all packages that it shares would be compiled twice. */
const BUILD_ENV = { CGO_ENABLED: '0', GOFLAGS: '-trimpath -buildvcs=false', GOWORK: 'off' };

/** What a build reports while it runs: packages compiled so far, and about how many there are in all. */
export type BuildProgress = (done: number, total: number) => void;

/** Folder that a tool's programs are in once it is built; its name is the hash of all that goes into them. */
export function goToolDir(tool: GoTool): string {
  const { programs, variables, tags, fixedArguments, files } = tool;
  const recipe = JSON.stringify({ programs, variables, tags, fixedArguments, files, env: BUILD_ENV });
  const hash = contentHash(join(PROJECT_DIR, tool.dir), [recipe, platform(), arch()]);
  return join(cacheDir(), 'tools', `${tool.name}-${hash}`);
}

/**
 * Builds a tool into the cache. Checksums come from its `go.sum`. An interrupted build leaves no tool, but what it has
 * compiled, so that the next one goes on from there; {@link removeBuildCache} removes that.
 */
export async function buildGoTool(tool: GoTool, progress: BuildProgress = () => {}): Promise<void> {
  const target = goToolDir(tool);
  if (existsSync(target)) return;
  const cwd = join(PROJECT_DIR, tool.dir);
  const env = { ...BUILD_ENV, GOCACHE: buildCacheDir() };
  removeLeftovers(target);
  const work = `${target}.${process.pid}`;
  mkdirSync(join(work, 'bin'), { recursive: true });
  try {
    if (Object.keys(tool.programs).length > 0) await compile(tool, cwd, env, join(work, 'bin'), progress);
    for (const [program, args] of Object.entries(tool.fixedArguments ?? {})) addLauncher(work, program, args);
    await copyFiles(tool, cwd, env, work);
    renameSync(work, target);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    // Another run may have built it meanwhile.
    if (!existsSync(target)) throw error;
  }
}

/** Removes what interrupted builds of a tool have left beside it. */
function removeLeftovers(target: string): void {
  const dir = dirname(target);
  if (!existsSync(dir)) return;
  for (const name of readdirSync(dir)) {
    const pid = name.startsWith(`${basename(target)}.`) ? Number(name.split('.').at(-1)) : 0;
    const isRunning = pid !== process.pid && existsSync(`/proc/${pid}`);
    if (pid > 0 && !isRunning) rmSync(join(dir, name), { recursive: true, force: true });
  }
}

/** Removes what builds have compiled on the way: gigabytes that only a change of version would use again. */
export function removeBuildCache(): void {
  rmSync(buildCacheDir(), { recursive: true, force: true });
}

/** Version of a tool, from its go.mod, without the v. */
export function toolVersion(tool: GoTool): string | undefined {
  if (tool.module === undefined) return undefined;
  const text = readFileSync(join(PROJECT_DIR, tool.dir, 'go.mod'), 'utf8');
  const escaped = tool.module.replaceAll('.', '\\.');
  return new RegExp(`^(?:require)?\\s*${escaped} v(\\S+)`, 'm').exec(text)?.[1];
}

/** Version of the Go that is on PATH, such as `1.26.0`. */
export function goVersion(): string | undefined {
  try {
    return /go(\d+\.\d+(\.\d+)?)/.exec(execaSync('go', ['version']).stdout)?.[1];
  } catch {
    return undefined;
  }
}

async function compile(
  tool: GoTool,
  cwd: string,
  env: Record<string, string>,
  bin: string,
  progress: BuildProgress,
): Promise<void> {
  const version = toolVersion(tool) ?? '';
  const [, minor = ''] = version.split('.');
  const variables = Object.entries(tool.variables ?? {}).map(
    ([name, value]) => `-X ${name}=${value.replace('{version}', version).replace('{minor}', minor)}`,
  );
  const tags = (tool.tags ?? []).join(',');
  const packages = Object.values(tool.programs);
  const listed = await execa('go', ['list', '-deps', `-tags=${tags}`, ...packages], { cwd, env });
  const total = listed.stdout.split('\n').length;
  const ldflags = ['-s', '-w', ...variables].join(' ');
  for (const [program, source] of Object.entries(tool.programs)) {
    const args = ['build', '-v', `-tags=${tags}`, `-ldflags=${ldflags}`, '-o', join(bin, program), source];
    const build = execa('go', args, { cwd, env, buffer: { stdout: false }, all: false });
    let done = 0;
    for await (const line of createInterface({ input: build.stderr })) {
      // With -v, each package that is compiled is named on a line of its own; downloads and errors have spaces.
      if (!line.includes(' ')) progress(Math.min(++done, total), total);
    }
    await build;
  }
}

/** Puts a launcher in the place of a program, which passes it some arguments first. */
function addLauncher(work: string, program: string, args: readonly string[]): void {
  mkdirSync(join(work, 'libexec'), { recursive: true });
  renameSync(join(work, 'bin', program), join(work, 'libexec', program));
  const script = `#!/bin/sh
exec "$(dirname "$(readlink -f "$0")")/../libexec/${program}" ${args.join(' ')} "$@"
`;
  writeFileSync(join(work, 'bin', program), script, { mode: 0o755 });
}

async function copyFiles(tool: GoTool, cwd: string, env: Record<string, string>, work: string): Promise<void> {
  if (tool.files === undefined || tool.module === undefined) return;
  await execa('go', ['mod', 'download', tool.module], { cwd, env });
  const { stdout: dir } = await execa('go', ['list', '-m', '-f', '{{.Dir}}', tool.module], { cwd, env });
  for (const [name, path] of Object.entries(tool.files)) {
    mkdirSync(dirname(join(work, name)), { recursive: true });
    cpSync(join(dir, path), join(work, name), { recursive: true });
  }
}

function buildCacheDir(): string {
  return join(cacheDir(), 'go-build');
}
