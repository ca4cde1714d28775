import { checkEnvironments, type Draft, MISSPELT } from './checks/index.ts';
import { type FoundFile, findFiles, type LoadOptions } from './files.ts';
import type { Cluster, Environment, ManifestsRepository, Site } from './model.ts';
import { type ParsedFile, parseFile } from './parse.ts';
import { EnvironmentError, type Path, type Problem } from './problem.ts';
import { SiteFile } from './schema.ts';
import { type Refusal, schemaRefusals } from './schema-problems.ts';

/** A file as it was read, before it is known to be right. */
interface ReadSite extends FoundFile, ParsedFile {
  readonly refusals: readonly Refusal[];
  /** What it says with defaults filled in, where the schema refuses nothing. */
  readonly settings: SiteFile | undefined;
}

/**
 * Reads and checks environments, sorted by name.
 * @throws EnvironmentError with every problem of every file
 */
export function loadEnvironments(options: LoadOptions): Environment[] {
  const found = findFiles(options);
  const sites = found.files.map(readSite);
  const problems = [
    ...found.problems,
    ...sites.flatMap((site) => [...site.problems, ...site.refusals.map(({ problem }) => problem)]),
    ...checkEnvironments(sites.map(toDraft)),
  ];
  if (problems.length > 0) throw new EnvironmentError(sortProblems(problems));

  const environments = new Map<string, Site[]>();
  for (const { environment, name, file, settings } of sites) {
    if (settings === undefined) continue;
    const site = toSite(environment, name, file, settings);
    environments.set(environment, [...(environments.get(environment) ?? []), site]);
  }
  return [...environments].map(([name, list]) => ({ name, sites: list.map((site) => link(site, list)) }));
}

function readSite(found: FoundFile): ReadSite {
  const parsed = parseFile(found.file);
  if (parsed.problems.length > 0) return { ...found, ...parsed, refusals: [], settings: undefined };
  const { data, error } = SiteFile.safeParse(parsed.raw);
  const refusals = schemaRefusals(parsed.source, SiteFile, parsed.raw, error?.issues);
  return { ...found, ...parsed, refusals, settings: data };
}

/** What can be used of a file that may have problems: the parts that are right, for the checks across files. */
function toDraft({ environment, name, source, raw, refusals, problems }: ReadSite): Draft {
  const known = problems.length === 0 && refusals.every(({ path }) => path.length > 0);
  const site = known ? (structuredClone(raw) as Draft['site']) : {};
  if (known) for (const { path, unknownKey } of refusals) remove(site, path, unknownKey);
  return { environment, name, source, known, site };
}

function remove(tree: unknown, path: Path, unknownKey: boolean): void {
  const [key, ...rest] = path;
  if (typeof tree !== 'object' || tree === null || key === undefined) return;
  const node = tree as Record<string | number | symbol, unknown>;
  if (rest.length > 0) {
    if (Object.hasOwn(node, key)) remove(node[key], rest, unknownKey);
  } else if (unknownKey) {
    delete node[key];
    node[MISSPELT] = true;
  } else {
    // The name stays known, so that references to it are not reported as well.
    node[key] = undefined;
  }
}

function toSite(environment: string, name: string, file: string, settings: SiteFile): Site {
  const clusters = Object.entries(settings.clusters).map(
    ([cluster, rest]): Cluster => ({ ...rest, name: cluster, endpoint: `${environment}-${name}-${cluster}` }),
  );
  return { ...settings, environment, name, file, clusters, servedBy: undefined, repository: undefined };
}

/** Resolves what a site refers to in the others. The checks have made sure that it is there. */
function link(site: Site, sites: readonly Site[]): Site {
  const { site: servingSite, cluster } = site.controlPlane ?? { site: site.name, cluster: undefined };
  const servedBy = sites
    .find(({ name }) => name === servingSite)
    ?.clusters.find(({ name, plane }) => plane === 'control' && (cluster === undefined || name === cluster));
  return { ...site, servedBy, repository: toRepository(site, sites) };
}

function toRepository({ manifests }: Site, sites: readonly Site[]): ManifestsRepository | undefined {
  if (manifests === undefined) return undefined;
  const [site, service] = manifests.service.split('/') as [string, string];
  const base = sites.find(({ name }) => name === site)?.externalServices[service]?.url;
  if (base === undefined) return undefined;
  const url = `${base.replace(/\/$/, '')}/${manifests.repository}`;
  return { url, branch: manifests.branch, credential: manifests.credential };
}

function sortProblems(problems: readonly Problem[]): Problem[] {
  return problems.toSorted(
    (a, b) =>
      compare(a.file, b.file) ||
      a.line - b.line ||
      a.column - b.column ||
      compare(a.path.join('.'), b.path.join('.')) ||
      compare(a.rule, b.rule),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
