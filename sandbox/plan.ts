import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Cluster, Environment } from '../environments/model.ts';
import type { LocalCluster } from './control-plane.ts';
import type { Machine } from './machine.ts';
import { repositoryUrls } from './git.ts';
import { type Mode, type SandboxState, sandboxFiles } from './state.ts';

/** The path of a Unix socket has at most 107 characters, and Argo CD's lies in the sandbox's folder. */
const MAX_STATE_DIR = 80;

/** What to start a sandbox from. */
export interface SandboxRequest {
  readonly stateDir: string;
  readonly environmentsDir: string;
  readonly environment: Environment;
  /** Only the stack and the Applications of this site. @default - all */
  readonly site?: string | undefined;
  /** Kubeconfig contexts of clusters that exist already, by cluster name. @default - clusters on this machine */
  readonly contexts?: Readonly<Record<string, string>> | undefined;
  /** Simulate the nodes even where real ones could run. @default false */
  readonly simulate?: boolean | undefined;
  /**
   * Publishes the rendered tree of the environment.
   * @param env variables with which git may push to the sandbox's repositories
   * @returns commit that the repository is at
   */
  readonly publish: (env: Readonly<Record<string, string>>) => Promise<string>;
  /** Ends the run early. @default - never */
  readonly signal?: AbortSignal | undefined;
}

/** Plans a new sandbox: its addresses and ports. */
export async function planSandbox(request: SandboxRequest): Promise<SandboxState> {
  const { stateDir, environmentsDir, environment, contexts } = request;
  if (process.platform !== 'linux') {
    throw new Error(`a sandbox must run on Linux, got ${process.platform}; use a Linux machine, virtual or real`);
  }
  if (stateDir.length > MAX_STATE_DIR) {
    const fix = 'use a shorter one with --state';
    throw new Error(`${stateDir}: must have at most ${MAX_STATE_DIR} characters, got ${stateDir.length}; ${fix}`);
  }
  const clusters = environment.sites.flatMap((site) => site.clusters);
  const mode: Mode =
    contexts !== undefined ? 'contexts' : canRunNodes() && request.simulate !== true ? 'nodes' : 'kwok';
  const slug = slugOf(stateDir);
  const [redis, repoServer, argocd, metrics1, metrics2, metrics3, ...free] = (await freePorts(
    6 + clusters.length * 3,
  )) as [number, number, number, number, number, number, ...number[]];

  const local = clusters.map((cluster, index): LocalCluster => {
    const [api = 0, etcd = 0, etcdPeer = 0] = free.slice(index * 3);
    return {
      name: cluster.name,
      dir: join(stateDir, 'clusters', cluster.name),
      address: mode === 'nodes' ? addressIn(cluster.network.nodes, 2) : '127.0.0.1',
      ports: mode === 'nodes' ? { api: 6443, etcd: 2379, etcdPeer: 2380 } : { api, etcd, etcdPeer },
      pods: cluster.network.pods,
      services: cluster.network.services,
      nodes: cluster.network.nodes,
      cgroup: `/sitewright-${slug}/${cluster.name}`,
      isolated: mode === 'nodes',
    };
  });
  return {
    mode,
    environmentsDir,
    environment: environment.name,
    slug,
    clusters: mode === 'contexts' ? {} : Object.fromEntries(local.map((cluster) => [cluster.name, cluster])),
    kubeconfig: mode === 'contexts' ? userKubeconfig() : sandboxFiles(stateDir).kubeconfig,
    contexts: contexts ?? Object.fromEntries(clusters.map(({ name, endpoint }) => [name, endpoint])),
    control: controlCluster(environment).name,
    repositories: repositoryUrls(environment),
    ports: { redis, repoServer, argocd, metrics1, metrics2, metrics3 },
  };
}

/** Short name that a sandbox's network interfaces and cgroups carry. */
export function slugOf(stateDir: string): string {
  return createHash('sha256').update(stateDir).digest('hex').slice(0, 6);
}

/** The control plane that serves an environment. */
function controlCluster(environment: Environment): Cluster {
  const cluster = environment.sites.map(({ servedBy }) => servedBy).find((servedBy) => servedBy !== undefined);
  if (cluster === undefined) throw new Error(`${environment.name}: must have a control plane, got none; add one`);
  return cluster;
}

/** Interface on this computer that connects the machines of a sandbox. */
export function bridgeName({ slug }: SandboxState): string {
  return `sw-${slug}`;
}

/** The machine of a cluster. */
export function toMachine(state: SandboxState, cluster: LocalCluster): Machine {
  const index = Object.keys(state.clusters).indexOf(cluster.name);
  return {
    name: cluster.name,
    dir: cluster.dir,
    address: cluster.address,
    gateway: addressIn(cluster.nodes, 1),
    prefixLength: Number(cluster.nodes.split('/')[1]),
    cable: `sw-${state.slug}-${index}`,
  };
}

/** The n-th address of a range. */
export function addressIn(range: string, n: number): string {
  const [base = ''] = range.split('/');
  const value = base.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0) + n;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** Whether this machine can hold real nodes: they need root and Linux's namespaces. */
export function canRunNodes(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0;
}

function userKubeconfig(): string {
  return process.env.KUBECONFIG || join(homedir(), '.kube', 'config');
}

/** Ports that nobody listens on now. All are held until all are known, so that no two are alike. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', () => resolve(server));
      });
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
