import { statfsSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { cacheDir } from '../tools/cache.ts';
import type { ToolName } from '../tools/catalog.ts';
import { hasDebianPackages } from '../tools/debian.ts';
import { goVersion } from '../tools/go-build.ts';
import { resolveTool, toolByName } from '../tools/resolve.ts';
import { canRunNodes } from './plan.ts';
import { SANDBOX_TOOLS } from './tools.ts';

/** Disk that a build of all tools takes at its height, and memory that a sandbox with real nodes takes, in GiB. */
const BUILD_DISK_GIB = 25;
const SANDBOX_MEMORY_GIB = 4;

/** Something that the sandbox needs of a machine. */
export interface MachineCheck {
  readonly what: string;
  readonly state: 'ok' | 'made when needed' | 'missing';
  /** What was found; where it is missing, how to get it. */
  readonly detail: string;
}

/** Looks at this machine. Changes nothing but the empty cache folder. */
export function examine(): MachineCheck[] {
  const nodes = canRunNodes();
  const tools = SANDBOX_TOOLS[nodes ? 'nodes' : 'kwok'].map(checkTool);
  const buildable = tools.some(({ state }) => state === 'made when needed');
  return [
    { what: 'Node.js', state: 'ok', detail: process.version },
    checkGo(buildable),
    nodes
      ? { what: 'real nodes', state: 'ok', detail: 'root on Linux' }
      : { what: 'real nodes', state: 'made when needed', detail: 'not without root on Linux: KWOK simulates them' },
    checkMemory(),
    checkDisk(buildable),
    ...tools,
  ];
}

function checkGo(buildable: boolean): MachineCheck {
  const what = 'Go';
  const version = goVersion();
  if (version !== undefined) return { what, state: 'ok', detail: version };
  if (buildable) return { what, state: 'missing', detail: 'builds the tools that are not on PATH; get it from go.dev' };
  return { what, state: 'ok', detail: 'not needed: every tool is there' };
}

function checkMemory(): MachineCheck {
  const gib = (bytes: number) => Math.round(bytes / 1024 ** 3);
  const detail = `${gib(freemem())} of ${gib(totalmem())} GiB free, a sandbox takes about ${SANDBOX_MEMORY_GIB} GiB`;
  return { what: 'memory', state: gib(totalmem()) >= SANDBOX_MEMORY_GIB ? 'ok' : 'missing', detail };
}

function checkDisk(buildable: boolean): MachineCheck {
  const dir = cacheDir();
  const { bavail, bsize } = statfsSync(dir);
  const free = Math.round((bavail * bsize) / 1024 ** 3);
  const detail = `${free} GiB free in ${dir}`;
  if (!buildable) return { what: 'disk', state: 'ok', detail };
  const needed = `${detail}, building the tools takes up to ${BUILD_DISK_GIB} GiB for a while`;
  return { what: 'disk', state: free >= BUILD_DISK_GIB ? 'ok' : 'missing', detail: needed };
}

function checkTool(name: ToolName): MachineCheck {
  const what = `tool ${name}`;
  const found = resolveTool(name);
  if (found.from === 'PATH') {
    return { what, state: 'ok', detail: `on PATH${found.version === '' ? '' : `, version ${found.version}`}` };
  }
  if (found.from === 'cache') return { what, state: 'ok', detail: 'in the cache' };
  if ('go' in toolByName(name)) return { what, state: 'made when needed', detail: `${found.reason}: is built with Go` };
  if (hasDebianPackages()) {
    return { what, state: 'made when needed', detail: `${found.reason}: is unpacked from Debian's packages` };
  }
  return { what, state: 'missing', detail: `${found.reason}; install ${name} with your system's package manager` };
}
