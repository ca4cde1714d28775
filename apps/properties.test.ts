import { beforeAll, describe, expect, test } from 'vitest';
import { toAppProject } from '../constructs/app-project.ts';
import { ARGOCD_NAMESPACE } from '../constructs/application.ts';
import { toEndpointAccess } from '../constructs/endpoint-access.ts';
import { type Kind, Kinds } from '../constructs/kinds.ts';
import type { Site } from '../environments/model.ts';
import { allSites } from '../test/helpers/environments.ts';
import { APPS_PROJECT, projectName, siteProjects } from './projects.ts';
import { endpointAccess, planSite, REGISTRATION_FOLDER, type RenderedObject, renderSite } from './site.ts';

// What holds for every site of every environment, and for those that are still to come.
const SITES = allSites();
const WILDCARD = /[*?[\]{}]/;

interface ApplicationSpec {
  readonly project: string;
  readonly source: { readonly repoURL: string; readonly path: string };
  readonly destination: { readonly name: string; readonly namespace?: string };
}

interface ProjectSpec {
  readonly sourceRepos: readonly string[];
  readonly destinations: readonly { readonly name: string; readonly namespace: string }[];
  readonly clusterResourceWhitelist: readonly Kind[];
  readonly namespaceResourceWhitelist: readonly Kind[];
}

test('each environment has a site to look at', () => {
  expect(new Set(SITES.map(({ environment }) => environment))).toEqual(new Set(['prod', 'sandbox', 'stg']));
});

describe.each(SITES.map((site) => [`${site.environment}/${site.name}`, site] as const))('%s', (folder, site) => {
  let objects: RenderedObject[];
  beforeAll(() => {
    objects = [...renderSite(site)];
  });

  test('every file holds one object, in the folder of the site', () => {
    const paths = objects.map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    for (const path of paths) expect(path).toMatch(new RegExp(`^${folder}(/[a-z0-9-]+)+/[A-Za-z0-9.-]+\\.yaml$`));
  });

  test('no two objects of a cluster are the same', () => {
    const identities = objects.map(({ manifest, cluster }) => {
      const { apiVersion, kind, metadata } = manifest;
      // All of Argo CD's own objects are in its cluster, whichever they are about.
      const place = metadata.namespace === ARGOCD_NAMESPACE ? ARGOCD_NAMESPACE : cluster;
      return [place, groupOf(apiVersion), kind, metadata.namespace, metadata.name].join('/');
    });
    expect(identities.filter((identity, index) => identities.indexOf(identity) !== index)).toEqual([]);
  });

  test('names keep to the limits of Kubernetes and of labels', () => {
    for (const { manifest } of objects) {
      expect(manifest.metadata.name).toMatch(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/);
      if (manifest.kind === 'Application') expect(manifest.metadata.name.length).toBeLessThanOrEqual(63);
      for (const value of Object.values(manifest.metadata.labels ?? {})) {
        expect(value).toMatch(/^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/);
      }
    }
  });

  test('every object says which environment, site and cluster it is of', () => {
    for (const { manifest, cluster } of objects) {
      expect(manifest.metadata.labels).toMatchObject({
        'sitewright.dev/environment': site.environment,
        'sitewright.dev/site': site.name,
        'sitewright.dev/cluster': cluster,
      });
    }
  });

  test('no project has a wildcard anywhere', () => {
    const projects = objects.filter(({ manifest }) => manifest.kind === 'AppProject');
    expect(projects.length).toBeGreaterThanOrEqual(2);
    for (const { manifest } of projects) {
      const spec = specOf<ProjectSpec>(manifest);
      const { sourceRepos, destinations, clusterResourceWhitelist, namespaceResourceWhitelist } = spec;
      const kinds = [...clusterResourceWhitelist, ...namespaceResourceWhitelist];
      const values = [...sourceRepos, ...[...destinations, ...kinds].flatMap((entry) => Object.values(entry))];
      expect(values.filter((value) => WILDCARD.test(String(value)))).toEqual([]);
      expect(spec).not.toHaveProperty('sourceNamespaces');
      expect(namespaceResourceWhitelist.length).toBeGreaterThan(0);
    }
  });

  test('every Application may deploy all that its folder holds: from there, to there, and of these kinds', () => {
    const projects = new Map(projectsOf(site).map((project) => [project.metadata.name, specOf<ProjectSpec>(project)]));
    const applications = objects.filter(({ manifest }) => manifest.kind === 'Application');
    for (const { manifest } of applications) {
      const { project, source, destination } = specOf<ApplicationSpec>(manifest);
      const allowed = projects.get(project) as ProjectSpec;
      expect(allowed.sourceRepos).toContain(source.repoURL);
      for (const object of objects.filter(({ path }) => path.slice(0, path.lastIndexOf('/')) === source.path)) {
        const { apiVersion, kind, metadata } = object.manifest;
        const entry = { group: groupOf(apiVersion), kind };
        if (metadata.namespace === undefined) expect(allowed.clusterResourceWhitelist).toContainEqual(entry);
        else {
          expect(allowed.namespaceResourceWhitelist).toContainEqual(entry);
          expect(allowed.destinations).toContainEqual({ name: destination.name, namespace: metadata.namespace });
        }
      }
    }
  });

  test('every folder is synced by one Application, but for what the stack registers', () => {
    const folders = new Set(objects.map(({ path }) => path.slice(0, path.lastIndexOf('/'))));
    const synced = objects.flatMap(({ manifest }) =>
      manifest.kind === 'Application' ? [specOf<ApplicationSpec>(manifest).source.path] : [],
    );
    const registered = [...folders].filter((path) => path.startsWith(`${folder}/${REGISTRATION_FOLDER}`));
    expect([...synced, ...registered].sort()).toEqual([...folders].sort());
  });

  test('the account of Argo CD may write just what its projects allow on the cluster', () => {
    const projects = siteProjects(site, planSite(site));
    for (const plan of planSite(site)) {
      const { endpoint } = plan.cluster;
      const { clusterRole } = toEndpointAccess(endpointAccess(site, plan));
      const written = clusterRole.rules
        .filter(({ verbs }) => verbs.includes('create'))
        .flatMap(({ apiGroups = [], resources = [] }) => resources.map((resource) => `${apiGroups}/${resource}`));
      const kinds = plan.components.flatMap((component) => component.kinds);
      expect(written.sort()).toEqual([...new Set(kinds.map(({ group, resource }) => `${group}/${resource}`))].sort());
      const allowed = projects
        .filter(({ destinations }) => destinations.some(({ cluster }) => cluster === endpoint))
        .flatMap((project) => project.kinds);
      for (const kind of kinds) expect(allowed).toContain(kind);
    }
  });

  test('the account of Argo CD has no wildcard, cannot raise itself, and can bind the role of developers alone', () => {
    const roles = objects.filter(({ manifest }) => /^(Cluster)?Role$/.test(manifest.kind));
    expect(roles.length).toBeGreaterThan(0);
    for (const { manifest } of roles) {
      const rules = manifest.rules as { verbs: string[]; resources: string[]; resourceNames?: string[] }[];
      expect(JSON.stringify(rules)).not.toMatch(/\*|escalate|impersonate|"secrets"/);
      for (const rule of rules.filter(({ verbs }) => verbs.includes('bind'))) {
        expect(rule).toMatchObject({ resources: ['clusterroles'], resourceNames: ['view'] });
      }
    }
  });

  test('a tenant can deploy services into its own namespace, and nothing else', () => {
    const projects = siteProjects(site, planSite(site));
    for (const tenant of Object.keys(site.tenants)) {
      const project = projects.find(({ name }) => name === projectName(site, tenant));
      expect(project?.destinations.map(({ namespace }) => namespace)).toEqual(project?.destinations.map(() => tenant));
      const fences: readonly Kind[] = [Kinds.Namespace, Kinds.NetworkPolicy, Kinds.ResourceQuota, Kinds.RoleBinding];
      expect(project?.kinds.filter((kind) => fences.includes(kind))).toEqual([]);
    }
  });

  test('Applications can be made in the namespace of Argo CD alone, by the project for them', () => {
    const makers = projectsOf(site).filter((project) => {
      return specOf<ProjectSpec>(project).namespaceResourceWhitelist.some(({ kind }) => kind === 'Application');
    });
    expect(makers.map(({ metadata }) => metadata.name)).toEqual([projectName(site, APPS_PROJECT)]);
    expect(makers[0]).toMatchObject({
      spec: {
        clusterResourceWhitelist: [],
        namespaceResourceWhitelist: [{ group: 'argoproj.io', kind: 'Application' }],
      },
    });
    expect(makers.flatMap((project) => specOf<ProjectSpec>(project).destinations)).toEqual([
      { name: site.servedBy?.endpoint, namespace: ARGOCD_NAMESPACE },
    ]);
  });
});

test('no two sites have a root, an endpoint or a project of the same name', () => {
  const names = SITES.flatMap((site) => [
    ...new Set([
      ...site.clusters.map(({ endpoint }) => endpoint),
      ...siteProjects(site, planSite(site)).map(({ name }) => `project ${name}`),
      `${site.environment}-${site.name}`,
    ]),
  ]);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

function projectsOf(site: Site): { metadata: { name: string }; spec: object }[] {
  return siteProjects(site, planSite(site)).map(toAppProject);
}

function specOf<T>(object: object): T {
  return (object as { spec: T }).spec;
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}
