import { execa } from 'execa';
import type { SandboxState } from './state.ts';
import type { Programs } from './tools.ts';

/** Runs kubectl against one cluster. */
export type Kubectl = (args: readonly string[], input?: string) => Promise<string>;

/** How long a request may take before kubectl gives up. */
const REQUEST_TIMEOUT = '20s';

/** kubectl for a cluster of a sandbox, by its name in the environment file. */
export function clusterKubectl(state: SandboxState, programs: Programs, cluster: string): Kubectl {
  return kubectl(programs.bin('kubectl'), state.kubeconfig, state.contexts[cluster] ?? cluster);
}

/** kubectl with a kubeconfig and one of its contexts. */
export function kubectl(program: string, kubeconfig: string, context: string, timeout = REQUEST_TIMEOUT): Kubectl {
  return async (args, input) => {
    const fixed = [`--kubeconfig=${kubeconfig}`, `--context=${context}`, `--request-timeout=${timeout}`];
    const { stdout } = await execa(program, [...fixed, ...args], input === undefined ? {} : { input });
    return stdout;
  };
}

/** The objects of a list, as kubectl prints it. */
export async function listObjects<T>(run: Kubectl, resource: string, ...args: string[]): Promise<T[]> {
  const { items } = JSON.parse(await run(['get', resource, '-o', 'json', ...args])) as { items: T[] };
  return items;
}
