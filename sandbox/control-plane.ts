import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Daemon } from './daemon.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { CertificateAuthority } from './pki.ts';

/** A cluster that the sandbox runs on this machine. */
export interface LocalCluster {
  readonly name: string;
  /** Folder of its data, logs, keys and process ids. */
  readonly dir: string;
  /** Address that the API server is reached at from this machine. */
  readonly address: string;
  /** Ports on this machine, or inside the cluster's own network where it has one. */
  readonly ports: { readonly api: number; readonly etcd: number; readonly etcdPeer: number };
  /** Range of node addresses, CIDR. */
  readonly nodes: string;
  /** Range of pod addresses, CIDR. */
  readonly pods: string;
  /** Range of service addresses, CIDR. */
  readonly services: string;
  /** Group that its containers lie in, so that they can be told from others and removed. */
  readonly cgroup: string;
  /** Whether it has a network and a node of its own; else the API server listens on loopback. */
  readonly isolated: boolean;
}

/** The first address of a service range, which is that of the API server itself. */
export function apiServiceAddress(services: string): string {
  const [base] = services.split('/') as [string];
  const octets = base.split('.').map(Number);
  return [...octets.slice(0, 3), (octets[3] ?? 0) + 1].join('.');
}

/** Address of a cluster's API server. */
export function serverUrl(cluster: LocalCluster): string {
  return `https://${cluster.address}:${cluster.ports.api}`;
}

/** The certificate authority of a cluster. */
export function clusterAuthority(cluster: LocalCluster): CertificateAuthority {
  return new CertificateAuthority(join(cluster.dir, 'pki'));
}

/** Path of a kubeconfig of a cluster: `admin`, `kubelet`, … */
export function kubeconfigFile(cluster: LocalCluster, user: string): string {
  return join(cluster.dir, `${user}.kubeconfig`);
}

/** Writes a kubeconfig for a user of a cluster, issuing the client certificate that names it. */
export async function addUser(
  cluster: LocalCluster,
  name: string,
  commonName: string,
  organization?: string,
): Promise<string> {
  const authority = clusterAuthority(cluster);
  const client = await authority.issue(name, {
    commonName,
    ...(organization === undefined ? {} : { organization }),
  });
  const file = kubeconfigFile(cluster, name);
  const context = { name: cluster.name, server: serverUrl(cluster), caFile: authority.certFile, client };
  if (!existsSync(file)) writeKubeconfig(file, [context]);
  return file;
}

/** The daemons of a Kubernetes control plane: etcd, kube-apiserver, kube-controller-manager and kube-scheduler. */
export async function controlPlaneDaemons(cluster: LocalCluster, bin: (tool: string) => string): Promise<Daemon[]> {
  const authority = clusterAuthority(cluster);
  await authority.ensure(`sitewright sandbox ${cluster.name}`);
  const pki = join(cluster.dir, 'pki');
  const serviceAccounts = ensureServiceAccountKeys(pki);
  const serving = await authority.issue('apiserver', {
    commonName: 'kube-apiserver',
    hosts: [
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      'kubernetes.default.svc.cluster.local',
      'localhost',
      '127.0.0.1',
      apiServiceAddress(cluster.services),
      cluster.address,
    ],
  });
  const kubelet = await authority.issue('apiserver-kubelet', {
    commonName: 'kube-apiserver',
    organization: 'system:masters',
  });
  await addUser(cluster, 'admin', 'sandbox-manager', 'system:masters');
  const manager = await addUser(cluster, 'controller-manager', 'system:kube-controller-manager');
  const scheduler = await addUser(cluster, 'scheduler', 'system:kube-scheduler');
  const { ports } = cluster;
  const etcd = `http://127.0.0.1:${ports.etcd}`;
  const etcdPeer = `http://127.0.0.1:${ports.etcdPeer}`;

  const daemon = (name: string, ...args: string[]): Daemon => ({
    name: `${cluster.name}/${name}`,
    command: [bin(name), ...args],
    pidFile: join(cluster.dir, 'run', `${name}.pid`),
    logFile: join(cluster.dir, 'log', `${name}.log`),
  });
  return [
    daemon(
      'etcd',
      `--data-dir=${join(cluster.dir, 'etcd')}`,
      `--listen-client-urls=${etcd}`,
      `--advertise-client-urls=${etcd}`,
      `--listen-peer-urls=${etcdPeer}`,
      `--initial-advertise-peer-urls=${etcdPeer}`,
      `--initial-cluster=default=${etcdPeer}`,
      '--log-level=warn',
    ),
    daemon(
      'kube-apiserver',
      `--etcd-servers=${etcd}`,
      `--bind-address=${cluster.isolated ? '0.0.0.0' : cluster.address}`,
      `--advertise-address=${cluster.address}`,
      `--secure-port=${ports.api}`,
      // The API refuses a loopback address as endpoint of its own service; nothing runs there that would need it.
      ...(cluster.isolated ? [] : ['--endpoint-reconciler-type=none']),
      `--tls-cert-file=${serving.cert}`,
      `--tls-private-key-file=${serving.key}`,
      `--client-ca-file=${authority.certFile}`,
      `--kubelet-certificate-authority=${authority.certFile}`,
      `--kubelet-client-certificate=${kubelet.cert}`,
      `--kubelet-client-key=${kubelet.key}`,
      '--kubelet-preferred-address-types=InternalIP',
      `--service-account-key-file=${serviceAccounts.publicKey}`,
      `--service-account-signing-key-file=${serviceAccounts.privateKey}`,
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      `--service-cluster-ip-range=${cluster.services}`,
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      '--profiling=false',
    ),
    daemon(
      'kube-controller-manager',
      `--kubeconfig=${manager}`,
      `--service-account-private-key-file=${serviceAccounts.privateKey}`,
      `--root-ca-file=${authority.certFile}`,
      '--use-service-account-credentials',
      `--service-cluster-ip-range=${cluster.services}`,
      `--cluster-cidr=${cluster.pods}`,
      '--leader-elect=false',
      '--secure-port=0',
      '--profiling=false',
    ),
    daemon('kube-scheduler', `--kubeconfig=${scheduler}`, '--leader-elect=false', '--secure-port=0'),
  ];
}

function ensureServiceAccountKeys(dir: string): { publicKey: string; privateKey: string } {
  const files = { publicKey: join(dir, 'service-accounts.pub'), privateKey: join(dir, 'service-accounts.key') };
  if (existsSync(files.publicKey)) return files;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const pair = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
  });
  writeFileSync(files.privateKey, pair.privateKey, { mode: 0o600 });
  writeFileSync(files.publicKey, pair.publicKey);
  return files;
}
