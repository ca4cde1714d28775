import type { z } from 'zod';
import type { Problem, SourceFile } from '../problem.ts';
import type { SiteFile } from '../schema.ts';

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

/** The clusters of a draft, with their names and paths. */
export function clustersOf({ site }: Draft): { name: string; path: string[]; cluster: DraftCluster }[] {
  return entriesOf(site.clusters).map(([name, cluster]) => ({
    name,
    path: ['clusters', name],
    cluster: cluster ?? {},
  }));
}

/** The services of a draft, with their paths. */
export function servicesOf(draft: Draft): { path: string[]; service: DraftService }[] {
  return clustersOf(draft).flatMap(({ path, cluster }) =>
    entriesOf(cluster.tenants).flatMap(([tenant, placement]) =>
      entriesOf(placement?.services).map(([name, service]) => ({
        path: [...path, 'tenants', tenant, 'services', name],
        service: service ?? {},
      })),
    ),
  );
}

/** The entries of a map that may be missing, or may not be a map at all. */
export function entriesOf<T>(map: { readonly [key: string]: T } | undefined): [string, T][] {
  return typeof map === 'object' && map !== null ? Object.entries(map) : [];
}
