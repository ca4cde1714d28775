import { ARGOCD_NAMESPACE } from '../constructs/application.ts';
import type { AppProjectProps } from '../constructs/app-project.ts';
import { type Kind, Kinds } from '../constructs/kinds.ts';
import type { Cluster, Site } from '../environments/model.ts';
import type { ComponentDefinition } from './component-definition.ts';

/** A cluster with what it gets. */
export interface PlannedCluster {
  readonly cluster: Cluster;
  readonly components: readonly ComponentDefinition[];
}

/** Full name of a project, unique in its Argo CD. */
export function projectName(site: Site, project: string): string {
  return `${site.environment}-${site.name}-${project}`;
}

/** Project of the Applications that hold other Applications. */
export const APPS_PROJECT = 'apps';

/**
 * The AppProjects of a site: one for the Applications themselves, one for the platform team, one per tenant. Each lists
 * its repository, its destinations and its kinds. They are registered by the site's stack, not synced from git: who can
 * push to git cannot widen what git may do.
 */
export function siteProjects(site: Site, planned: readonly PlannedCluster[]): AppProjectProps[] {
  const { servedBy, repository } = site;
  if (servedBy === undefined || repository === undefined || planned.length === 0) return [];
  const projects = new Map<
    string,
    { destinations: Map<string, AppProjectProps['destinations'][number]>; kinds: Set<Kind> }
  >();
  for (const { cluster, components } of planned) {
    for (const { project, namespaces, kinds } of components) {
      const entry = projects.get(project) ?? { destinations: new Map(), kinds: new Set() };
      for (const namespace of namespaces) {
        entry.destinations.set(`${cluster.endpoint}/${namespace}`, { cluster: cluster.endpoint, namespace });
      }
      for (const kind of kinds) entry.kinds.add(kind);
      projects.set(project, entry);
    }
  }
  const sourceRepos = [repository.url];
  const own: AppProjectProps = {
    name: projectName(site, APPS_PROJECT),
    description: `Applications of ${site.name} in ${site.environment}`,
    sourceRepos,
    destinations: [{ cluster: servedBy.endpoint, namespace: ARGOCD_NAMESPACE }],
    kinds: [Kinds.Application],
  };
  const others = [...projects].map(([project, { destinations, kinds }]) => ({
    name: projectName(site, project),
    description: describe(site, project),
    sourceRepos,
    destinations: [...destinations.values()],
    kinds: [...kinds].sort((a, b) => (a.kind < b.kind ? -1 : 1)),
  }));
  return [own, ...others];
}

function describe(site: Site, project: string): string {
  const what = project in site.tenants ? `Services of tenant ${project}` : 'Components of the platform team';
  return `${what} on ${site.name} in ${site.environment}`;
}
