import type { Problem } from '../problem.ts';
import type { Check, Draft } from './draft.ts';
import { checkHosts } from './hosts.ts';
import { checkNames } from './names.ts';
import { checkComponents, checkPlanes } from './planes.ts';
import { checkRanges } from './ranges.ts';
import { checkReferences } from './references.ts';
import { checkSecrets } from './secrets.ts';
import { checkTenants } from './tenants.ts';

const CHECKS: readonly Check[] = [
  checkNames,
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
  const environments = Map.groupBy(drafts, ({ environment }) => environment);
  return [...environments.values()].flatMap((sites) => CHECKS.flatMap((check) => check(sites)));
}

export type { Draft } from './draft.ts';
export { MISSPELT } from './draft.ts';
