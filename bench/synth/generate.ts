import { stringify } from 'yaml';

/** Most clusters that have ranges of their own below 10.0.0.0/8. */
const MAX_CLUSTERS = 256;
const DOMAIN = 'site-b.bench.sitewright.example';
const TENANTS = ['business-a', 'business-b'];
const STORAGE_CLASSES = {
  standard: { provisioner: 'cluster.local/nfs-provisioner', default: true },
  fast: { provisioner: 'openebs.io/local' },
};

/** Place of the generated file below the folder of the environments. */
export const GENERATED_FILE = 'prod/site-b.yaml';

/** An environment file of a site with one control plane and, for the rest, data planes with two tenants each. */
export function siteFile(clusters: number): string {
  if (clusters < 1 || clusters > MAX_CLUSTERS) {
    throw new Error(`generate: 'clusters' must be from 1 to ${MAX_CLUSTERS}, got ${clusters}; choose another number`);
  }
  const planes = Array.from({ length: clusters - 1 }, (_, index) => [`data-${index + 1}`, dataPlane(index + 1)]);
  return stringify({
    description: 'Made for a benchmark',
    domain: DOMAIN,
    manifests: {
      service: 'site-b/bitbucket',
      repository: 'platform/manifests.git',
      branch: 'main',
      credential: 'openbao:platform/argocd#bitbucket',
    },
    externalServices: {
      bitbucket: { kind: 'git', url: `https://bitbucket.${DOMAIN}/scm` },
      sso: { kind: 'sso', url: `https://sso.${DOMAIN}/realms/platform` },
    },
    tenants: Object.fromEntries(
      TENANTS.map((name) => [name, { owner: `${name}@sitewright.example`, group: `${name}-developers` }]),
    ),
    clusters: { control: controlPlane(), ...Object.fromEntries(planes) },
  });
}

function controlPlane(): object {
  return {
    plane: 'control',
    ...bareMetal(0),
    components: {
      ...clusterServices('control'),
      argocd: { host: `argocd.${DOMAIN}`, sso: 'site-b/sso', replicas: 3 },
      task: { host: `task.${DOMAIN}` },
      monitoring: { host: `monitoring.${DOMAIN}` },
      prometheus: { tier: 'long-term', retention: '1y', storage: { size: '4Ti', class: 'fast' } },
    },
  };
}

function dataPlane(index: number): object {
  const cluster = `data-${index}`;
  return {
    plane: 'data',
    ...bareMetal(index),
    components: {
      ...clusterServices(cluster),
      prometheus: {
        tier: 'short-term',
        retention: '15d',
        outageBuffer: '24h',
        storage: { size: '500Gi', class: 'fast' },
      },
      grafana: { tier: 'short-term', host: `grafana.${cluster}.${DOMAIN}` },
      loki: { tier: 'short-term', retention: '7d', storage: { size: '200Gi', class: 'standard' } },
    },
    tenants: Object.fromEntries(TENANTS.map((tenant) => [tenant, placement(cluster, tenant)])),
  };
}

/** Infrastructure with a /16 of its own, by the number of the cluster. */
function bareMetal(index: number): object {
  return {
    infrastructure: 'bare-metal',
    network: {
      nodes: `10.${index}.0.0/22`,
      loadBalancers: `10.${index}.3.0/26`,
      services: `10.${index}.64.0/18`,
      pods: `10.${index}.128.0/17`,
    },
    storageClasses: STORAGE_CLASSES,
  };
}

function clusterServices(cluster: string): object {
  return {
    'cert-manager': { email: 'platform@sitewright.example', issuer: 'letsencrypt-prod' },
    metallb: {},
    'nfs-provisioner': { server: `nfs.${DOMAIN}`, path: `/export/${cluster}` },
    'ingress-nginx': { replicas: 3 },
    'metrics-server': {},
    fluentd: {},
    'external-secrets': {},
  };
}

function placement(cluster: string, tenant: string): object {
  const backend = {
    image: `harbor.${DOMAIN}/${tenant}/backend:2.3.1`,
    autoscaling: { minReplicas: 3, maxReplicas: 15, targetCpuPercent: 70 },
    resources: { cpu: '500m', memory: '1Gi' },
    ingress: { host: `${tenant}.${cluster}.${DOMAIN}` },
    egress: [{ to: '192.168.201.0/24', port: 5432 }],
    env: { LOG_LEVEL: 'info' },
    secrets: { DATABASE_PASSWORD: `openbao:${tenant}/backend#database-password` },
  };
  return { quota: { cpu: '32', memory: '64Gi', pods: 120, storage: '500Gi' }, services: { backend } };
}
