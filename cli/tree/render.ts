import { Yaml } from 'cdk8s';
import { planSite, renderSite } from '../../apps/site.ts';
import type { Site } from '../../environments/model.ts';
import { checkManifest, type Finding } from '../../policies/index.ts';
import { type Files, LOCK_FILE, toLock } from './lock.ts';

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
  const planned = planSite(site);
  for (const { path, manifest, cluster } of renderSite(site, planned)) {
    const name = path.slice(folder.length + 1);
    if (files.has(name)) throw new Error(`${path}: must be one object, got two of one kind and name; rename one`);
    files.set(name, Yaml.stringify(manifest));
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
  return { folder, files, clusters, findings };
}
