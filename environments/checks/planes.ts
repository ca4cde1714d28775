import type { ComponentName } from '../components.ts';
import { type Problem, suggest } from '../problem.ts';
import { type Check, clustersOf, type Draft, type DraftCluster, entriesOf, isUnsure, lacks } from './draft.ts';

type Plane = NonNullable<DraftCluster['plane']>;
type Infrastructure = NonNullable<DraftCluster['infrastructure']>;

/** Longest `<environment>-<site>-<cluster>`: with the longest component behind it, 63 characters as labels allow. */
const MAX_ENDPOINT_CHARACTERS = 29;

/** The planes of the components that do not run everywhere. */
const PLANES: Readonly<Partial<Record<ComponentName, readonly Plane[]>>> = {
  argocd: ['control'],
  'argo-workflows': ['control'],
  'argo-events': ['control'],
  harbor: ['control', 'platform'],
  gitea: ['control'],
  nexus: ['control'],
  sonarqube: ['control'],
  redis: ['control', 'platform'],
  loki: ['data'],
  task: ['control'],
  monitoring: ['control'],
  summary: ['platform'],
  router: ['platform'],
  'task-agent': ['platform'],
  'notify-agent': ['platform'],
};

/** The infrastructure of the components that do not run everywhere. */
const INFRASTRUCTURE: Readonly<Partial<Record<ComponentName, Infrastructure>>> = {
  metallb: 'bare-metal',
  'nfs-provisioner': 'bare-metal',
  'cluster-autoscaler': 'aws',
  'aws-load-balancer-controller': 'aws',
  'external-dns': 'aws',
  'aws-ebs-csi-driver': 'aws',
};

/** Cluster names are unique, and every cluster is served by a control plane. */
export const checkPlanes: Check = (sites) => {
  const problems: Problem[] = [];
  const seen = new Map<string, string>();
  for (const draft of sites) {
    const { source, site, environment, name } = draft;
    for (const [cluster, settings] of entriesOf(site.clusters)) {
      // Its name was refused, or it is no cluster.
      if (settings === undefined) continue;
      const path = ['clusters', cluster];
      const first = seen.get(cluster);
      if (first !== undefined) {
        const rule = 'have a name of its own in the environment';
        problems.push(source.problem(path, rule, `${cluster} as in ${first}`, 'rename one of the two', 'key'));
      }
      seen.set(cluster, source.place(path));
      const endpoint = `${environment}-${name}-${cluster}`;
      if (endpoint.length > MAX_ENDPOINT_CHARACTERS) {
        const rule = `have at most ${MAX_ENDPOINT_CHARACTERS} characters together with environment and site`;
        const value = `${endpoint}, which has ${endpoint.length}`;
        problems.push(source.problem(path, rule, value, 'shorten one of the names', 'key'));
      }
    }
    if (clustersOf(draft).length > 0 && lacks(site, 'manifests')) {
      const fix = 'add manifests with service, repository, credential';
      problems.push(source.problem(['manifests'], 'be set where a site has clusters', 'nothing', fix));
    }
    problems.push(
      ...(site.controlPlane === undefined ? checkOwnControlPlane(draft) : checkOtherControlPlane(draft, sites)),
    );
  }
  return problems;
};

/** Components fit the plane and the infrastructure of their cluster. */
export const checkComponents: Check = (sites) =>
  sites.flatMap((draft) =>
    clustersOf(draft).flatMap(({ path, cluster }) =>
      (Object.keys(cluster.components ?? {}) as ComponentName[]).flatMap((component) =>
        checkComponent(draft, [...path, 'components', component], cluster, component),
      ),
    ),
  );

/** The control plane that a site names is one. */
function checkOtherControlPlane({ source, site }: Draft, sites: readonly Draft[]): Problem[] {
  const { site: name, cluster } = site.controlPlane ?? {};
  if (name === undefined || cluster === undefined) return [];
  const other = sites.find((candidate) => candidate.name === name);
  if (other === undefined) {
    const known = sites.map((candidate) => candidate.name);
    return [source.problem(['controlPlane', 'site'], 'be a site of the environment', name, suggest(name, known))];
  }
  const settings = other.site.clusters?.[cluster];
  const refused = Object.hasOwn(other.site.clusters ?? {}, cluster) && settings?.plane === undefined;
  if (settings?.plane === 'control' || refused || isUnsure(other, 'clusters')) return [];
  const controls = clustersOf(other).filter((candidate) => candidate.cluster.plane === 'control');
  const known = controls.map((candidate) => candidate.name);
  const value = settings === undefined ? cluster : `${cluster}, a ${settings.plane} plane`;
  const fix = suggest(cluster, known, `add a cluster with plane: control to ${name}`);
  return [source.problem(['controlPlane', 'cluster'], `be a control plane of ${name}`, value, fix)];
}

/** A site that names no control plane has one, and only one. */
function checkOwnControlPlane(draft: Draft): Problem[] {
  const { source, site } = draft;
  const clusters = clustersOf(draft);
  const [first, second] = clusters.filter(({ cluster }) => cluster.plane === 'control');
  if (second !== undefined && lacks(site, 'controlPlane')) {
    const fix = 'make one of them a data plane, or name one in controlPlane';
    const value = `a second one beside ${first?.name}`;
    return [source.problem([...second.path, 'plane'], 'be control in one cluster of a site', value, fix)];
  }
  const unknown = clusters.some(({ cluster }) => cluster.plane === undefined);
  if (clusters.length === 0 || first !== undefined || unknown || !lacks(site, 'controlPlane')) return [];
  const fix = 'add a cluster with plane: control, or set controlPlane';
  return [source.problem(['clusters'], 'have a control plane', 'none', fix, 'key')];
}

function checkComponent(draft: Draft, path: string[], cluster: DraftCluster, component: ComponentName): Problem[] {
  const { source } = draft;
  const { plane, infrastructure, network, storageClasses } = cluster;
  const problems: Problem[] = [];
  const planes = PLANES[component];
  if (planes !== undefined && plane !== undefined && !planes.includes(plane)) {
    const rule = `be on a ${planes.join(' or ')} plane`;
    problems.push(source.problem(path, rule, `a ${plane} plane`, 'move it to such a cluster', 'key'));
  }
  const required = INFRASTRUCTURE[component];
  if (required !== undefined && infrastructure !== undefined && infrastructure !== required) {
    const fix = `remove it, or set infrastructure: ${required}`;
    problems.push(source.problem(path, `be on ${required}`, infrastructure, fix, 'key'));
  }
  if (component === 'metallb' && infrastructure !== 'aws' && lacks(network, 'loadBalancers')) {
    const fix = 'add network.loadBalancers, a part of network.nodes';
    problems.push(source.problem(path, 'have addresses to give out', 'no network.loadBalancers', fix, 'key'));
  }
  const settings = cluster.components?.[component] as { tier?: string; storage?: { class?: string } } | undefined;
  const tier = plane === 'data' ? 'short-term' : 'long-term';
  if (settings?.tier !== undefined && plane !== undefined && settings.tier !== tier) {
    const rule = `be ${tier} on a ${plane} plane`;
    problems.push(source.problem([...path, 'tier'], rule, settings.tier, `write tier: ${tier}`));
  }
  const storageClass = settings?.storage?.class;
  const refused = storageClasses === undefined && !lacks(cluster, 'storageClasses');
  if (storageClass !== undefined && !refused && !Object.hasOwn(storageClasses ?? {}, storageClass)) {
    const rule = 'be a storage class of the cluster';
    const fix = suggest(storageClass, Object.keys(storageClasses ?? {}), `add it to storageClasses of the cluster`);
    problems.push(source.problem([...path, 'storage', 'class'], rule, storageClass, fix));
  }
  return problems;
}
