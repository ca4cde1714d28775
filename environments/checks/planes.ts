import type { ComponentName } from '../components.ts';
import type { Problem } from '../problem.ts';
import { suggest } from '../problem.ts';
import { type Check, clustersOf, type Draft, type DraftCluster, entriesOf } from './draft.ts';

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
    for (const { name: cluster, path } of clustersOf(draft)) {
      const first = seen.get(cluster);
      if (first !== undefined) {
        problems.push(
          source.problem(
            path,
            'have a name of its own in the environment',
            `${cluster} as in ${first}`,
            'rename it',
            'key',
          ),
        );
      }
      seen.set(cluster, source.place(path));
      const endpoint = `${environment}-${name}-${cluster}`;
      if (endpoint.length > MAX_ENDPOINT_CHARACTERS) {
        const rule = `have at most ${MAX_ENDPOINT_CHARACTERS} characters together with environment and site`;
        problems.push(
          source.problem(path, rule, `${endpoint} (${endpoint.length})`, 'shorten one of the names', 'key'),
        );
      }
    }
    if (site.clusters !== undefined && entriesOf(site.clusters).length > 0 && !('manifests' in site)) {
      const fix = 'add manifests with service, repository and credential';
      problems.push(source.problem(['manifests'], 'be set where a site has clusters', 'nothing', fix));
    }
    problems.push(...checkControlPlane(draft, sites));
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

function checkControlPlane(draft: Draft, sites: readonly Draft[]): Problem[] {
  const { source, site, name } = draft;
  const clusters = clustersOf(draft);
  if (site.controlPlane !== undefined) {
    const { site: otherName, cluster } = site.controlPlane;
    if (otherName === undefined || cluster === undefined) return [];
    const other = sites.find((candidate) => candidate.name === otherName);
    if (other === undefined) {
      const known = sites.map((candidate) => candidate.name);
      return [
        source.problem(['controlPlane', 'site'], 'be a site of the environment', otherName, suggest(otherName, known)),
      ];
    }
    const controls = clustersOf(other).filter((candidate) => (candidate.cluster.plane ?? 'control') === 'control');
    if (controls.some((candidate) => candidate.name === cluster)) return [];
    const known = controls.map((candidate) => candidate.name);
    const rule = `be a control plane of ${otherName}`;
    return [source.problem(['controlPlane', 'cluster'], rule, cluster, suggest(cluster, known))];
  }
  const unknown = clusters.some(({ cluster }) => cluster.plane === undefined);
  const [first, second] = clusters.filter(({ cluster }) => cluster.plane === 'control');
  if (second !== undefined) {
    const fix = 'make one of them a data plane, or give each a site of its own';
    return [
      source.problem([...second.path, 'plane'], 'be control once in a site', `control as ${first?.name} has`, fix),
    ];
  }
  if (first !== undefined || unknown) return [];
  const rule = 'be served by a control plane';
  return clusters.map(({ path, cluster }) =>
    source.problem(
      path,
      rule,
      `a ${cluster.plane} plane in ${name}, which has none`,
      'add a cluster with plane: control, or set controlPlane',
      'key',
    ),
  );
}

function checkComponent(draft: Draft, path: string[], cluster: DraftCluster, component: ComponentName): Problem[] {
  const { source } = draft;
  const problems: Problem[] = [];
  const planes = PLANES[component];
  if (planes !== undefined && cluster.plane !== undefined && !planes.includes(cluster.plane)) {
    const rule = `be on a ${planes.join(' or ')} plane`;
    problems.push(source.problem(path, rule, `a ${cluster.plane} plane`, 'move it to such a cluster', 'key'));
  }
  const infrastructure = INFRASTRUCTURE[component];
  if (infrastructure !== undefined && ![undefined, infrastructure].includes(cluster.infrastructure)) {
    const fix = `remove it, or set infrastructure: ${infrastructure}`;
    problems.push(source.problem(path, `be on ${infrastructure}`, cluster.infrastructure ?? '', fix, 'key'));
  }
  if (component === 'metallb' && cluster.network !== undefined && cluster.network.loadBalancers === undefined) {
    const fix = 'add network.loadBalancers';
    problems.push(source.problem(path, 'have addresses to give out', 'no network.loadBalancers', fix, 'key'));
  }
  const settings = cluster.components?.[component] as { tier?: string; storage?: { class?: string } } | undefined;
  const tier = cluster.plane === 'data' ? 'short-term' : 'long-term';
  if (settings?.tier !== undefined && cluster.plane !== undefined && settings?.tier !== tier) {
    const rule = `be ${tier} on a ${cluster.plane} plane`;
    problems.push(source.problem([...path, 'tier'], rule, settings?.tier, `write tier: ${tier}`));
  }
  const storageClass = settings?.storage?.class;
  const classes = Object.keys(cluster.storageClasses ?? {});
  if (storageClass !== undefined && !classes.includes(storageClass)) {
    const rule = 'be a storage class of the cluster';
    problems.push(source.problem([...path, 'storage', 'class'], rule, storageClass, suggest(storageClass, classes)));
  }
  return problems;
}
