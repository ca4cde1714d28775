import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { loadEnvironments } from '../environments/load.ts';
import type { Environment } from '../environments/model.ts';
import { ENVIRONMENTS } from '../test/helpers/environments.ts';
import { useEnv } from '../test/helpers/programs.ts';
import { addressIn, bridgeName, canRunNodes, freePorts, planSandbox, type SandboxRequest, toMachine } from './plan.ts';

const STATE = '/state/of/it';

function sandboxEnvironment(): Environment {
  const [found] = loadEnvironments({ dir: ENVIRONMENTS, environment: 'sandbox' });
  if (found === undefined) throw new Error('no environment');
  return found;
}

function asRoot(isRoot: boolean): void {
  const spy = vi.spyOn(process, 'getuid').mockReturnValue(isRoot ? 0 : 1000);
  onTestFinished(() => spy.mockRestore());
}

function plan(request: Partial<SandboxRequest> = {}) {
  const publish = () => Promise.reject(new Error('a plan publishes nothing'));
  const base = { stateDir: STATE, environmentsDir: ENVIRONMENTS, environment: sandboxEnvironment(), publish };
  return planSandbox({ ...base, ...request });
}

test.each([
  ['198.18.1.0/24', 1, '198.18.1.1'],
  ['198.18.1.0/24', 254, '198.18.1.254'],
  ['10.0.0.0/8', 256, '10.0.1.0'],
  ['10.0.255.0/16', 256, '10.1.0.0'],
  ['0.0.0.0/0', 1, '0.0.0.1'],
  ['255.255.255.0/24', 255, '255.255.255.255'],
])('of %s number %i is %s', (range, n, address) => {
  expect(addressIn(range, n)).toBe(address);
});

test('free ports are different ones that can be listened on', async () => {
  const ports = await freePorts(40);
  expect(new Set(ports).size).toBe(40);
  for (const port of ports) {
    const server = createServer();
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
    await new Promise((resolve) => server.close(resolve));
  }
});

test.each([
  [{}, true, 'nodes'],
  [{}, false, 'kwok'],
  [{ simulate: true }, true, 'kwok'],
  [{ contexts: { control: 'kind' } }, true, 'contexts'],
  [{ contexts: { control: 'kind' }, simulate: true }, false, 'contexts'],
] as const)('asked for %j, with root %s, its mode is %s', async (request, isRoot, mode) => {
  asRoot(isRoot);
  expect((await plan(request)).mode).toBe(mode);
});

describe('with real nodes', () => {
  test('each cluster has an address of its own range, and the usual ports there', async () => {
    asRoot(true);
    const { clusters } = await plan();
    expect(Object.keys(clusters)).toEqual(['control', 'data-1', 'data-2']);
    expect(clusters['data-2']).toMatchObject({
      dir: `${STATE}/clusters/data-2`,
      address: '198.18.3.2',
      ports: { api: 6443, etcd: 2379, etcdPeer: 2380 },
      nodes: '198.18.3.0/24',
      isolated: true,
    });
  });

  test('machines have their own cable and their gateway on the bridge, with names that the kernel takes', async () => {
    asRoot(true);
    const state = await plan();
    const machines = Object.values(state.clusters).map((cluster) => toMachine(state, cluster));
    expect(machines[1]).toMatchObject({
      name: 'data-1',
      address: '198.18.2.2',
      gateway: '198.18.2.1',
      prefixLength: 24,
    });
    const interfaces = [bridgeName(state), ...machines.map(({ cable }) => cable)];
    expect(new Set(interfaces).size).toBe(4);
    for (const name of interfaces) expect(name).toMatch(/^sw-[0-9a-f]{6}(-\d+)?$/);
  });
});

test('with simulated nodes everything listens on loopback, on ports of its own', async () => {
  asRoot(false);
  const { clusters, ports } = await plan();
  expect(new Set(Object.values(clusters).map(({ address }) => address))).toEqual(new Set(['127.0.0.1']));
  const all = [...Object.values(ports), ...Object.values(clusters).flatMap((cluster) => Object.values(cluster.ports))];
  expect(all).toHaveLength(6 + 9);
  expect(new Set(all).size).toBe(15);
  expect(Math.min(...all)).toBeGreaterThan(0);
});

test('on clusters that are there already it keeps their contexts and the kubeconfig of the user, and makes none', async () => {
  useEnv({ KUBECONFIG: '/home/it/kubeconfig' });
  const contexts = { control: 'kind-control', 'data-1': 'kind-1', 'data-2': 'kind-2' };
  expect(await plan({ contexts })).toMatchObject({ clusters: {}, contexts, kubeconfig: '/home/it/kubeconfig' });
});

test('on clusters of its own the contexts are named like their endpoints, in a kubeconfig of its own', async () => {
  const state = await plan({ simulate: true });
  expect(state).toMatchObject({ control: 'control', kubeconfig: join(STATE, 'kubeconfig') });
  expect(state.contexts['data-1']).toBe('sandbox-site-b-data-1');
  expect(state.repositories).toEqual(['http://127.0.0.1:7990/scm/platform/manifests-sandbox.git']);
});

test('two sandboxes have nothing of this machine in common', async () => {
  const [one, two] = await Promise.all([
    plan({ simulate: true }),
    plan({ simulate: true, stateDir: '/state/of/that' }),
  ]);
  expect(bridgeName(one)).not.toBe(bridgeName(two));
  const groups = [one, two].flatMap(({ clusters }) => Object.values(clusters).map(({ cgroup }) => cgroup));
  expect(new Set(groups).size).toBe(6);
});

test('an environment without a control plane is an error', async () => {
  const [site] = sandboxEnvironment().sites;
  const nothing = { name: 'sandbox', sites: site === undefined ? [] : [site] };
  await expect(plan({ environment: nothing })).rejects.toThrow(
    new Error('sandbox: must have a control plane, got none; add one'),
  );
});

test('a folder that is too long for a socket in it is an error', async () => {
  const stateDir = `/${'x'.repeat(80)}`;
  await expect(plan({ stateDir })).rejects.toThrow(
    new Error(`${stateDir}: must have at most 80 characters, got 81; use a shorter one with --state`),
  );
});

test('real nodes need root on Linux', () => {
  asRoot(true);
  expect(canRunNodes()).toBe(process.platform === 'linux');
  asRoot(false);
  expect(canRunNodes()).toBe(false);
});
