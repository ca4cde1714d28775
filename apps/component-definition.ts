import type { Construct } from 'constructs';
import type { Kind } from '../constructs/kinds.ts';

/** Order of installation: 1 cluster services, 2 development tools, 3 applications. */
export type Layer = 1 | 2 | 3;

/** Something that a plane gets: what it is called, where it lies, who may change it, and what it consists of. */
export interface ComponentDefinition {
  /** Folder in the rendered tree, and end of the name of its Application. */
  readonly name: string;
  readonly layer: Layer;
  /** Place within the layer, from 0: higher ones wait for lower ones. @default 0 */
  readonly step?: number;
  /** Project without the prefix of environment and site: `platform`, or a tenant. */
  readonly project: string;
  /** Namespaces that its objects lie in. */
  readonly namespaces: readonly string[];
  /** Kinds that its project must allow. */
  readonly kinds: readonly Kind[];
  /** Whether removing it from the environment file removes it from the cluster. */
  readonly cascade: boolean;
  /** Adds its objects to a chart. */
  readonly build: (scope: Construct) => void;
}

/** Project of everything that the platform team owns. */
export const PLATFORM_PROJECT = 'platform';

/** Sync wave of a component: layers are ten apart, steps within a layer one. */
export function syncWave({ layer, step = 0 }: ComponentDefinition): number {
  return layer * 10 + step;
}
