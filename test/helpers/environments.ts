import { join } from 'node:path';
import type { Manifest, RenderedObject } from '../../apps/site.ts';
import { loadEnvironments } from '../../environments/load.ts';
import type { Site } from '../../environments/model.ts';
import { temporaryFolder, writeFiles } from './folders.ts';

/** Folder of the project's own environment files. */
export const ENVIRONMENTS = join(import.meta.dirname, '../../environments');

/** A site that is described by a file, as plain data. */
type SiteData = Readonly<Record<string, unknown>>;

/** All sites of the project's own environments that have clusters. */
export function allSites(): Site[] {
  return loadEnvironments({ dir: ENVIRONMENTS })
    .flatMap(({ sites }) => sites)
    .filter(({ clusters }) => clusters.length > 0);
}

/** Writes environment files, such as `{ 'stg/site-b': testSite() }`, and returns their folder. */
export function writeEnvironments(sites: Readonly<Record<string, SiteData>>, dir = temporaryFolder()): string {
  // JSON is YAML.
  writeFiles(
    dir,
    Object.fromEntries(Object.entries(sites).map(([path, site]) => [`${path}.yaml`, JSON.stringify(site)])),
  );
  return dir;
}

/** A small site as its file describes it: a control plane, and what `clusters` says. `index` keeps ranges apart. */
export function testSite(clusters: SiteData = {}, { git = 'https://git.example.com/scm', index = 1 } = {}): SiteData {
  return {
    domain: `site-${index}.example.com`,
    manifests: { service: 'site-b/git', repository: 'platform/manifests.git', credential: 'openbao:argocd#git' },
    externalServices: { git: { kind: 'git', url: git } },
    tenants: { shop: { owner: 'shop@example.com', group: 'shop-developers' } },
    clusters: { control: testCluster('control', index * 10), ...clusters },
  };
}

/** A cluster as the file of its site describes it. */
export function testCluster(plane: 'control' | 'data' | 'platform', index: number, more: SiteData = {}): SiteData {
  const network = { nodes: `10.${index}.0.0/24`, pods: `10.${index + 1}.0.0/16`, services: `10.${index + 2}.0.0/16` };
  return { plane, infrastructure: 'local', network, ...more };
}

/** A tenant's place in a cluster, with one service. */
export function testPlacement(service: SiteData = {}): SiteData {
  const resources = { cpu: '100m', memory: '128Mi' };
  return {
    quota: { cpu: '2', memory: '4Gi', pods: 10, storage: '1Gi' },
    services: { backend: { image: 'harbor.example.com/shop/backend:1.0.0', resources, ...service } },
  };
}

/** One site of some environment files. */
export function loadSite(dir: string, name: string): Site {
  const site = loadEnvironments({ dir })
    .flatMap(({ sites }) => sites)
    .find((candidate) => candidate.name === name);
  if (site === undefined) throw new Error(`no site ${name}`);
  return site;
}

/** The rendered objects of a folder of the tree, by their file names. */
export function inFolder(objects: readonly RenderedObject[], folder: string): Record<string, Manifest> {
  const within = objects.filter(({ path }) => path.slice(0, path.lastIndexOf('/')) === folder);
  return Object.fromEntries(within.map(({ path, manifest }) => [path.slice(folder.length + 1), manifest]));
}
