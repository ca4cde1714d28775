import { type ApplicationProps, ARGOCD_NAMESPACE } from '../constructs/application.ts';
import type { Cluster, Site } from '../environments/model.ts';
import { syncWave } from './component-definition.ts';
import { APPS_PROJECT, type PlannedCluster, projectName } from './projects.ts';

/** Folder below a site's with its Applications. */
export const APPS_FOLDER = 'apps';

/** Folder of a site in the rendered tree and in the repository. */
export function siteFolder(site: Site): string {
  return `${site.environment}/${site.name}`;
}

/**
 * The root Application of a site: the one thing that its stack registers and everything else follows from. Deleting it
 * leaves what it made where it is. A site without clusters has none.
 */
export function rootApplication(site: Site): { application: ApplicationProps; cluster: Cluster } | undefined {
  const { servedBy, repository, clusters } = site;
  if (servedBy === undefined || repository === undefined || clusters.length === 0) return undefined;
  const application = {
    name: `${site.environment}-${site.name}`,
    project: projectName(site, APPS_PROJECT),
    source: { repoUrl: repository.url, revision: repository.branch, path: `${siteFolder(site)}/${APPS_FOLDER}` },
    destination: { cluster: servedBy.endpoint, namespace: ARGOCD_NAMESPACE },
  };
  return { application, cluster: servedBy };
}

/**
 * The Application of a cluster, which holds those of its components. Clusters stand beside each other in the root:
 * one that is away cannot hold up the sync waves of the others.
 */
export function clusterApplication(root: ApplicationProps, { cluster }: PlannedCluster): ApplicationProps {
  return {
    ...root,
    name: cluster.endpoint,
    source: { ...root.source, path: `${root.source.path}/${cluster.name}` },
    // A cluster that leaves the environment file takes all its services along: a person confirms that first.
    cascade: true,
    confirm: true,
  };
}

/** The Applications of a cluster's components, in sync waves by layer. */
export function componentApplications(
  site: Site,
  root: ApplicationProps,
  { cluster, components }: PlannedCluster,
): ApplicationProps[] {
  return components.map((component) => ({
    name: `${cluster.endpoint}-${component.name}`,
    project: projectName(site, component.project),
    source: { ...root.source, path: `${siteFolder(site)}/${cluster.name}/${component.name}` },
    destination: {
      cluster: cluster.endpoint,
      ...(component.namespaces[0] === undefined ? {} : { namespace: component.namespaces[0] }),
    },
    wave: syncWave(component),
    cascade: component.cascade,
  }));
}
