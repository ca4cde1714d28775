import type { ClusterSettings, Placement, SiteFile, TenantSettings } from './schema.ts';

/** A cluster with its place in the environment. */
export interface Cluster extends ClusterSettings {
  readonly name: string;
  /** `<environment>-<site>-<cluster>`: its name in Argo CD, unique everywhere. */
  readonly endpoint: string;
}

/** A site with its place in the environment. */
export interface Site extends Omit<SiteFile, 'clusters'> {
  readonly environment: string;
  readonly name: string;
  /** File that describes it, as the user named it. */
  readonly file: string;
  /** In the order of the file. */
  readonly clusters: readonly Cluster[];
  /** The cluster whose Argo CD serves this site, where it has clusters. */
  readonly servedBy: Cluster | undefined;
  /** Address, branch and credential of the repository with the rendered tree, where it has clusters. */
  readonly repository: ManifestsRepository | undefined;
}

/** The repository that Argo CD reads the rendered tree from. */
export interface ManifestsRepository {
  /** Address that git clones, without credentials. */
  readonly url: string;
  readonly branch: string;
  /** Reference to the `user:token` that reads it. */
  readonly credential: string;
}

/** An environment: all its sites, checked against each other. */
export interface Environment {
  readonly name: string;
  /** Sorted by name. */
  readonly sites: readonly Site[];
}

export type { Placement, TenantSettings };
export type { ServiceSettings } from './schema.ts';
