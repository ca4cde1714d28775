import { z } from 'zod';
import { Folder, Host, Mail, Name, Period, ServiceReference, Size, Url } from './scalars.ts';

/** A volume of a component. */
const Storage = z
  .strictObject({
    size: Size.describe('Size of each volume'),
    class: Name.describe("One of the cluster's storage classes"),
  })
  .describe('Volume claimed by each replica');

const host = Host.describe('DNS name that it is reached at; lies in the domain of the site');
const replicas = z.int().min(1).max(9).optional().describe('Number of replicas');
const retention = Period.describe('How long data is kept');
const tier = z
  .enum(['long-term', 'short-term'])
  .describe('long-term on control planes, short-term on data planes: short-term data flows to the long-term side');
const none = z.strictObject({});

/**
 * The settings of each component that an environment file can name.
 * A component is named by its key under `clusters.<cluster>.components`.
 */
export const Components = z.strictObject({
  'cert-manager': z
    .strictObject({
      email: Mail.describe("Address that Let's Encrypt writes to before a certificate ends"),
      issuer: z.enum(['letsencrypt-staging', 'letsencrypt-prod']).describe('Issuer that ingresses use'),
    })
    .describe('TLS certificates')
    .optional(),
  metallb: none.describe('LoadBalancer addresses on bare metal, from network.loadBalancers, in L2 mode').optional(),
  'nfs-provisioner': z
    .strictObject({
      server: Host.describe('NFS server'),
      path: Folder.describe('Exported path'),
    })
    .describe('Volumes on an NFS server')
    .optional(),
  'ingress-nginx': z.strictObject({ replicas }).describe('Ingress controller').optional(),
  'metrics-server': none.describe('Processor and memory use of pods, which autoscaling needs').optional(),
  fluentd: none.describe('Ships container and access logs').optional(),
  openbao: z.strictObject({ host, storage: Storage }).describe('Keeps secrets').optional(),
  'external-secrets': none.describe('Brings secrets from OpenBao into the cluster').optional(),
  keycloak: z
    .strictObject({ host, storage: Storage })
    .describe('Single sign-on for a site that has none of its own')
    .optional(),
  'cluster-autoscaler': none.describe('Adds and removes nodes on AWS').optional(),
  'aws-load-balancer-controller': none.describe('Load balancers on AWS').optional(),
  'external-dns': none.describe('DNS records on AWS').optional(),
  'aws-ebs-csi-driver': none.describe('EBS volumes on AWS').optional(),

  argocd: z
    .strictObject({ host, sso: ServiceReference.describe('SSO that users sign in with'), replicas })
    .describe('Deploys to every cluster of the sites that this control plane serves')
    .optional(),
  'argo-workflows': z
    .strictObject({ host, sso: ServiceReference.describe('SSO that users sign in with'), retention, storage: Storage })
    .describe('Runs the Task Runners; finished workflows are archived in PostgreSQL, artifacts in S3')
    .optional(),
  'argo-events': none.describe('Starts Task Runners from messages').optional(),
  harbor: z
    .strictObject({
      host,
      storage: Storage,
      proxyCaches: z
        .record(Name, z.strictObject({ url: Url.describe('Address of the registry') }).describe('A registry'))
        .optional()
        .describe('Registries that Harbor fetches images from and keeps copies of'),
    })
    .describe('Container registry with scanner')
    .optional(),
  gitea: z.strictObject({ host, storage: Storage }).describe("The users' git repositories").optional(),
  nexus: z.strictObject({ host, storage: Storage }).describe('Libraries for builds').optional(),
  sonarqube: z.strictObject({ host, storage: Storage }).describe('Code quality gate').optional(),
  redis: z
    .strictObject({ memory: Size.describe('Memory for data'), storage: Storage, replicas })
    .describe('Managed Redis')
    .optional(),

  prometheus: z
    .strictObject({
      tier,
      retention,
      storage: Storage,
      outageBuffer: Period.optional().describe('How long an outage of the long-term side is bridged'),
    })
    .describe('Metrics')
    .optional(),
  grafana: z.strictObject({ tier, host }).describe('Dashboards').optional(),
  loki: z.strictObject({ tier, retention, storage: Storage }).describe('Logs of the last days').optional(),
  elasticsearch: z.strictObject({ tier, retention, storage: Storage, replicas }).describe('Searchable logs').optional(),
  kibana: z.strictObject({ tier, host }).describe('Log search').optional(),

  task: z.strictObject({ host }).describe('sre-app: submits Task Runners and reports on them').optional(),
  monitoring: z.strictObject({ host }).describe('sre-app: live status, logs and metrics').optional(),
  summary: none.describe('sre-app: ready-made status of all applications in Redis').optional(),
  router: z.strictObject({ host }).describe("Passes the portal's requests to the right cluster").optional(),
  'task-agent': none.describe("Takes the portal's tasks to the task service").optional(),
  'notify-agent': z
    .strictObject({ messenger: ServiceReference.describe('Messenger that messages are sent to') })
    .describe('Sends the outcome of tasks to the messenger')
    .optional(),
});

/** The settings of all components of a cluster. */
export type Components = z.infer<typeof Components>;
/** Name of a component. */
export type ComponentName = keyof Components;
