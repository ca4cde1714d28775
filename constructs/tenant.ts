import { Construct } from 'constructs';
import { ExternalSecret } from './external-secret.ts';
import * as k8s from './k8s.ts';
import { type Kind, Kinds } from './kinds.ts';
import { type Quota, SecuredNamespace } from './secured-namespace.ts';
import { workloadSelector } from './service-workload.ts';

/** ServiceAccount that the services of a tenant run as. */
export const WORKLOAD_SERVICE_ACCOUNT = 'workload';
/** Secret with the credentials for the container registry. */
const REGISTRY_SECRET = 'registry';
/** Role that developers have in the namespaces of their tenant; built into Kubernetes, it does not read Secrets. */
export const DEVELOPER_ROLE = 'view';
/** Namespace that the ingress controller runs in. */
const INGRESS_NAMESPACE = 'ingress-nginx';

/** The kinds that a tenant's fences consist of; tenants themselves may not change them. */
export const TENANT_KINDS: readonly Kind[] = [
  Kinds.Namespace,
  Kinds.ExternalSecret,
  Kinds.LimitRange,
  Kinds.NetworkPolicy,
  Kinds.ResourceQuota,
  Kinds.RoleBinding,
  Kinds.ServiceAccount,
];

/** What a tenant's fences need to know of a service of its own. */
export interface TenantService {
  readonly name: string;
  /** Port that its container listens on. */
  readonly port: number;
  /** Whether it is reached from outside the cluster. */
  readonly exposed: boolean;
  /** Where else it may connect to. */
  readonly egress: readonly { readonly to: string; readonly port: number }[];
  /** Environment variable to secret reference. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Options for {@link Tenant}. */
export interface TenantProps {
  readonly name: string;
  /** Mail address of the team. */
  readonly owner: string;
  /** Group of the SSO that may look at the workloads. */
  readonly group: string;
  readonly quota: Quota;
  readonly services: readonly TenantService[];
  /** Whether External Secrets runs in the cluster, so that credentials can be referred to. */
  readonly externalSecrets: boolean;
}

/** A tenant's place in a cluster: namespace, account, access of its developers, secrets and network fences. */
export class Tenant extends Construct {
  constructor(scope: Construct, id: string, props: TenantProps) {
    super(scope, id);
    const namespace = props.name;
    new SecuredNamespace(this, 'Namespace', {
      name: namespace,
      quota: props.quota,
      annotations: { 'sitewright.dev/owner': props.owner },
    });
    new k8s.KubeServiceAccount(this, 'ServiceAccount', {
      metadata: { name: WORKLOAD_SERVICE_ACCOUNT, namespace },
      automountServiceAccountToken: false,
      ...(props.externalSecrets ? { imagePullSecrets: [{ name: REGISTRY_SECRET }] } : {}),
    });
    new k8s.KubeRoleBinding(this, 'Developers', {
      metadata: { name: 'developers', namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: DEVELOPER_ROLE },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: props.group }],
    });
    if (props.externalSecrets) {
      new ExternalSecret(this, 'Registry', {
        name: REGISTRY_SECRET,
        namespace,
        type: 'kubernetes.io/dockerconfigjson',
        data: { '.dockerconfigjson': `openbao:${props.name}/registry#dockerconfigjson` },
      });
    }
    for (const service of props.services) this.addService(service, namespace);
  }

  private addService(service: TenantService, namespace: string): void {
    const { name, secrets } = service;
    const scope = new Construct(this, `Service-${name}`);
    if (Object.keys(secrets).length > 0) new ExternalSecret(scope, 'Secrets', { name, namespace, data: secrets });
    if (service.exposed) {
      new k8s.KubeNetworkPolicy(scope, 'AllowIngress', {
        metadata: { name: `${name}-allow-ingress`, namespace },
        spec: {
          podSelector: { matchLabels: workloadSelector(namespace, name) },
          policyTypes: ['Ingress'],
          ingress: [
            {
              from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': INGRESS_NAMESPACE } } }],
              ports: [{ protocol: 'TCP', port: k8s.IntOrString.fromNumber(service.port) }],
            },
          ],
        },
      });
    }
    if (service.egress.length > 0) {
      new k8s.KubeNetworkPolicy(scope, 'AllowEgress', {
        metadata: { name: `${name}-allow-egress`, namespace },
        spec: {
          podSelector: { matchLabels: workloadSelector(namespace, name) },
          policyTypes: ['Egress'],
          egress: service.egress.map(({ to, port }) => ({
            to: [{ ipBlock: { cidr: to } }],
            ports: [{ protocol: 'TCP', port: k8s.IntOrString.fromNumber(port) }],
          })),
        },
      });
    }
  }
}
