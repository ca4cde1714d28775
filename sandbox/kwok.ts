import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { kubeconfigFile, type LocalCluster } from './control-plane.ts';
import type { Daemon } from './daemon.ts';
import type { Kubectl } from './kubectl.ts';
import type { Programs } from './tools.ts';

/** The daemon that plays the kubelet where none can run: pods become Running without running. */
export function kwokDaemon(cluster: LocalCluster, { bin, file }: Programs): Daemon {
  const stages = readdirSync(file('kwok', 'stages')).map((name) => `--config=${file('kwok', `stages/${name}`)}`);
  const access = [`--kubeconfig=${kubeconfigFile(cluster, 'admin')}`, '--server-address='];
  return {
    name: `${cluster.name}/kwok`,
    command: [bin('kwok'), ...access, '--manage-all-nodes=true', '--node-lease-duration-seconds=40', ...stages],
    pidFile: join(cluster.dir, 'run', 'kwok.pid'),
    logFile: join(cluster.dir, 'log', 'kwok.log'),
  };
}

/** Adds the simulated node. */
export async function addSimulatedNode(cluster: LocalCluster, run: Kubectl): Promise<void> {
  const capacity = { cpu: '16', memory: '64Gi', pods: '250' };
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: cluster.name, annotations: { 'kwok.x-k8s.io/node': 'fake' } },
    status: { allocatable: capacity, capacity },
  };
  await run(['apply', '--server-side', '--field-manager=sitewright-sandbox', '-f', '-'], JSON.stringify(node));
}
