import { readFileSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';

/** What a kubeconfig holds, or names a file of. */
const EMBEDDED = ['certificate-authority', 'client-certificate', 'client-key'];

type Fields = Readonly<Record<string, unknown>>;

/** A kubeconfig file, as far as it is looked into here. */
interface Kubeconfig {
  readonly clusters: readonly { readonly name: string; readonly cluster: Fields }[];
  readonly users: readonly { readonly name: string; readonly user: Fields }[];
  readonly contexts: readonly { readonly name: string }[];
}

/** Reads the manager's kubeconfig the way kubectl does: `KUBECONFIG`, else the one in the home folder. */
export function managerKubeconfig(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  return config;
}

/**
 * One context of a kubeconfig as a kubeconfig of its own, JSON, with the contents of the files that it names.
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
  const all = JSON.parse(config.exportConfig()) as Kubeconfig;
  return JSON.stringify({
    ...all,
    'current-context': context,
    contexts: all.contexts.filter(({ name }) => name === context),
    clusters: all.clusters
      .filter(({ name }) => name === found.cluster)
      .map((entry) => ({ ...entry, cluster: embedFiles(entry.cluster) })),
    users: all.users
      .filter(({ name }) => name === found.user)
      .map((entry) => ({ ...entry, user: embedFiles(entry.user) })),
  });
}

/** Puts the contents of files into a cluster or a user. As with kubectl, contents that are there already win. */
function embedFiles(fields: Fields): Fields {
  const embedded: Record<string, unknown> = { ...fields };
  for (const name of EMBEDDED) {
    const file = embedded[name];
    delete embedded[name];
    if (typeof file === 'string') embedded[`${name}-data`] ||= readFileSync(file).toString('base64');
  }
  return embedded;
}
