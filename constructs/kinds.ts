/** A kind of Kubernetes object, in the three spellings that projects and roles need. */
export interface Kind {
  /** API group; empty for the core group. */
  readonly group: string;
  readonly kind: string;
  /** Plural in lower case, as in paths and roles. */
  readonly resource: string;
  /** Whether its objects lie outside of namespaces. @default false */
  readonly clusterScoped?: boolean;
}

/** The kinds that constructs render, and those that Argo CD shows as their children. */
export const Kinds = {
  Application: { group: 'argoproj.io', kind: 'Application', resource: 'applications' },
  Deployment: { group: 'apps', kind: 'Deployment', resource: 'deployments' },
  EndpointSlice: { group: 'discovery.k8s.io', kind: 'EndpointSlice', resource: 'endpointslices' },
  ExternalSecret: { group: 'external-secrets.io', kind: 'ExternalSecret', resource: 'externalsecrets' },
  HorizontalPodAutoscaler: {
    group: 'autoscaling',
    kind: 'HorizontalPodAutoscaler',
    resource: 'horizontalpodautoscalers',
  },
  Ingress: { group: 'networking.k8s.io', kind: 'Ingress', resource: 'ingresses' },
  LimitRange: { group: '', kind: 'LimitRange', resource: 'limitranges' },
  Namespace: { group: '', kind: 'Namespace', resource: 'namespaces', clusterScoped: true },
  NetworkPolicy: { group: 'networking.k8s.io', kind: 'NetworkPolicy', resource: 'networkpolicies' },
  Pod: { group: '', kind: 'Pod', resource: 'pods' },
  PodDisruptionBudget: { group: 'policy', kind: 'PodDisruptionBudget', resource: 'poddisruptionbudgets' },
  PriorityClass: {
    group: 'scheduling.k8s.io',
    kind: 'PriorityClass',
    resource: 'priorityclasses',
    clusterScoped: true,
  },
  ReplicaSet: { group: 'apps', kind: 'ReplicaSet', resource: 'replicasets' },
  ResourceQuota: { group: '', kind: 'ResourceQuota', resource: 'resourcequotas' },
  RoleBinding: { group: 'rbac.authorization.k8s.io', kind: 'RoleBinding', resource: 'rolebindings' },
  Service: { group: '', kind: 'Service', resource: 'services' },
  ServiceAccount: { group: '', kind: 'ServiceAccount', resource: 'serviceaccounts' },
} as const satisfies Record<string, Kind>;
