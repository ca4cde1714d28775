import { KubeConfig } from '@kubernetes/client-node';

/** Reads the manager's kubeconfig the way kubectl does: `KUBECONFIG`, else the one in the home folder. */
export function managerKubeconfig(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  return config;
}

/**
 * One context of a kubeconfig as a kubeconfig of its own, JSON.
 * @throws when it has no such context, naming those it has
 */
export function contextKubeconfig(config: KubeConfig, cluster: string, context: string): string {
  const found = config.getContextObject(context);
  if (found === null) {
    const known = config.getContexts().map(({ name }) => name);
    throw new Error(
      `kubeconfig: context for cluster '${cluster}' must be one of ${known.join(', ') || 'those in the file (it has none)'}, ` +
        `got ${context}; add it, or name another one: pulumi config set --path 'contexts.${cluster}' NAME`,
    );
  }
  const all = JSON.parse(config.exportConfig()) as Record<'clusters' | 'users' | 'contexts', { name: string }[]>;
  return JSON.stringify({
    ...all,
    'current-context': context,
    contexts: all.contexts.filter(({ name }) => name === context),
    clusters: all.clusters.filter(({ name }) => name === found.cluster),
    users: all.users.filter(({ name }) => name === found.user),
  });
}
