/** How a program on PATH tells its version, and which versions will do. */
export interface VersionCheck {
  /** Arguments that print the version. @default - any version will do */
  readonly args?: readonly string[];
  /** Range of versions, as npm writes them. @default - any version will do */
  readonly range?: string;
}

/** Programs that are built from one Go module of ours, which pins and checksums the real one. */
export interface GoTool {
  /** Name in messages and in the cache. */
  readonly name: string;
  /** Folder with `go.mod`, from the project's root. */
  readonly dir: string;
  /** Module whose version is the tool's. @default - the folder's own */
  readonly module?: string;
  /** Package of each program. */
  readonly programs: Readonly<Record<string, string>>;
  /** Variables set at link time; `{version}` stands for the module's version without its v. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  /** Arguments that a program always gets before its caller's, through a launcher in its place. @default - none */
  readonly fixedArguments?: Readonly<Record<string, readonly string[]>>;
  /** Files of the module to keep beside the programs, by their place there. */
  readonly files?: Readonly<Record<string, string>>;
  /** Plugin of Pulumi's that is this tool; downloaded instead of built where this machine can have it. */
  readonly pulumiPlugin?: { readonly name: string; readonly version: string };
  /** Programs that are taken from PATH instead where their version fits; all or none of a tool's. */
  readonly onPath?: Readonly<Record<string, VersionCheck>>;
}

/** Programs that come from Debian's packages: what they are written in is not built with Go. */
export interface DebianTool {
  readonly name: string;
  /** Package that holds each program. */
  readonly programs: Readonly<Record<string, string>>;
  readonly onPath: Readonly<Record<string, VersionCheck>>;
}

const KUBERNETES_VERSION = { args: ['--version'], range: '>=1.35 <1.38' };

/** The tools that are built with Go. */
export const GO_TOOLS = {
  kubernetes: {
    name: 'kubernetes',
    dir: 'tools/kubernetes',
    module: 'k8s.io/kubernetes',
    programs: Object.fromEntries(
      ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'kubectl'].map(
        (name) => [name, `k8s.io/kubernetes/cmd/${name}`],
      ),
    ),
    variables: {
      'k8s.io/component-base/version.gitVersion': 'v{version}',
      'k8s.io/component-base/version.gitMajor': '1',
      'k8s.io/component-base/version.gitMinor': '{minor}',
    },
    onPath: {
      'kube-apiserver': KUBERNETES_VERSION,
      'kube-controller-manager': KUBERNETES_VERSION,
      'kube-scheduler': KUBERNETES_VERSION,
      kubelet: KUBERNETES_VERSION,
      'kube-proxy': KUBERNETES_VERSION,
      kubectl: { args: ['version', '--client'], range: '>=1.35 <1.38' },
    },
  },
  etcd: {
    name: 'etcd',
    dir: 'tools/etcd',
    module: 'go.etcd.io/etcd/server/v3',
    programs: { etcd: 'go.etcd.io/etcd/server/v3' },
    onPath: { etcd: { args: ['--version'], range: '>=3.5.11 <4' } },
  },
  containerd: {
    name: 'containerd',
    dir: 'tools/containerd',
    module: 'github.com/containerd/containerd/v2',
    programs: {
      containerd: 'github.com/containerd/containerd/v2/cmd/containerd',
      'containerd-shim-runc-v2': 'github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2',
      ctr: 'github.com/containerd/containerd/v2/cmd/ctr',
    },
    variables: { 'github.com/containerd/containerd/v2/version.Version': '{version}' },
    tags: ['no_btrfs', 'no_zfs', 'no_devmapper'],
    onPath: {
      containerd: { args: ['--version'], range: '>=2.1 <3' },
      'containerd-shim-runc-v2': { args: ['-v'], range: '>=2.1 <3' },
      ctr: { args: ['--version'], range: '>=2.1 <3' },
    },
  },
  cni: {
    name: 'cni',
    dir: 'tools/cni',
    module: 'github.com/containernetworking/plugins',
    programs: {
      bridge: 'github.com/containernetworking/plugins/plugins/main/bridge',
      loopback: 'github.com/containernetworking/plugins/plugins/main/loopback',
      'host-local': 'github.com/containernetworking/plugins/plugins/ipam/host-local',
    },
    variables: { 'github.com/containernetworking/plugins/pkg/utils/buildversion.BuildVersion': 'v{version}' },
  },
  kwok: {
    name: 'kwok',
    dir: 'tools/kwok',
    module: 'sigs.k8s.io/kwok',
    programs: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' },
    variables: { 'sigs.k8s.io/kwok/pkg/consts.Version': 'v{version}' },
    // What a simulated node and its pods do. A program on PATH comes without, so this one is always ours.
    files: {
      'stages/node-initialize.yaml': 'kustomize/stage/node/fast/node-initialize.yaml',
      'stages/node-heartbeat.yaml': 'kustomize/stage/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml',
      'stages/pod-ready.yaml': 'kustomize/stage/pod/fast/pod-ready.yaml',
      'stages/pod-complete.yaml': 'kustomize/stage/pod/fast/pod-complete.yaml',
      'stages/pod-delete.yaml': 'kustomize/stage/pod/fast/pod-delete.yaml',
    },
  },
  argocd: {
    name: 'argocd',
    dir: 'tools/argocd',
    module: 'github.com/argoproj/argo-cd/v3',
    programs: { argocd: 'github.com/argoproj/argo-cd/v3/cmd' },
    variables: { 'github.com/argoproj/argo-cd/v3/common.version': '{version}' },
    // The program on PATH is the client alone as often as not, so this one is always ours.
    files: { crds: 'manifests/crds', 'install.yaml': 'manifests/namespace-install.yaml' },
  },
  pulumi: {
    name: 'pulumi',
    dir: 'tools/pulumi',
    module: 'github.com/pulumi/pulumi/pkg/v3',
    programs: { pulumi: 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi' },
    variables: { 'github.com/pulumi/pulumi/sdk/v3/go/common/version.Version': 'v{version}' },
    onPath: { pulumi: { args: ['version'], range: '>=3.220 <4' } },
  },
  'pulumi-language-nodejs': {
    name: 'pulumi-language-nodejs',
    dir: 'tools/pulumi-language-nodejs',
    module: 'github.com/pulumi/pulumi/sdk/v3',
    programs: { 'pulumi-language-nodejs': 'github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs' },
    variables: { 'github.com/pulumi/pulumi/sdk/v3/go/common/version.Version': 'v{version}' },
    // This release takes from its arguments what newer engines say in a message, as `runtime.options` of Pulumi.yaml.
    fixedArguments: { 'pulumi-language-nodejs': ['-typescript=false'] },
    // It does not tell its version; it is installed together with the pulumi program beside it.
    onPath: { 'pulumi-language-nodejs': {} },
  },
  'pulumi-resource-kubernetes': {
    name: 'pulumi-resource-kubernetes',
    dir: 'tools/pulumi-resource-kubernetes',
    programs: { 'pulumi-resource-kubernetes': '.' },
    pulumiPlugin: { name: 'kubernetes', version: '4.18.1' },
  },
  'external-secrets': {
    name: 'external-secrets',
    dir: 'tools/external-secrets',
    module: 'github.com/external-secrets/external-secrets',
    programs: {},
    files: { crds: 'config/crds/bases' },
  },
  images: {
    name: 'images',
    dir: 'sandbox/images',
    programs: { pause: './pause', 'business-app': './business-app' },
  },
} as const satisfies Record<string, GoTool>;

/** The tools that come from Debian. */
export const DEBIAN_TOOLS = {
  redis: {
    name: 'redis',
    programs: { 'redis-server': 'redis-server' },
    onPath: { 'redis-server': { args: ['--version'], range: '>=6.2' } },
  },
  runc: {
    name: 'runc',
    programs: { runc: 'runc' },
    onPath: { runc: { args: ['--version'], range: '>=1.1.5' } },
  },
  nftables: {
    name: 'nftables',
    programs: { nft: 'nftables' },
    onPath: { nft: { args: ['--version'], range: '>=1.0.1' } },
  },
  iproute2: {
    name: 'iproute2',
    programs: { ip: 'iproute2' },
    onPath: { ip: { args: ['-V'], range: '>=5' } },
  },
  'util-linux': {
    name: 'util-linux',
    programs: { nsenter: 'util-linux', unshare: 'util-linux' },
    onPath: {
      nsenter: { args: ['--version'], range: '>=2.32' },
      unshare: { args: ['--version'], range: '>=2.32' },
    },
  },
} as const satisfies Record<string, DebianTool>;

/** Name of a tool. */
export type ToolName = keyof typeof GO_TOOLS | keyof typeof DEBIAN_TOOLS;
