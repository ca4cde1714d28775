import type { Problem } from '../problem.ts';
import type { Check, Draft } from './draft.ts';
import { checkHosts } from './hosts.ts';
import { checkComponents, checkPlanes } from './planes.ts';
import { checkRanges } from './ranges.ts';
import { checkReferences } from './references.ts';
import { checkSecrets } from './secrets.ts';
import { checkTenants } from './tenants.ts';

const CHECKS: readonly Check[] = [
  checkPlanes,
  checkComponents,
  checkReferences,
  checkRanges,
  checkTenants,
  checkHosts,
  checkSecrets,
];

/** Everything that is wrong between the parts of each environment. */
export function checkEnvironments(drafts: readonly Draft[]): Problem[] {
  const environments = new Map<string, Draft[]>();
  for (const draft of drafts)
    environments.set(draft.environment, [...(environments.get(draft.environment) ?? []), draft]);
  return [...environments.values()].flatMap((sites) => CHECKS.flatMap((check) => check(sites)));
}

export type { Draft } from './draft.ts';
