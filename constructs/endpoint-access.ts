import { Construct } from 'constructs';
import { ARGOCD_NAMESPACE } from './application.ts';
import * as k8s from './k8s.ts';
import { type Kind, Kinds } from './kinds.ts';
import { DEVELOPER_ROLE } from './tenant.ts';

/** Namespace of the account that Argo CD uses in a cluster. */
export const ACCESS_NAMESPACE = 'sitewright-system';
/** The account that Argo CD uses in a cluster, and its roles. */
export const ACCESS_NAME = 'argocd-manager';

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'patch', 'update'];
/** What Argo CD shows below a workload but never writes. */
const SHOWN: readonly Kind[] = [Kinds.EndpointSlice, Kinds.Pod, Kinds.ReplicaSet];
const RBAC = 'rbac.authorization.k8s.io';

/** Options for {@link EndpointAccess}. */
export interface EndpointAccessProps {
  /** Kinds of all projects with this cluster as destination. */
  readonly kinds: readonly Kind[];
  /** Whether Argo CD's own namespace is here, where Applications make Applications. */
  readonly holdsApplications: boolean;
}

/** The account through which Argo CD reaches a cluster. The site's stack makes the same objects, and its token. */
export class EndpointAccess extends Construct {
  constructor(scope: Construct, id: string, props: EndpointAccessProps) {
    super(scope, id);
    const objects = toEndpointAccess(props);
    new k8s.KubeNamespace(this, 'Namespace', objects.namespace);
    new k8s.KubeServiceAccount(this, 'ServiceAccount', objects.serviceAccount);
    new k8s.KubeClusterRole(this, 'ClusterRole', objects.clusterRole);
    new k8s.KubeClusterRoleBinding(this, 'ClusterRoleBinding', objects.clusterRoleBinding);
    if (objects.role !== undefined) new k8s.KubeRole(this, 'Role', objects.role);
    if (objects.roleBinding !== undefined) new k8s.KubeRoleBinding(this, 'RoleBinding', objects.roleBinding);
  }
}

/**
 * The objects that give Argo CD access to a cluster: it writes the kinds of its projects, sees what these make, and
 * nothing else. It reads no Secrets, and it can grant developers their role but no other one.
 */
export function toEndpointAccess({ kinds, holdsApplications }: EndpointAccessProps) {
  const metadata = { name: ACCESS_NAME };
  const inArgoCd = { name: ACCESS_NAME, namespace: ARGOCD_NAMESPACE };
  const subjects = [{ kind: 'ServiceAccount', name: ACCESS_NAME, namespace: ACCESS_NAMESPACE }];
  return {
    namespace: {
      metadata: {
        name: ACCESS_NAMESPACE,
        labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
      },
    },
    serviceAccount: {
      metadata: { ...metadata, namespace: ACCESS_NAMESPACE },
      automountServiceAccountToken: false,
    },
    clusterRole: { metadata, rules: toRules(kinds) },
    clusterRoleBinding: {
      metadata,
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: ACCESS_NAME },
      subjects,
    },
    role: holdsApplications
      ? { metadata: inArgoCd, rules: byGroup([Kinds.Application], [...READ, ...WRITE]) }
      : undefined,
    roleBinding: holdsApplications
      ? { metadata: inArgoCd, roleRef: { apiGroup: RBAC, kind: 'Role', name: ACCESS_NAME }, subjects }
      : undefined,
  };
}

function toRules(kinds: readonly Kind[]): k8s.PolicyRule[] {
  const written = new Set(kinds);
  const shown = SHOWN.filter((kind) => !written.has(kind));
  const rules = [...byGroup([...written], [...READ, ...WRITE]), ...byGroup(shown, READ)];
  if (!written.has(Kinds.RoleBinding)) return rules;
  const bind = { apiGroups: [RBAC], resources: ['clusterroles'], verbs: ['bind'], resourceNames: [DEVELOPER_ROLE] };
  return [...rules, bind];
}

function byGroup(
  kinds: readonly Kind[],
  verbs: string[],
): { apiGroups: string[]; resources: string[]; verbs: string[] }[] {
  const groups = [...new Set(kinds.map(({ group }) => group))].sort();
  return groups.map((group) => ({
    apiGroups: [group],
    resources: kinds
      .filter((kind) => kind.group === group)
      .map(({ resource }) => resource)
      .sort(),
    verbs,
  }));
}
