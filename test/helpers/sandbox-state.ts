import { join } from 'node:path';
import type { LocalCluster } from '../../sandbox/control-plane.ts';
import { type SandboxState, sandboxFiles } from '../../sandbox/state.ts';

/** A cluster of a sandbox in a folder, on loopback. */
export function testLocalCluster(stateDir: string, name: string, more: Partial<LocalCluster> = {}): LocalCluster {
  return {
    name,
    dir: join(stateDir, 'clusters', name),
    address: '127.0.0.1',
    ports: { api: 16443, etcd: 12379, etcdPeer: 12380 },
    nodes: '198.18.1.0/24',
    pods: '10.241.0.0/16',
    services: '10.242.0.0/16',
    cgroup: `/sitewright-test/${name}`,
    isolated: false,
    ...more,
  };
}

/** What a sandbox in a folder is: simulated nodes, and one cluster where nothing else is said. */
export function testState(stateDir: string, more: Partial<SandboxState> = {}): SandboxState {
  return {
    mode: 'kwok',
    environmentsDir: '/environments',
    environment: 'sandbox',
    // Nothing on this machine is called so.
    slug: 'test00',
    clusters: { control: testLocalCluster(stateDir, 'control') },
    kubeconfig: sandboxFiles(stateDir).kubeconfig,
    contexts: { control: 'sandbox-site-b-control' },
    control: 'control',
    repositories: ['http://127.0.0.1:7990/scm/platform/manifests-sandbox.git'],
    ports: { redis: 1, repoServer: 2, argocd: 3, metrics1: 4, metrics2: 5, metrics3: 6 },
    ...more,
  };
}
