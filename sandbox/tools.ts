import { mkdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ToolName } from '../tools/catalog.ts';
import { hasDebianPackages, unpackDebianTool } from '../tools/debian.ts';
import { buildGoTool, goVersion, removeBuildCache } from '../tools/go-build.ts';
import { downloadPlugin } from '../tools/pulumi-plugin.ts';
import { LINKS_MARK, resolveTool, toolByName } from '../tools/resolve.ts';
import type { Mode } from './state.ts';

/** Tools that a sandbox needs whatever its clusters are. */
const COMMON: readonly ToolName[] = [
  'redis',
  'argocd',
  'external-secrets',
  'pulumi',
  'pulumi-language-nodejs',
  'pulumi-resource-kubernetes',
  'kubernetes',
  'images',
];

/** Tools that a sandbox needs, by how its clusters come to be. */
export const SANDBOX_TOOLS: Readonly<Record<Mode, readonly ToolName[]>> = {
  nodes: ['iproute2', 'util-linux', 'runc', 'nftables', 'etcd', 'containerd', 'cni', ...COMMON],
  kwok: ['etcd', 'kwok', ...COMMON],
  contexts: COMMON,
};

/** The programs of a sandbox. */
export interface Programs {
  /** Path of a program. */
  readonly bin: (name: string) => string;
  /** Path of a file or folder that a tool keeps beside its programs. */
  readonly file: (tool: ToolName, name: string) => string;
  /** Folder with links to all programs, to put on PATH. */
  readonly path: string;
}

/** How a tool came to be there. */
export interface ToolReport {
  readonly tool: ToolName;
  readonly from: 'PATH' | 'cache' | 'built now';
}

/**
 * Finds the tools of a sandbox, building and unpacking those that are missing.
 * @param linkDir folder to put links to all programs in
 * @param progress called with one line of text whenever there is something new to say
 * @throws when a tool is missing and cannot be had, with what to do
 */
export async function ensureTools(
  names: readonly ToolName[],
  linkDir: string,
  progress: (text: string) => void,
): Promise<{ programs: Programs; reports: ToolReport[] }> {
  const reports: ToolReport[] = [];
  const missing = names.filter((name) => resolveTool(name).from === 'missing');
  for (const [index, name] of missing.entries()) {
    await obtain(name, (text) => progress(`${text} (tool ${index + 1} of ${missing.length})`));
  }
  if (missing.some((name) => 'go' in toolByName(name))) removeBuildCache();

  const paths = new Map<string, string>();
  const dirs = new Map<ToolName, string>();
  for (const tool of names) {
    const found = resolveTool(tool);
    if (found.from === 'missing') throw new Error(`${tool}: ${found.reason}`);
    for (const [program, file] of Object.entries(found.programs)) paths.set(program, file);
    if (found.from === 'cache') dirs.set(tool, found.dir);
    reports.push({ tool, from: missing.includes(tool) ? 'built now' : found.from });
  }
  link(linkDir, paths);
  const bin = (name: string): string => {
    if (!paths.has(name)) throw new Error(`${name} is not among the tools of this sandbox`);
    return join(linkDir, name);
  };
  const file = (tool: ToolName, name: string): string => join(dirs.get(tool) ?? '', name);
  return { programs: { bin, file, path: linkDir }, reports };
}

async function obtain(name: ToolName, progress: (text: string) => void): Promise<void> {
  const tool = toolByName(name);
  if ('debian' in tool) {
    const needed = Object.keys(tool.debian.programs).join(' and ');
    if (!hasDebianPackages()) {
      throw new Error(`${needed} must be on PATH, got nothing; install ${name} with your system's package manager`);
    }
    progress(`fetching ${name} from Debian's packages`);
    await unpackDebianTool(tool.debian);
    return;
  }
  if (goVersion() === undefined) {
    throw new Error(`${name} must be built, got no Go on PATH; install Go from go.dev, or put ${name} on PATH`);
  }
  const pulumi = resolveTool('pulumi');
  if (tool.go.pulumiPlugin !== undefined && pulumi.from !== 'missing') {
    progress(`looking for the official release of ${name}`);
    if (await downloadPlugin(tool.go, pulumi.programs.pulumi ?? '')) return;
  }
  progress(`building ${name}`);
  let shown = 0;
  await buildGoTool(tool.go, (done, total) => {
    const percent = Math.floor((done / total) * 100);
    if (percent === shown) return;
    shown = percent;
    progress(`building ${name}: ${done} of about ${total} packages`);
  });
}

/** One folder with a link to each program, so that they find each other, and the user finds them, by PATH. */
function link(dir: string, programs: ReadonlyMap<string, string>): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, LINKS_MARK), '');
  // The language host and the provider plugin run `node`: the one that runs this.
  for (const [name, target] of [...programs, ['node', process.execPath] as const]) {
    const place = join(dir, name);
    if (readLink(place) === target) continue;
    rmSync(place, { force: true });
    symlinkSync(target, place);
  }
}

function readLink(place: string): string | undefined {
  try {
    return readlinkSync(place);
  } catch {
    return undefined;
  }
}

/** Folder of the CNI plugins, which lie together. */
export function cniDir({ file }: Programs): string {
  return dirname(file('cni', 'bin/bridge'));
}
