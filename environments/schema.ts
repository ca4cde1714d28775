import { z } from 'zod';
import { Components } from './components.ts';
import {
  Branch,
  Cpu,
  Domain,
  Group,
  Host,
  Image,
  Mail,
  Name,
  Port,
  ProbePath,
  Provisioner,
  Range,
  Repository,
  SecretReference,
  ServiceReference,
  Size,
  Url,
  UrlPath,
  Variable,
} from './scalars.ts';

/** What an external service is, so that references to it can be checked. */
export const ExternalServiceKind = z.enum([
  'artifacts',
  'cdn',
  'database',
  'git',
  'issues',
  'mail',
  'messenger',
  'portal',
  'sso',
]);

const ExternalService = z
  .strictObject({
    kind: ExternalServiceKind.describe('What it is'),
    url: Url.describe('Where it is reached'),
    description: z.string().optional().describe('What it is for'),
  })
  .describe('A service that exists already and is only referred to');

const Network = z
  .strictObject({
    nodes: Range.describe('Addresses of the nodes'),
    pods: Range.describe('Addresses of the pods'),
    services: Range.describe('Addresses of the Kubernetes services'),
    loadBalancers: Range.optional().describe('Part of the nodes range that LoadBalancer services take addresses from'),
  })
  .describe('Address ranges; none may overlap another one of the environment');

const Resources = z
  .strictObject({
    cpu: Cpu.describe('Processor time that is reserved'),
    memory: Size.describe('Memory that is reserved, and the limit'),
  })
  .describe('Resources of each replica');

const Autoscaling = z
  .strictObject({
    minReplicas: z.int().min(1).max(100).describe('Fewest replicas'),
    maxReplicas: z.int().min(1).max(500).describe('Most replicas; not below minReplicas'),
    targetCpuPercent: z.int().min(10).max(95).default(70).describe('Processor use, in percent of what is reserved'),
  })
  .describe('Scales by processor use; takes the place of replicas');

const Ingress = z
  .strictObject({
    host: Host.describe('DNS name; lies in the domain of the site'),
    path: UrlPath.default('/').describe('Path that requests begin with'),
  })
  .describe('Makes the service reachable from outside the cluster, with TLS');

const Egress = z
  .strictObject({ to: Range.describe('Destination addresses'), port: Port.describe('TCP port') })
  .describe('A destination outside of the tenant');

const Service = z
  .strictObject({
    image: Image.describe('Container image'),
    port: z
      .int({ error: 'a port from 1024 to 65535; write it like 8080' })
      .min(1024)
      .max(65535)
      .default(8080)
      .describe('Port that the container listens on; those below 1024 need root'),
    replicas: z.int().min(0).max(500).optional().describe('Fixed number of replicas'),
    autoscaling: Autoscaling.optional(),
    resources: Resources,
    health: z
      .strictObject({
        liveness: ProbePath.describe('Restarted when it fails'),
        readiness: ProbePath.describe('Gets requests while it succeeds'),
      })
      .default({ liveness: '/healthz', readiness: '/readyz' })
      .describe('HTTP paths of the probes'),
    ingress: Ingress.optional(),
    egress: z.array(Egress).default([]).describe('What it may connect to beside its own tenant and DNS'),
    env: z.record(Variable, z.string()).default({}).describe('Environment variables that are no secrets'),
    secrets: z
      .record(Variable, SecretReference)
      .default({})
      .describe('Environment variables whose values come from OpenBao'),
  })
  .describe('A long-running workload of a tenant');

const Placement = z
  .strictObject({
    quota: z
      .strictObject({
        cpu: Cpu.describe('Processor time that its pods reserve'),
        memory: Size.describe('Memory that its pods reserve'),
        pods: z.int().min(1).max(10_000).describe('Number of pods'),
        storage: Size.describe('Size of all its volumes'),
      })
      .describe('What the tenant may use in this cluster'),
    services: z.record(Name, Service).default({}).describe('Its services, by name'),
  })
  .describe('What a tenant has in this cluster');

const StorageClass = z
  .strictObject({
    provisioner: Provisioner.describe('What makes the volumes'),
    default: z.boolean().default(false).describe('Whether volumes that name no class are of this one'),
  })
  .describe('A kind of volumes');

const Cluster = z
  .strictObject({
    plane: z
      .enum(['platform', 'control', 'data'])
      .describe('Role of the cluster: platform serves the portal, control deploys, data runs business applications'),
    infrastructure: z.enum(['bare-metal', 'aws', 'local']).describe('What it stands on; local is a sandbox'),
    network: Network,
    storageClasses: z
      .record(Name, StorageClass)
      .default({})
      .describe('Storage classes that components may claim volumes from, by name'),
    components: Components.default({}).describe('What is installed on it, by name'),
    tenants: z.record(Name, Placement).default({}).describe('Tenants of a data plane, by name'),
  })
  .describe('A Kubernetes cluster');

const Tenant = z
  .strictObject({
    owner: Mail.describe('Whom to write to'),
    group: Group.describe('Group of the SSO that may look at the workloads'),
    description: z.string().optional().describe('What it does'),
  })
  .describe('A team whose applications run in data planes');

const Manifests = z
  .strictObject({
    service: ServiceReference.describe('Git service, as site/service'),
    repository: Repository.describe("Path of the repository below the service's address"),
    branch: Branch.default('main').describe('Branch that is published to'),
    credential: SecretReference.describe('user:token that Argo CD reads the repository with'),
  })
  .describe('Repository that the rendered tree is published to and Argo CD reads from');

/** One environment file: a site and everything in it. */
export const SiteFile = z
  .strictObject({
    description: z.string().optional().describe('What this site is'),
    domain: Domain.describe('Domain that all its DNS names lie in'),
    controlPlane: z
      .strictObject({
        site: Name.describe('Site of the environment, as its file is named'),
        cluster: Name.describe('Cluster of that site with plane: control'),
      })
      .optional()
      .describe('Control plane that serves this site. Default: the one in the site itself'),
    manifests: Manifests.optional().describe('Needed where the site has clusters'),
    externalServices: z
      .record(Name, ExternalService)
      .default({})
      .describe('What this site offers to all sites, by name'),
    tenants: z.record(Name, Tenant).default({}).describe('Tenants that its data planes can hold, by name'),
    clusters: z.record(Name, Cluster).default({}).describe('Its clusters, by name'),
  })
  .meta({ title: 'Sitewright site', description: 'A site of an environment: environments/<environment>/<site>.yaml' });

/** A site as a file describes it, defaults filled in. */
export type SiteFile = z.infer<typeof SiteFile>;
/** A cluster as a file describes it. */
export type ClusterSettings = z.infer<typeof Cluster>;
/** A tenant's share of a cluster. */
export type Placement = z.infer<typeof Placement>;
/** A long-running workload. */
export type ServiceSettings = z.infer<typeof Service>;
/** What a tenant is. */
export type TenantSettings = z.infer<typeof Tenant>;
/** An external service. */
export type ExternalService = z.infer<typeof ExternalService>;
