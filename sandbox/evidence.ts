import type { Environment } from '../environments/model.ts';
import { clusterKubectl, type Kubectl, listObjects } from './kubectl.ts';
import type { SandboxState } from './state.ts';
import type { Programs } from './tools.ts';

/** What shows that a service of a tenant really runs. */
export interface Evidence {
  readonly cluster: string;
  readonly namespace: string;
  readonly service: string;
  /** Ready replicas of wanted ones, such as `2/2`. */
  readonly ready: string;
  /** What it answers to a request through the API server; the reason where it cannot. */
  readonly answer: string;
}

interface Deployment {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly replicas: number };
  readonly status?: { readonly readyReplicas?: number };
}

/** Asks every service of every tenant. */
export async function collectEvidence(
  state: SandboxState,
  programs: Programs,
  environment: Environment,
): Promise<Evidence[]> {
  const clusters = environment.sites.flatMap((site) => site.clusters).filter(({ plane }) => plane === 'data');
  const found = await Promise.all(
    clusters.map(async ({ name: cluster, tenants }) => {
      const run = clusterKubectl(state, programs, cluster);
      const deployments = await listObjects<Deployment>(run, 'deployments', '--all-namespaces');
      const own = deployments.filter(({ metadata }) => metadata.namespace in tenants);
      return Promise.all(
        own.map(async ({ metadata: { name, namespace }, spec, status }) => ({
          cluster,
          namespace,
          service: name,
          ready: `${status?.readyReplicas ?? 0}/${spec.replicas}`,
          answer: state.mode === 'kwok' ? 'simulated: the pod does not run' : await ask(run, namespace, name),
        })),
      );
    }),
  );
  return found.flat();
}

async function ask(run: Kubectl, namespace: string, service: string): Promise<string> {
  try {
    return (await run(['get', '--raw', `/api/v1/namespaces/${namespace}/services/${service}:http/proxy/`])).trim();
  } catch (error) {
    return `no answer: ${String((error as { stderr?: string }).stderr).trim()}`;
  }
}
