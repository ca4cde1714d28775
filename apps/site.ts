import { ApiObject, App } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import { AppProject } from '../constructs/app-project.ts';
import { Application } from '../constructs/application.ts';
import { Component, type ComponentProps } from '../constructs/component.ts';
import { EndpointAccess, type EndpointAccessProps } from '../constructs/endpoint-access.ts';
import type { Cluster, Site } from '../environments/model.ts';
import { APPS_FOLDER, clusterApplication, componentApplications, rootApplication, siteFolder } from './app-of-apps.ts';
import { clusterComponents } from './planes.ts';
import { type PlannedCluster, siteProjects } from './projects.ts';

/** An object of the rendered tree. */
export interface RenderedObject {
  /** File in the tree, such as `stg/site-b/data-1/baseline/NetworkPolicy.deny-all.yaml`. */
  readonly path: string;
  readonly manifest: Manifest;
  /** Cluster that it is about. */
  readonly cluster: string;
}

/** A Kubernetes object as plain data. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [key: string]: unknown;
}

/** Adds objects to a chart. */
type Build = (scope: Construct) => void;

/** A folder of the rendered tree. */
interface FolderProps {
  readonly component: string;
  readonly labels: ComponentProps;
  readonly folder: string;
  /** Namespace of its own, which file names leave out. */
  readonly namespace?: string | undefined;
}

/** Folder below a site's with what its stack registers; not synced from git, but reviewed with everything else. */
export const REGISTRATION_FOLDER = 'registration';

/** What each cluster of a site gets. */
export function planSite(site: Site): PlannedCluster[] {
  return site.clusters.map((cluster) => ({ cluster, components: clusterComponents(site, cluster) }));
}

/** What Argo CD needs to reach a cluster of a site. */
export function endpointAccess(site: Site, { cluster, components }: PlannedCluster): EndpointAccessProps {
  return {
    kinds: [...new Set(components.flatMap(({ kinds }) => kinds))],
    holdsApplications: cluster.endpoint === site.servedBy?.endpoint,
  };
}

/** Renders a site, one component after the other, so that no more than one is held as constructs. */
export function* renderSite(site: Site, planned = planSite(site)): Generator<RenderedObject> {
  const root = rootApplication(site);
  if (root === undefined) return;
  const folder = siteFolder(site);
  const render = (component: string, cluster: Cluster, path: string, build: Build, namespace?: string) =>
    renderFolder({ component, labels: labelsOf(site, cluster), folder: `${folder}/${path}`, namespace }, build);

  yield* render(REGISTRATION_FOLDER, root.cluster, REGISTRATION_FOLDER, (scope) => {
    for (const project of siteProjects(site, planned)) new AppProject(scope, project.name, project);
    new Application(scope, root.application.name, root.application);
  });
  yield* render(APPS_FOLDER, root.cluster, APPS_FOLDER, (scope) => {
    for (const plan of planned) new Application(scope, plan.cluster.name, clusterApplication(root.application, plan));
  });
  for (const plan of planned) {
    const { cluster, components } = plan;
    yield* render(REGISTRATION_FOLDER, cluster, `${REGISTRATION_FOLDER}/${cluster.name}`, (scope) => {
      new EndpointAccess(scope, 'EndpointAccess', endpointAccess(site, plan));
    });
    yield* render(APPS_FOLDER, cluster, `${APPS_FOLDER}/${cluster.name}`, (scope) => {
      for (const props of componentApplications(site, root.application, plan))
        new Application(scope, props.name, props);
    });
    for (const { name, namespaces, build } of components) {
      yield* render(name, cluster, `${cluster.name}/${name}`, build, namespaces[0]);
    }
  }
}

/**
 * Renders the objects of one folder: a file per object, `Kind.name.yaml`, with the namespace in front where it is not
 * the folder's own. Each folder is an App of its own, because cdk8s resolves and validates all charts of an App anew
 * for each of them.
 */
function renderFolder({ component, labels, folder, namespace }: FolderProps, build: Build): RenderedObject[] {
  const chart = new Component(new App(), component, labels);
  build(chart);
  const nodes: IConstruct[] = chart.node.findAll();
  const errors = nodes.flatMap(({ node }) => node.validate().map((message) => `${folder}: ${node.path}: ${message}`));
  if (errors.length > 0) throw new Error(errors.join('\n'));
  return nodes
    .filter((node) => node instanceof ApiObject)
    .map((object) => {
      const manifest = object.toJson() as Manifest;
      const { kind, metadata } = manifest;
      const foreign = namespace !== undefined && metadata.namespace !== undefined && metadata.namespace !== namespace;
      const file = `${foreign ? `${metadata.namespace}.` : ''}${kind}.${metadata.name}.yaml`;
      return { path: `${folder}/${file}`, manifest, cluster: labels.cluster };
    });
}

function labelsOf(site: Site, cluster: Cluster): ComponentProps {
  return { environment: site.environment, site: site.name, cluster: cluster.name };
}
