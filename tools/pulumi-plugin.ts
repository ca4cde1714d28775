import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheDir } from './cache.ts';
import type { GoTool } from './catalog.ts';
import { goToolDir } from './go-build.ts';

/** Without internet the attempt fails in seconds; through a proxy that never answers it must not hold up the build. */
const TIMEOUT_MS = 120_000;

/**
 * Downloads the official release of a Pulumi plugin to where its build would go.
 * @param pulumi the pulumi program, which knows where its plugins are released
 * @returns whether this machine can have it
 */
export async function downloadPlugin(tool: GoTool, pulumi: string): Promise<boolean> {
  const { pulumiPlugin: plugin } = tool;
  if (plugin === undefined) return false;
  const target = goToolDir(tool);
  mkdirSync(join(cacheDir(), 'tools'), { recursive: true });
  const work = mkdtempSync(`${target}.`);
  try {
    const env = { PULUMI_HOME: work, PULUMI_SKIP_UPDATE_CHECK: 'true' };
    const args = ['plugin', 'install', 'resource', plugin.name, plugin.version, '--non-interactive'];
    const { exitCode } = await execa(pulumi, args, { env, timeout: TIMEOUT_MS, reject: false });
    const dir = join(work, 'plugins', `resource-${plugin.name}-v${plugin.version}`);
    if (exitCode !== 0 || !existsSync(join(dir, `pulumi-resource-${plugin.name}`))) return false;
    mkdirSync(join(work, 'made'));
    renameSync(dir, join(work, 'made', 'bin'));
    renameSync(join(work, 'made'), target);
    return true;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
