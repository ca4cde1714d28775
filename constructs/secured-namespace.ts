import { Construct } from 'constructs';
import * as k8s from './k8s.ts';

/** Pod Security levels, strictest last. */
export type PodSecurity = 'privileged' | 'baseline' | 'restricted';

/** What the objects of a namespace may use together. */
export interface Quota {
  /** Cores or millicores that are reserved, such as `4` or `500m`. */
  readonly cpu: string;
  /** Memory that is reserved and the limit, such as `8Gi`. */
  readonly memory: string;
  readonly pods: number;
  /** Storage claimed by volumes, such as `50Gi`. */
  readonly storage: string;
}

/** Options for {@link SecuredNamespace}. */
export interface SecuredNamespaceProps {
  readonly name: string;
  /** Pod Security level that is enforced. @default 'restricted' */
  readonly podSecurity?: PodSecurity;
  readonly quota: Quota;
  /** Annotations of the namespace. @default - none but the protection against deletion */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Defaults of {@link SecuredNamespaceProps}. */
export const SECURED_NAMESPACE_DEFAULTS = { podSecurity: 'restricted' } as const;

/** A container without requests of its own gets these, since the quota refuses a pod that has none. */
const CONTAINER_DEFAULTS = { cpu: '50m', memory: '64Mi' };

/**
 * A namespace that is closed unless opened: Pod Security, a quota, and network policies that allow DNS and traffic
 * within the namespace, nothing else. Deleting it needs a confirmation in Argo CD, since its volumes go with it.
 */
export class SecuredNamespace extends Construct {
  readonly name: string;

  constructor(scope: Construct, id: string, props: SecuredNamespaceProps) {
    super(scope, id);
    this.name = props.name;
    const namespace = props.name;
    new k8s.KubeNamespace(this, 'Namespace', toNamespace(props));
    new k8s.KubeResourceQuota(this, 'Quota', { metadata: { name: 'quota', namespace }, spec: toQuota(props.quota) });
    new k8s.KubeLimitRange(this, 'ContainerDefaults', {
      metadata: { name: 'container-defaults', namespace },
      spec: {
        limits: [
          {
            type: 'Container',
            defaultRequest: quantities(CONTAINER_DEFAULTS),
            default: quantities({ memory: CONTAINER_DEFAULTS.memory }),
          },
        ],
      },
    });
    new k8s.KubeNetworkPolicy(this, 'DenyAll', {
      metadata: { name: 'deny-all', namespace },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    });
    new k8s.KubeNetworkPolicy(this, 'AllowDns', {
      metadata: { name: 'allow-dns', namespace },
      spec: { podSelector: {}, policyTypes: ['Egress'], egress: [toDnsRule()] },
    });
    new k8s.KubeNetworkPolicy(this, 'AllowSameNamespace', {
      metadata: { name: 'allow-same-namespace', namespace },
      spec: {
        podSelector: {},
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ from: [{ podSelector: {} }] }],
        egress: [{ to: [{ podSelector: {} }] }],
      },
    });
  }
}

/** The Namespace object, with its Pod Security level on all three modes. */
export function toNamespace(props: SecuredNamespaceProps): k8s.KubeNamespaceProps {
  const level = props.podSecurity ?? SECURED_NAMESPACE_DEFAULTS.podSecurity;
  const modes = ['enforce', 'audit', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, level]);
  return {
    metadata: {
      name: props.name,
      labels: Object.fromEntries(modes),
      annotations: { ...props.annotations, 'argocd.argoproj.io/sync-options': 'Prune=confirm,Delete=confirm' },
    },
  };
}

/** The quota: reservations equal limits for memory; load balancers and node ports are not for namespaces to take. */
function toQuota({ cpu, memory, pods, storage }: Quota): k8s.ResourceQuotaSpec {
  return {
    hard: {
      ...quantities({
        'requests.cpu': cpu,
        'requests.memory': memory,
        'limits.memory': memory,
        'requests.storage': storage,
      }),
      pods: k8s.Quantity.fromString(String(pods)),
      'services.loadbalancers': k8s.Quantity.fromString('0'),
      'services.nodeports': k8s.Quantity.fromString('0'),
    },
  };
}

function toDnsRule(): k8s.NetworkPolicyEgressRule {
  const port = k8s.IntOrString.fromNumber(53);
  return {
    to: [
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
        podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
      },
    ],
    ports: [
      { protocol: 'UDP', port },
      { protocol: 'TCP', port },
    ],
  };
}

/** Turns texts into quantities. */
export function quantities(values: Readonly<Record<string, string>>): Record<string, k8s.Quantity> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, k8s.Quantity.fromString(value)]));
}
