import type { z } from 'zod';
import type { Problem } from '../problem.ts';
import type { SiteFile } from '../schema.ts';
import type { SourceFile } from '../source.ts';

type DeepPartial<T> = T extends readonly (infer E)[]
  ? readonly (DeepPartial<E> | undefined)[]
  : T extends object
    ? { readonly [K in keyof T]?: DeepPartial<T[K]> | undefined }
    : T;

/**
 * A site of which some parts may be missing because the schema refused them: the checks look at what is right, so that
 * one run reports everything. A key whose value was refused is still there, with `undefined`.
 */
export interface Draft {
  readonly environment: string;
  readonly name: string;
  readonly source: SourceFile;
  /** Whether the file could be read; else nothing is known about what it holds. */
  readonly known: boolean;
  readonly site: DeepPartial<z.input<typeof SiteFile>>;
}

/** A cluster of a draft. */
export type DraftCluster = NonNullable<NonNullable<Draft['site']['clusters']>[string]>;
/** What a tenant has in a cluster of a draft. */
export type DraftPlacement = NonNullable<NonNullable<DraftCluster['tenants']>[string]>;
/** A service of a draft. */
export type DraftService = NonNullable<NonNullable<DraftPlacement['services']>[string]>;

/** Looks at all sites of one environment. */
export type Check = (sites: readonly Draft[]) => Problem[];

/** Marks a map in which a key was refused that nobody knows. */
export const MISSPELT: unique symbol = Symbol('misspelt');

/** Whether a key is surely missing from a map: one that was refused, or is only misspelt, has been reported already. */
export function lacks(map: object | undefined, key: string): boolean {
  return map !== undefined && !Object.hasOwn(map, key) && !(MISSPELT in map);
}

/** Whether a part of a site is not known, so that nothing can be said about what it lacks. */
export function isUnsure({ known, site }: Draft, part: keyof Draft['site']): boolean {
  return !known || (site[part] === undefined && !lacks(site, part));
}

/** The clusters of a draft, with their names and paths. */
export function clustersOf({ site }: Draft): { name: string; path: string[]; cluster: DraftCluster }[] {
  return entriesOf(site.clusters).map(([name, cluster]) => ({
    name,
    path: ['clusters', name],
    cluster: cluster ?? {},
  }));
}

/** The services of a draft, with their clusters and paths. */
export function servicesOf(draft: Draft): { path: string[]; cluster: DraftCluster; service: DraftService }[] {
  return clustersOf(draft).flatMap(({ path, cluster }) =>
    entriesOf(cluster.tenants).flatMap(([tenant, placement]) =>
      entriesOf(placement?.services).map(([name, service]) => ({
        path: [...path, 'tenants', tenant, 'services', name],
        cluster,
        service: service ?? {},
      })),
    ),
  );
}

/** The entries of a map that may be missing. */
export function entriesOf<T>(map: { readonly [key: string]: T } | undefined): [string, T][] {
  return Object.entries(map ?? {});
}
