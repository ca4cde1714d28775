import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { execaSync } from 'execa';
import semver from 'semver';
import { DEBIAN_TOOLS, type DebianTool, GO_TOOLS, type GoTool, type ToolName, type VersionCheck } from './catalog.ts';
import { debianToolDir } from './debian.ts';
import { goToolDir } from './go-build.ts';

/** File that marks a folder of links to tools, such as a sandbox's. */
export const LINKS_MARK = '.sitewright-links';

/** Where a tool is, or that it is missing. */
export type Resolution =
  | { readonly from: 'PATH'; readonly programs: Readonly<Record<string, string>>; readonly version: string }
  | { readonly from: 'cache'; readonly programs: Readonly<Record<string, string>>; readonly dir: string }
  | { readonly from: 'missing'; readonly reason: string };

/** A tool of the catalogue by its name. */
export function toolByName(name: ToolName): { go: GoTool } | { debian: DebianTool } {
  if (name in GO_TOOLS) return { go: GO_TOOLS[name as keyof typeof GO_TOOLS] };
  return { debian: DEBIAN_TOOLS[name as keyof typeof DEBIAN_TOOLS] };
}

/** Looks for a tool: on PATH in a version that fits, else in the cache. */
export function resolveTool(name: ToolName): Resolution {
  const found = toolByName(name);
  const tool = 'go' in found ? found.go : found.debian;
  const path = tool.onPath === undefined ? undefined : resolveOnPath(tool.onPath);
  if (path?.from === 'PATH') return path;
  const dir = 'go' in found ? goToolDir(found.go) : debianToolDir(found.debian);
  if (!existsSync(dir)) return path ?? { from: 'missing', reason: 'not built yet' };
  const programs = Object.keys(tool.programs).map((program) => [program, join(dir, 'bin', program)]);
  return { from: 'cache', programs: Object.fromEntries(programs), dir };
}

function resolveOnPath(checks: Readonly<Record<string, VersionCheck>>): Resolution {
  const programs: Record<string, string> = {};
  let version = '';
  for (const [program, { args, range }] of Object.entries(checks)) {
    const file = which(program);
    if (file === undefined) return { from: 'missing', reason: `${program} is not on PATH` };
    programs[program] = file;
    if (args === undefined || range === undefined) continue;
    const found = readVersion(file, args);
    if (found === undefined || !semver.satisfies(found, range)) {
      return { from: 'missing', reason: `${file} is ${found ?? 'of unknown version'}, needed is ${range}` };
    }
    version = found;
  }
  return { from: 'PATH', programs, version };
}

function which(program: string): string | undefined {
  for (const dir of (process.env.PATH ?? '').split(delimiter)) {
    // What lies there was found before: taking it again would make links that lead to themselves.
    if (existsSync(join(dir, LINKS_MARK))) continue;
    // Absolute, since links will lead to it.
    const file = resolve(dir, program);
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

function readVersion(file: string, args: readonly string[]): string | undefined {
  const { all } = execaSync(file, args, { all: true, reject: false, timeout: 10_000 });
  return semver.coerce(/\d+\.\d+(\.\d+)?/.exec(all ?? '')?.[0])?.version;
}
