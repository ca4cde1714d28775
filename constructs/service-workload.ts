import { Construct } from 'constructs';
import { BUSINESS_PRIORITY } from './baseline.ts';
import * as k8s from './k8s.ts';
import { type Kind, Kinds } from './kinds.ts';
import { quantities } from './secured-namespace.ts';

/** The kinds that a service consists of: all that a tenant's own project may hold. */
export const SERVICE_KINDS: readonly Kind[] = [
  Kinds.Deployment,
  Kinds.HorizontalPodAutoscaler,
  Kinds.Ingress,
  Kinds.PodDisruptionBudget,
  Kinds.Service,
];

/** User and group that containers run as, whatever their image says: none of a node's own. */
const USER_ID = 65532;
/** Name of the port of a container and of its service. */
const PORT_NAME = 'http';
/** Most that a pod may keep in its `/tmp`. */
const TMP_SIZE = '64Mi';

/** How many replicas run. */
export type Scale =
  | { readonly replicas: number }
  | { readonly minReplicas: number; readonly maxReplicas: number; readonly targetCpuPercent: number };

/** Options for {@link ServiceWorkload}. */
export interface ServiceWorkloadProps {
  readonly name: string;
  /** Tenant that it belongs to, also its namespace. */
  readonly tenant: string;
  readonly serviceAccount: string;
  readonly image: string;
  /** Port that the container listens on. */
  readonly port: number;
  readonly scale: Scale;
  /** Processor time that is reserved; memory that is reserved and the limit. */
  readonly resources: { readonly cpu: string; readonly memory: string };
  /** HTTP paths of the probes. */
  readonly health: { readonly liveness: string; readonly readiness: string };
  /** Reached from outside at this address, with a certificate of this issuer. @default - from inside alone */
  readonly ingress?: { readonly host: string; readonly path: string; readonly issuer?: string };
  /** Environment variables that are no secrets. @default - none */
  readonly env?: Readonly<Record<string, string>>;
  /** Secret whose keys become environment variables. @default - none */
  readonly secret?: string;
}

/** A long-running service: Deployment, Service, PodDisruptionBudget, and Ingress and autoscaler where wanted. */
export class ServiceWorkload extends Construct {
  constructor(scope: Construct, id: string, props: ServiceWorkloadProps) {
    super(scope, id);
    const { name, tenant: namespace, scale, ingress } = props;
    const metadata = { name, namespace, labels: workloadSelector(namespace, name) };
    const selector = { matchLabels: workloadSelector(namespace, name) };
    new k8s.KubeDeployment(this, 'Deployment', { metadata, spec: toDeploymentSpec(props) });
    new k8s.KubeService(this, 'Service', {
      metadata,
      spec: {
        selector: selector.matchLabels,
        ports: [{ name: PORT_NAME, port: 80, targetPort: k8s.IntOrString.fromString(PORT_NAME), protocol: 'TCP' }],
      },
    });
    new k8s.KubePodDisruptionBudget(this, 'DisruptionBudget', {
      metadata,
      // Never blocks the drain of a node for good, as minAvailable does with one replica.
      // Nor do pods that are broken anyway.
      spec: { selector, maxUnavailable: k8s.IntOrString.fromNumber(1), unhealthyPodEvictionPolicy: 'AlwaysAllow' },
    });
    if (!('replicas' in scale)) {
      new k8s.KubeHorizontalPodAutoscalerV2(this, 'Autoscaler', {
        metadata,
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
          minReplicas: scale.minReplicas,
          maxReplicas: scale.maxReplicas,
          metrics: [
            {
              type: 'Resource',
              resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: scale.targetCpuPercent } },
            },
          ],
        },
      });
    }
    if (ingress !== undefined) {
      const annotations = ingress.issuer === undefined ? {} : { 'cert-manager.io/cluster-issuer': ingress.issuer };
      new k8s.KubeIngress(this, 'Ingress', {
        metadata: { ...metadata, annotations },
        spec: toIngressSpec(name, ingress),
      });
    }
  }
}

/** Labels that select the pods of a service. They never change: a selector is immutable. */
export function workloadSelector(tenant: string, service: string): Record<string, string> {
  return { 'app.kubernetes.io/name': service, 'app.kubernetes.io/part-of': tenant };
}

/** The Deployment's spec. Replicas are left out where an autoscaler sets them. */
export function toDeploymentSpec(props: ServiceWorkloadProps): k8s.DeploymentSpec {
  const labels = workloadSelector(props.tenant, props.name);
  const { scale } = props;
  return {
    ...('replicas' in scale ? { replicas: scale.replicas } : {}),
    selector: { matchLabels: labels },
    strategy: {
      type: 'RollingUpdate',
      rollingUpdate: { maxUnavailable: k8s.IntOrString.fromNumber(0), maxSurge: k8s.IntOrString.fromNumber(1) },
    },
    template: {
      metadata: { labels },
      spec: {
        serviceAccountName: props.serviceAccount,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        priorityClassName: BUSINESS_PRIORITY,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: USER_ID,
          runAsGroup: USER_ID,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: 'kubernetes.io/hostname',
            whenUnsatisfiable: 'ScheduleAnyway',
            labelSelector: { matchLabels: labels },
          },
        ],
        containers: [toContainer(props)],
        volumes: [{ name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString(TMP_SIZE) } }],
      },
    },
  };
}

function toContainer(props: ServiceWorkloadProps): k8s.Container {
  const { name, image, port, resources, health, env, secret } = props;
  const probe = (path: string) => ({ httpGet: { path, port: k8s.IntOrString.fromString(PORT_NAME) } });
  const variables = Object.entries(env ?? {}).map(([key, value]) => ({ name: key, value }));
  return {
    name,
    image,
    ports: [{ name: PORT_NAME, containerPort: port, protocol: 'TCP' }],
    ...(variables.length > 0 ? { env: variables } : {}),
    ...(secret === undefined ? {} : { envFrom: [{ secretRef: { name: secret } }] }),
    resources: { requests: quantities(resources), limits: quantities({ memory: resources.memory }) },
    // Up to five minutes to start; liveness counts from then on.
    startupProbe: { ...probe(health.liveness), periodSeconds: 2, failureThreshold: 150 },
    livenessProbe: { ...probe(health.liveness), periodSeconds: 10, failureThreshold: 3 },
    readinessProbe: { ...probe(health.readiness), periodSeconds: 5, failureThreshold: 2 },
    // The only place to write to: many servers do not start without it.
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
}

function toIngressSpec(name: string, ingress: NonNullable<ServiceWorkloadProps['ingress']>): k8s.IngressSpec {
  return {
    ingressClassName: 'nginx',
    ...(ingress.issuer === undefined ? {} : { tls: [{ hosts: [ingress.host], secretName: `${name}-tls` }] }),
    rules: [
      {
        host: ingress.host,
        http: {
          paths: [
            { path: ingress.path, pathType: 'Prefix', backend: { service: { name, port: { name: PORT_NAME } } } },
          ],
        },
      },
    ],
  };
}
