import type { Manifest, Rule, Violation } from './rule.ts';
import { closedProjects, noPlainSecrets, noWildcardRoles, ownProject } from './rules/access.ts';
import { containerResources, pinnedImages, probes, restrictedPods } from './rules/containers.ts';
import { namespacePodSecurity, ownLabels } from './rules/objects.ts';

/** All rules, in the order of reports. */
export const RULES: readonly Rule[] = [
  pinnedImages,
  containerResources,
  probes,
  restrictedPods,
  noPlainSecrets,
  noWildcardRoles,
  closedProjects,
  ownProject,
  namespacePodSecurity,
  ownLabels,
];

/** A rule that an object breaks. */
export interface Finding extends Violation {
  readonly rule: string;
}

/** Everything that is wrong with an object. */
export function checkManifest(manifest: Manifest): Finding[] {
  return RULES.flatMap((rule) => rule.check(manifest).map((violation) => ({ rule: rule.name, ...violation })));
}

export type { Manifest } from './rule.ts';
