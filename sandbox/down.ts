import { existsSync, readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { lockProcess } from '../tools/process-lock.ts';
import { daemonPid, kill, stopDaemon } from './daemon.ts';
import { removeBridge, removeCable, stopMachine } from './machine.ts';
import { bridgeName, toMachine } from './plan.ts';
import { readState, type SandboxState, sandboxFiles } from './state.ts';
import { waitFor } from './wait.ts';

const CGROUPS = '/sys/fs/cgroup';

/**
 * Stops exactly what `sandbox up` has started: processes by their ids, the namespaces that they made, the bridge and
 * the groups. Data stays, so that `sandbox up` goes on from there, unless `purge` is set.
 * @returns names of what was running; `undefined` where there is no sandbox
 */
export async function sandboxDown(stateDir: string, purge: boolean): Promise<string[] | undefined> {
  if (readState(stateDir) === undefined) return undefined;
  using _lock = lockProcess(sandboxFiles(stateDir).lock, stateDir);
  return stopSandbox(stateDir, purge);
}

/** {@link sandboxDown} for who holds the sandbox's lock already: a `sandbox up` that is interrupted. */
export async function stopSandbox(stateDir: string, purge = false): Promise<string[] | undefined> {
  const state = readState(stateDir);
  if (state === undefined) return undefined;
  const stopped: string[] = [];
  const stop = async (daemons: readonly { name: string; pidFile: string }[]) => {
    for (const { name, pidFile } of daemons) if (await stopDaemon(pidFile)) stopped.push(name);
  };
  const outside = daemonsOf(stateDir, state).filter(({ inMachine }) => !inMachine);
  await stop(outside.filter(({ cluster }) => cluster === undefined));
  await Promise.all(
    Object.keys(state.clusters).map((cluster) =>
      // Last what the others need to end in peace: the API server, and last of all etcd.
      stop(outside.filter((daemon) => daemon.cluster === cluster).reverse()),
    ),
  );
  for (const localCluster of Object.values(state.clusters)) {
    const { name, dir, isolated } = localCluster;
    if (!isolated) continue;
    if (await stopMachine(dir)) stopped.push(`${name}/machine`);
    await removeCable(toMachine(state, localCluster).cable);
    for (const { cluster, pidFile } of daemonsOf(stateDir, state))
      if (cluster === name) rmSync(pidFile, { force: true });
  }
  const plugins = orphanedPlugins(stateDir);
  for (const pid of plugins) kill(pid, 'SIGTERM');
  await waitFor('the plugins of Pulumi have ended', 10_000, () => orphanedPlugins(stateDir).length === 0);
  if (plugins.length > 0) stopped.push('plugins of a killed pulumi');
  if (await removeBridge(bridgeName(state))) stopped.push(`bridge ${bridgeName(state)}`);
  await removeGroups(`sitewright-${state.slug}`);
  if (purge) {
    // Argo CD closes the folder with its clones even to its owner.
    await execa('chmod', ['-R', 'u+rwX', join(stateDir, 'argocd')], { reject: false });
    rmSync(stateDir, { recursive: true, force: true });
  }
  return stopped;
}

/** The daemons of a sandbox by the files with their process ids, whether they run or not. */
export function daemonsOf(
  stateDir: string,
  state: SandboxState,
): {
  name: string;
  cluster: string | undefined;
  pidFile: string;
  logFile: string;
  pid: number | undefined;
  inMachine: boolean;
}[] {
  const list = (dir: string, cluster: string | undefined, inMachine: boolean) =>
    pidFiles(join(dir, 'run')).map((pidFile) => {
      const name = basename(pidFile, '.pid');
      const logFile = join(dir, 'log', `${name}.log`);
      const full = cluster === undefined ? name : `${cluster}/${name}`;
      return { name: full, cluster, pidFile, logFile, pid: daemonPid(pidFile), inMachine };
    });
  const clusters = Object.values(state.clusters).flatMap(({ name, dir, isolated }) => list(dir, name, isolated));
  return [...list(stateDir, undefined, false), ...clusters];
}

/** Programs of a Pulumi that has worked on this sandbox: a killed engine leaves its plugins running. */
function orphanedPlugins(stateDir: string): number[] {
  const home = `PULUMI_HOME=${sandboxFiles(stateDir).pulumiHome}`;
  const pids = existsSync('/proc/self/environ') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
  return pids.map(Number).filter((pid) => {
    try {
      const isPulumi = basename(readlinkSync(`/proc/${pid}/exe`)).startsWith('pulumi');
      return isPulumi && readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(home);
    } catch {
      // Ended meanwhile, or somebody else's.
      return false;
    }
  });
}

function pidFiles(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((name) => name.endsWith('.pid'))
    .sort()
    .map((name) => join(dir, name));
}

/** Removes a group from every hierarchy: there is one for all controllers, or one for each. */
async function removeGroups(name: string): Promise<void> {
  if (!existsSync(CGROUPS)) return;
  const hierarchies = readdirSync(CGROUPS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const places = [CGROUPS, ...hierarchies.map((entry) => join(CGROUPS, entry.name))].map((dir) => join(dir, name));
  for (const place of places.filter(existsSync)) {
    // The kernel lets go of a group a moment after its last process has ended.
    await waitFor(`group ${place} can be removed`, 10_000, () => {
      removeGroup(place);
      return true;
    });
  }
}

function removeGroup(place: string): void {
  for (const entry of readdirSync(place, { withFileTypes: true })) {
    if (entry.isDirectory()) removeGroup(join(place, entry.name));
  }
  rmdirSync(place);
}
