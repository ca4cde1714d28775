import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** What a command took, with the processes that it started. */
export interface Usage {
  readonly wallMs: number;
  /** In user and system mode. */
  readonly cpuMs: number;
  /** Of the largest process. */
  readonly peakMiB: number;
}

const PRELOAD = join(import.meta.dirname, 'usage.ts');

/**
 * Runs a Node program to its end, with the compile cache that the wrapper script `sitewright` gives to Node.
 * @param folder to run in, and for the compile cache
 * @throws when it fails
 */
export function measure(args: readonly string[], folder: string): Usage {
  const file = join(folder, 'usage.jsonl');
  const env = {
    ...process.env,
    NODE_COMPILE_CACHE: join(folder, 'compile-cache'),
    NODE_OPTIONS: `--require "${PRELOAD}"`,
    BENCH_USAGE_FILE: file,
  };
  rmSync(file, { force: true });
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const wallMs = performance.now() - start;
  if (status !== 0) throw new Error(`${args.join(' ')}: must succeed, got exit code ${status}; it said:\n${stderr}`);
  const processes: Omit<Usage, 'wallMs'>[] = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return {
    wallMs,
    cpuMs: processes.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    peakMiB: Math.max(...processes.map(({ peakMiB }) => peakMiB)),
  };
}
