import { Components } from '../components.ts';
import type { Problem } from '../problem.ts';
import { type Check, clustersOf, type Draft, entriesOf } from './draft.ts';

/** Folders that stand beside the clusters' in the rendered tree of a site. */
const FOLDERS: readonly string[] = ['apps', 'registration'];
/** Projects that stand beside the tenants'. */
const PROJECTS: readonly string[] = ['apps', 'platform'];
/** Namespaces that stand beside the tenants'; a component has one of its own name. */
const NAMESPACES: readonly string[] = ['argocd', 'default', ...Object.keys(Components.shape)];
const NAMESPACE_PREFIXES: readonly string[] = ['kube-', 'sitewright-'];

/** Something that gets names in Argo CD. */
interface Subject {
  readonly path: readonly string[];
  /** How a message calls it. */
  readonly title: string;
  /** Kinds and names. */
  readonly objects: readonly string[];
}

/** Tenants and clusters leave our own names alone, and no two things get the same name in Argo CD. */
export const checkNames: Check = (sites) => {
  const problems: Problem[] = [];
  const taken = new Map<string, string>();
  for (const draft of sites) {
    problems.push(...checkReserved(draft));
    for (const { path, title, objects } of subjectsOf(draft)) {
      const clash = objects.find((object) => taken.has(object));
      if (clash !== undefined) {
        const value = `${clash} like ${taken.get(clash)}`;
        const rule = 'have names of its own in Argo CD';
        problems.push(draft.source.problem(path, rule, value, 'rename one of the two', 'key'));
      }
      const owner = `${title} (${draft.source.place(path)})`;
      for (const object of objects) if (!taken.has(object)) taken.set(object, owner);
    }
  }
  return problems;
};

function checkReserved(draft: Draft): Problem[] {
  const { source, site } = draft;
  const tenants = entriesOf(site.tenants).flatMap(([tenant]): Problem[] => {
    const prefix = NAMESPACE_PREFIXES.find((candidate) => tenant.startsWith(candidate));
    if (prefix === undefined && !isReserved(tenant)) return [];
    const rule = prefix === undefined ? 'not be named like a project or namespace of ours' : `not begin with ${prefix}`;
    return [source.problem(['tenants', tenant], rule, tenant, 'name it like business-a', 'key')];
  });
  const clusters = clustersOf(draft).flatMap(({ name, path }): Problem[] => {
    if (!FOLDERS.includes(name)) return [];
    const rule = 'not be named like a folder of the rendered tree';
    return [source.problem(path, rule, name, 'name it like data-1', 'key')];
  });
  return [...tenants, ...clusters];
}

function isReserved(tenant: string): boolean {
  return PROJECTS.includes(tenant) || NAMESPACES.includes(tenant);
}

/** The site itself, its clusters and its tenants, with the Applications and AppProjects that they get. */
function subjectsOf(draft: Draft): Subject[] {
  if (clustersOf(draft).length === 0) return [];
  const root = `${draft.environment}-${draft.name}`;
  const site = {
    path: [],
    title: `site ${draft.name}`,
    objects: [`Application ${root}`, ...PROJECTS.map((project) => `AppProject ${root}-${project}`)],
  };
  const clusters = clustersOf(draft).map(({ name, path, cluster }) => {
    const tenants = Object.keys(cluster.tenants ?? {}).flatMap((tenant) => [`${tenant}-tenancy`, `${tenant}-services`]);
    const components = ['baseline', ...Object.keys(cluster.components ?? {}), ...tenants];
    const endpoint = `Application ${root}-${name}`;
    const objects = [endpoint, ...components.map((component) => `${endpoint}-${component}`)];
    return { path, title: path.join('.'), objects };
  });
  const tenants = entriesOf(draft.site.tenants).flatMap(([tenant]) =>
    isReserved(tenant)
      ? []
      : [{ path: ['tenants', tenant], title: `tenants.${tenant}`, objects: [`AppProject ${root}-${tenant}`] }],
  );
  return [site, ...clusters, ...tenants];
}
