import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { addUser, clusterAuthority, type LocalCluster } from './control-plane.ts';
import type { Daemon } from './daemon.ts';

/** Name of the image that holds a pod's namespaces, as imported from this machine. */
export const PAUSE_IMAGE = 'sitewright.local/pause:1';

/** Where containerd listens inside a machine. */
export const CONTAINERD_SOCKET = '/run/containerd/containerd.sock';

/**
 * The daemons of a cluster's one real node: containerd, kubelet and kube-proxy. They run inside the cluster's machine
 * (see machine.ts) and keep everything below the cluster's folder or in the machine's own `/run`.
 * @param cniDir folder of the CNI plugins
 * @param path folder with links to all programs
 */
export async function nodeDaemons(
  cluster: LocalCluster,
  bin: (tool: string) => string,
  cniDir: string,
  path: string,
): Promise<{ containerd: Daemon; kubelet: Daemon; kubeProxy: Daemon }> {
  const authority = clusterAuthority(cluster);
  const nodeName = cluster.name;
  const serving = await authority.issue('kubelet-serving', {
    commonName: `system:node:${nodeName}`,
    organization: 'system:nodes',
    hosts: [nodeName, cluster.address],
  });
  const kubeletUser = await addUser(cluster, 'kubelet', `system:node:${nodeName}`, 'system:nodes');
  const proxy = await addUser(cluster, 'kube-proxy', 'system:kube-proxy');
  const etc = join(cluster.dir, 'etc');
  const cniConf = join(etc, 'cni');
  mkdirSync(cniConf, { recursive: true });
  const write = (name: string, content: unknown): string => {
    const file = join(etc, name);
    const text = typeof content === 'string' ? content : stringify(content);
    // kube-proxy ends when its file is written, even if nothing in it has changed.
    if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
    return file;
  };
  writeFileSync(join(cniConf, '10-bridge.conflist'), JSON.stringify(toCniConfig(cluster), undefined, 2));
  const containerdConfig = write('containerd.toml', toContainerdConfig(cluster, bin('runc'), cniDir, cniConf));
  const kubeletConfig = write('kubelet.yaml', {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: authority.certFile },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: serving.cert,
    tlsPrivateKeyFile: serving.key,
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    podLogsDir: join(cluster.dir, 'log', 'pods'),
    volumePluginDir: join(cluster.dir, 'volume-plugins'),
    resolvConf: '',
    failSwapOn: false,
    // Several nodes share one kernel and its cgroups here: each keeps to a group of its own and reserves nothing.
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: cluster.cgroup,
    cgroupsPerQOS: false,
    enforceNodeAllocatable: [],
    // A laptop's disk is often nearly full, and the images are tiny: neither evict nor collect because of it.
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '0%', 'imagefs.available': '0%' },
    imageGCHighThresholdPercent: 100,
    nodeStatusUpdateFrequency: '5s',
  });
  const proxyConfig = write('kube-proxy.yaml', {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: proxy },
    mode: 'nftables',
    clusterCIDR: cluster.pods,
    hostnameOverride: nodeName,
    // These live outside the machine's network namespace, where they belong to the host.
    conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  });
  const daemon = (name: string, ...args: string[]): Daemon => ({
    name: `${cluster.name}/${name}`,
    command: [bin(name), ...args],
    // containerd finds its shim, and kube-proxy and the CNI plugins find nft, by PATH.
    env: { PATH: `${path}:${process.env.PATH}` },
    pidFile: join(cluster.dir, 'run', `${name}.pid`),
    logFile: join(cluster.dir, 'log', `${name}.log`),
  });
  return {
    containerd: daemon('containerd', `--config=${containerdConfig}`, '--log-level=warn'),
    kubelet: daemon(
      'kubelet',
      `--config=${kubeletConfig}`,
      `--kubeconfig=${kubeletUser}`,
      `--root-dir=${join(cluster.dir, 'kubelet')}`,
      `--hostname-override=${nodeName}`,
      `--node-ip=${cluster.address}`,
    ),
    kubeProxy: daemon('kube-proxy', `--config=${proxyConfig}`),
  };
}

function toCniConfig(cluster: LocalCluster): object {
  return {
    cniVersion: '1.0.0',
    name: 'bridge',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        ipMasq: true,
        ipMasqBackend: 'nftables',
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          dataDir: '/run/cni',
          ranges: [[{ subnet: cluster.pods }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
    ],
  };
}

/** @see https://github.com/containerd/containerd/blob/v2.1.5/docs/cri/config.md */
function toContainerdConfig(cluster: LocalCluster, runc: string, cniDir: string, cniConf: string): string {
  return `version = 3
root = '${join(cluster.dir, 'containerd')}'
state = '/run/containerd'

[grpc]
address = '${CONTAINERD_SOCKET}'

[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = '${PAUSE_IMAGE}'

[plugins.'io.containerd.cri.v1.runtime']
# Lowering a score needs CAP_SYS_RESOURCE, which not every root has.
restrict_oom_score_adj = true

[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = ['${cniDir}']
conf_dir = '${cniConf}'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = 'io.containerd.runc.v2'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
BinaryName = '${runc}'
SystemdCgroup = false
`;
}
