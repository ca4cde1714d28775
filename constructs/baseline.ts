import { Construct } from 'constructs';
import * as k8s from './k8s.ts';
import { type Kind, Kinds } from './kinds.ts';

/** Priority of what keeps a cluster working. */
export const PLATFORM_PRIORITY = 'platform';
/** Priority of the tenants' services. */
export const BUSINESS_PRIORITY = 'business';
/** Namespace that Kubernetes puts objects in which name none. */
const UNNAMED_NAMESPACE = 'default';

/** The kinds that {@link Baseline} consists of. */
export const BASELINE_KINDS: readonly Kind[] = [Kinds.NetworkPolicy, Kinds.PriorityClass, Kinds.ResourceQuota];

/** What every cluster gets first: priorities, and a `default` namespace in which nothing can run. */
export class Baseline extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const namespace = UNNAMED_NAMESPACE;
    new k8s.KubePriorityClass(this, 'PlatformPriority', {
      metadata: { name: PLATFORM_PRIORITY },
      value: 1_000_000,
      description: 'Keeps the cluster working; may take the place of business services',
    });
    new k8s.KubePriorityClass(this, 'BusinessPriority', {
      metadata: { name: BUSINESS_PRIORITY },
      value: 1_000,
      description: 'Services of tenants',
      preemptionPolicy: 'Never',
    });
    new k8s.KubeNetworkPolicy(this, 'DenyAll', {
      metadata: { name: 'deny-all', namespace },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    });
    new k8s.KubeResourceQuota(this, 'NoPods', {
      metadata: { name: 'no-pods', namespace },
      spec: { hard: { pods: k8s.Quantity.fromString('0') } },
    });
  }
}
