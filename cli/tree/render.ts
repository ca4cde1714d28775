import { type Manifest, planSite, renderSite } from '../../apps/site.ts';
import { ARGOCD_NAMESPACE } from '../../constructs/application.ts';
import type { Site } from '../../environments/model.ts';
import { checkManifest, type Finding } from '../../policies/index.ts';
import { type Files, LOCK_FILE, toLock } from './lock.ts';
import { toYaml } from './yaml.ts';

/** A finding with the file that it is in. */
export interface PlacedFinding extends Finding {
  readonly file: string;
}

/** How much of a cluster was rendered. */
export interface ClusterReport {
  readonly environment: string;
  readonly site: string;
  readonly cluster: string;
  /** Components that were rendered. */
  readonly components: number;
  /** Components that the environment file names and that have no construct yet. */
  readonly declared: number;
  readonly objects: number;
  readonly findings: number;
}

/** A site as rendered: files by their path in the site's folder. */
export interface RenderedSite {
  /** `<environment>/<site>`, its folder in the tree. */
  readonly folder: string;
  readonly files: Files;
  readonly clusters: readonly ClusterReport[];
  readonly findings: readonly PlacedFinding[];
}

/** Renders and checks a site. A site without clusters has no files. */
export function renderToFiles(site: Site): RenderedSite {
  const folder = `${site.environment}/${site.name}`;
  const files = new Map<string, string>();
  const findings: PlacedFinding[] = [];
  const counts = new Map<string, { objects: number; findings: number }>();
  const identities = new Map<string, string>();
  const planned = planSite(site);
  for (const { path, manifest, cluster } of renderSite(site, planned)) {
    const name = path.slice(folder.length + 1);
    if (files.has(name)) throw new Error(`${path}: must be one object, got two of one kind and name; rename one`);
    const identity = identityOf(manifest, cluster);
    const twin = identities.get(identity);
    if (twin !== undefined) {
      throw new Error(`${path}: must be an object of its own, got the one of ${twin}; rename a cluster or component`);
    }
    identities.set(identity, path);
    files.set(name, toYaml(manifest));
    const found = checkManifest(manifest);
    for (const finding of found) findings.push({ file: path, ...finding });
    const count = counts.get(cluster) ?? { objects: 0, findings: 0 };
    counts.set(cluster, { objects: count.objects + 1, findings: count.findings + found.length });
  }
  if (files.size > 0) files.set(LOCK_FILE, toLock(files));
  const clusters = planned.map(({ cluster, components }) => {
    const rendered = new Set(components.map(({ name }) => name));
    return {
      environment: site.environment,
      site: site.name,
      cluster: cluster.name,
      components: components.length,
      declared: Object.keys(cluster.components).filter((name) => !rendered.has(name)).length,
      objects: counts.get(cluster.name)?.objects ?? 0,
      findings: counts.get(cluster.name)?.findings ?? 0,
    };
  });
  const { servedBy, controlPlane } = site;
  const elsewhere = servedBy === undefined || site.clusters.includes(servedBy) ? undefined : counts.get(servedBy.name);
  if (servedBy !== undefined && elsewhere !== undefined) {
    // What the site has in the Argo CD of another site.
    const cluster = `${controlPlane?.site}/${servedBy.name}`;
    clusters.push({
      environment: site.environment,
      site: site.name,
      cluster,
      components: 0,
      declared: 0,
      ...elsewhere,
    });
  }
  return { folder, files, clusters, findings };
}

/** What an object is to the cluster that it goes to. Argo CD's own objects are all in one, whichever they are about. */
function identityOf({ apiVersion, kind, metadata }: Manifest, cluster: string): string {
  const { namespace = '', name } = metadata;
  const place = namespace === ARGOCD_NAMESPACE ? namespace : cluster;
  return [place, apiVersion.split('/').slice(0, -1).join('/'), kind, namespace, name].join('\0');
}
