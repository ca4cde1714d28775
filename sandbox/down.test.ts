import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { lockProcess } from '../tools/process-lock.ts';
import { temporaryFolder, writeFiles } from '../test/helpers/folders.ts';
import { lives, poll } from '../test/helpers/processes.ts';
import { testLocalCluster, testState } from '../test/helpers/sandbox-state.ts';
import { daemonPid, Launcher } from './daemon.ts';
import { daemonsOf, sandboxDown } from './down.ts';
import { type SandboxState, sandboxFiles, writeState } from './state.ts';
import { sandboxStatus } from './status.ts';

/** A sandbox whose processes, by their place and name such as `clusters/data-1/etcd`, only sleep. */
async function sandbox(processes: readonly string[], more: (dir: string) => Partial<SandboxState> = () => ({})) {
  const stateDir = join(temporaryFolder(), 'state');
  const state = testState(stateDir, more(stateDir));
  writeState(stateDir, state);
  const launcher = new Launcher();
  const pids = new Map<string, number>();
  for (const path of processes) {
    const at = path.lastIndexOf('/');
    const [dir, name] = [join(stateDir, path.slice(0, Math.max(at, 0))), path.slice(at + 1)];
    const pidFile = join(dir, 'run', `${name}.pid`);
    launcher.start({ name, command: ['sleep', '60'], pidFile, logFile: join(dir, 'log', `${name}.log`) });
    await poll(() => daemonPid(pidFile)).toBeDefined();
    pids.set(path, daemonPid(pidFile) ?? 0);
  }
  onTestFinished(() => [...pids.values()].filter(lives).forEach((pid) => process.kill(pid, 'SIGKILL')));
  return { stateDir, state, pids };
}

describe('down', () => {
  test('stops everything, and each cluster in an order in which it ends in peace', async () => {
    const control = ['etcd', 'kube-apiserver', 'kube-scheduler', 'kwok'].map((name) => `clusters/control/${name}`);
    const { stateDir, pids } = await sandbox(['git', 'redis', ...control]);
    expect(await sandboxDown(stateDir, false)).toEqual([
      ...['git', 'redis'],
      ...['control/kwok', 'control/kube-scheduler', 'control/kube-apiserver', 'control/etcd'],
    ]);
    expect([...pids.values()].filter(lives)).toEqual([]);
  });

  test('stops every machine, also of clusters whose names begin alike', async () => {
    const { stateDir, pids } = await sandbox(['clusters/data-1/machine', 'clusters/data-10/machine'], (dir) => ({
      mode: 'nodes',
      clusters: Object.fromEntries(
        ['data-1', 'data-10'].map((name) => [name, testLocalCluster(dir, name, { isolated: true })]),
      ),
    }));
    expect(await sandboxDown(stateDir, false)).toEqual(['data-1/machine', 'data-10/machine']);
    expect([...pids.values()].filter(lives)).toEqual([]);
  });

  test('leaves what was there, so that up goes on from it', async () => {
    const { stateDir } = await sandbox(['git']);
    writeFiles(stateDir, { 'clusters/control/etcd/data': 'kept' });
    await sandboxDown(stateDir, false);
    expect(existsSync(join(stateDir, 'clusters/control/etcd/data'))).toBe(true);
    expect(existsSync(sandboxFiles(stateDir).state)).toBe(true);
    expect(existsSync(sandboxFiles(stateDir).lock)).toBe(false);
  });

  test('leaves nothing when it purges', async () => {
    const { stateDir } = await sandbox(['git']);
    expect(await sandboxDown(stateDir, true)).toEqual(['git']);
    expect(existsSync(stateDir)).toBe(false);
  });

  test('of what does not run stops nothing', async () => {
    const { stateDir } = await sandbox([]);
    expect(await sandboxDown(stateDir, false)).toEqual([]);
  });

  test('where there is no sandbox does nothing', async () => {
    const dir = join(temporaryFolder(), 'state');
    expect(await sandboxDown(dir, true)).toBeUndefined();
    expect(existsSync(dir)).toBe(false);
  });

  test('waits for nobody: while another command changes the sandbox it is an error, and nothing is stopped', async () => {
    const { stateDir, pids } = await sandbox(['git']);
    using _held = lockProcess(sandboxFiles(stateDir).lock, 'it');
    await expect(sandboxDown(stateDir, true)).rejects.toThrow(
      new Error(`${stateDir} must not be in use, got process ${process.pid}; wait until it has finished`),
    );
    expect([...pids.values()].every(lives)).toBe(true);
  });
});

describe('the processes of a sandbox', () => {
  test('are found by their files, whether they run or not', async () => {
    const { stateDir, state, pids } = await sandbox(['git', 'clusters/control/etcd']);
    writeFiles(stateDir, { 'run/redis.pid': '1 1', 'run/notes.txt': 'mine' });
    expect(daemonsOf(stateDir, state)).toMatchObject([
      { name: 'git', cluster: undefined, pid: pids.get('git'), inMachine: false },
      { name: 'redis', cluster: undefined, pid: undefined },
      { name: 'control/etcd', cluster: 'control', logFile: join(stateDir, 'clusters/control/log/etcd.log') },
    ]);
  });

  test('are shown with their memory, and why nothing is known of the Applications', async () => {
    const { stateDir, pids } = await sandbox(['git']);
    const status = await sandboxStatus(stateDir);
    expect(status).toMatchObject({
      processes: [{ name: 'git', pid: pids.get('git'), memoryMiB: expect.any(Number) }],
      applications: [],
      unreachable: 'cluster control must answer, got nothing; start it again: sitewright sandbox up',
    });
    expect(status?.processes[0]?.memoryMiB).toBeLessThan(50);
  });

  test('are none where there is no sandbox', async () => {
    expect(await sandboxStatus('/nowhere')).toBeUndefined();
  });
});
