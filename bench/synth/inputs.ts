import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Manifest, renderSite } from '../../apps/site.ts';
import { loadEnvironments } from '../../environments/load.ts';
import { GENERATED_FILE, siteFile } from './generate.ts';

/** An object and its file in the tree. */
export interface PlainObject {
  readonly path: string;
  readonly manifest: Manifest;
}

/** What the contenders read: the same content, to each in the form that costs it least. */
export interface Inputs {
  /** Folder with the environment file, for Sitewright. */
  readonly environments: string;
  /** Its sites as plain data, read and checked, for stock cdk8s. */
  readonly sites: string;
  /** All objects as plain data, for the floor. */
  readonly objects: string;
  readonly count: number;
}

/** Writes the inputs for a number of clusters to a folder. */
export function writeInputs(folder: string, clusters: number): Inputs {
  const environments = join(folder, 'environments');
  const file = join(environments, GENERATED_FILE);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, siteFile(clusters));
  const sites = loadEnvironments({ dir: environments }).flatMap((environment) => environment.sites);
  const objects = sites.flatMap((site) => [...renderSite(site)].map(({ path, manifest }) => ({ path, manifest })));
  const inputs = { environments, sites: join(folder, 'sites.json'), objects: join(folder, 'objects.json') };
  writeFileSync(inputs.sites, JSON.stringify(sites));
  writeFileSync(inputs.objects, JSON.stringify(objects));
  return { ...inputs, count: objects.length };
}
