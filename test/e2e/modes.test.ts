import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadEnvironments } from '../../environments/load.ts';
import { makeImages, startCluster } from '../../sandbox/cluster.ts';
import { clusterAuthority, serverUrl } from '../../sandbox/control-plane.ts';
import { Launcher, stopDaemon } from '../../sandbox/daemon.ts';
import { daemonsOf } from '../../sandbox/down.ts';
import { writeKubeconfig } from '../../sandbox/kubeconfig.ts';
import { planSandbox } from '../../sandbox/plan.ts';
import type { SandboxState } from '../../sandbox/state.ts';
import { ensureTools, SANDBOX_TOOLS } from '../../sandbox/tools.ts';
import { eventually, MISSING_TOOLS, processesOf, REAL_NODES, TestSandbox, tracesOf } from '../helpers/sandbox.ts';

describe.skipIf(MISSING_TOOLS.length > 0)('a sandbox with simulated nodes', () => {
  const sandbox = new TestSandbox();

  beforeAll(() => sandbox.prepare());
  afterAll(() => sandbox[Symbol.asyncDispose]());

  test('comes up after a run that was killed, and says what it does not prove', async () => {
    const killed = sandbox.startUp('--simulate');
    await eventually(
      async () => runFiles(sandbox, 'control'),
      (names) => names.includes('kube-apiserver.pid'),
    );
    process.kill(-(killed.pid ?? 0), 'SIGKILL');

    const report = await sandbox.up('--simulate');
    expect(report.mode).toBe('kwok');
    expect(report.applications).toHaveLength(15);
    expect(report.applications.filter(({ sync, health }) => sync !== 'Synced' || health !== 'Healthy')).toEqual([]);
    expect(report.limits).toEqual([expect.stringMatching(/^The nodes are simulated/)]);
    expect(report.evidence.map(({ answer }) => answer)).toContain('simulated: the pod does not run');
  });

  test('is not taken for another one', async () => {
    const other = await sandbox.sandbox('up', ...sandbox.upOptions(), '--contexts', 'control=a,data-1=b,data-2=c');
    expect(other.exitCode).toBe(1);
    expect(other.stderr).toContain('with the same clusters, got another sandbox; end it with sitewright sandbox down');
  });

  test('leaves nothing behind', async () => {
    await sandbox.sandbox('down', '--purge');
    expect(processesOf(sandbox.state)).toEqual([]);
  });
});

describe.skipIf(MISSING_TOOLS.length > 0)('a sandbox on clusters that exist already', () => {
  const sandbox = new TestSandbox();
  const lab = join(sandbox.dir, 'lab');
  let labState: SandboxState;

  beforeAll(async () => {
    await sandbox.prepare();
    labState = await startLab(sandbox, lab);
    sandbox.variables.KUBECONFIG = join(lab, 'kubeconfig');
  });
  afterAll(async () => {
    for (const { pidFile } of daemonsOf(lab, labState)) await stopDaemon(pidFile);
    await sandbox[Symbol.asyncDispose]();
  });

  test('brings every Application to them', async () => {
    const report = await sandbox.up('--contexts', 'control=lab-control,data-1=lab-data-1,data-2=lab-data-2');
    expect(report.mode).toBe('contexts');
    expect(report.started).not.toContain('control/etcd');
    expect(report.applications).toHaveLength(15);
    expect(report.applications.filter(({ sync, health }) => sync !== 'Synced' || health !== 'Healthy')).toEqual([]);
  });

  test('leaves the clusters running when it is taken down', async () => {
    const down = await sandbox.sandbox('down', '--purge');
    expect(down.exitCode).toBe(0);
    expect(processesOf(sandbox.state)).toEqual([]);
    expect(daemonsOf(lab, labState).filter(({ pid }) => pid === undefined)).toEqual([]);
  });

  test('wants a context for each cluster', async () => {
    const some = await sandbox.sandbox('up', ...sandbox.upOptions(), '--contexts', 'control=lab-control');
    expect(some.exitCode).toBe(2);
    expect(some.stderr).toContain('--contexts must name a context for each of control, data-1, data-2, got control');
  });
});

describe.skipIf(MISSING_TOOLS.length > 0)('sandbox up', () => {
  test('stops what it has started when it is interrupted', async () => {
    await using sandbox = new TestSandbox();
    await sandbox.prepare();
    const up = sandbox.startUp(...(REAL_NODES ? [] : ['--simulate']));
    const ended = new Promise((resolve) => up.once('exit', resolve));
    await eventually(
      async () => runFiles(sandbox, 'data-1'),
      (names) => names.includes('kube-apiserver.pid'),
    );
    process.kill(-(up.pid ?? 0), 'SIGINT');

    expect(await ended).toBe(130);
    expect(processesOf(sandbox.state)).toEqual([]);
    expect(tracesOf(sandbox.state)).toEqual([]);
  });

  test('says which environments there are when asked for another', async () => {
    await using sandbox = new TestSandbox();
    await sandbox.prepare();
    const up = await sandbox.sandbox('up', ...sandbox.upOptions(), '--environment', 'sandbax');
    expect(up.exitCode).toBe(1);
    expect(up.stderr).toContain('did you mean sandbox?');
  });
});

function runFiles(sandbox: TestSandbox, cluster: string): string[] {
  const dir = join(sandbox.state, 'clusters', cluster, 'run');
  return existsSync(dir) ? readdirSync(dir) : [];
}

/** Starts clusters that are not the sandbox's own, with a kubeconfig of theirs. */
async function startLab(sandbox: TestSandbox, dir: string): Promise<SandboxState> {
  const [environment] = loadEnvironments({ dir: sandbox.environments, environment: 'sandbox' });
  if (environment === undefined) throw new Error('the sandbox has no environment');
  const publish = () => Promise.reject(new Error('a lab is not published to'));
  const request = { stateDir: dir, environmentsDir: sandbox.environments, environment, simulate: true, publish };
  const state = await planSandbox(request);
  const { programs } = await ensureTools(SANDBOX_TOOLS.kwok, join(dir, 'bin'), () => {});
  const images = await makeImages(join(dir, 'images'), programs);
  const clusters = Object.values(state.clusters);
  for (const cluster of clusters) await startCluster(new Launcher(), state, cluster, programs, images);
  const contexts = clusters.map(async (cluster) => ({
    name: `lab-${cluster.name}`,
    server: serverUrl(cluster),
    caFile: clusterAuthority(cluster).certFile,
    client: await clusterAuthority(cluster).issue('admin', { commonName: 'lab' }),
  }));
  writeKubeconfig(join(dir, 'kubeconfig'), await Promise.all(contexts));
  return state;
}
