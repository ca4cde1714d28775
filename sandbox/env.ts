import { gitEnv } from './git.ts';
import { pulumiEnv } from './pulumi.ts';
import { readState } from './state.ts';

/**
 * Variables with which plain `pulumi`, `kubectl` and `git` work against a sandbox.
 * @param stack also chooses this stack
 */
export function sandboxEnv(stateDir: string, stack?: string): Record<string, string> {
  const state = readState(stateDir);
  if (state === undefined)
    throw new Error(`${stateDir}: must be a sandbox, got none; start one: sitewright sandbox up`);
  const [repository] = state.repositories;
  return {
    ...pulumiEnv(stateDir, state, stack),
    ...(repository === undefined ? {} : gitEnv(stateDir, new URL(repository).origin)),
  };
}
