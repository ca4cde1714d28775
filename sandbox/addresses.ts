import { serverUrl } from './control-plane.ts';
import type { SandboxState } from './state.ts';

/** Something of a sandbox that a person can open. */
export interface Address {
  readonly what: string;
  readonly address: string;
  /** How to get in; never the credential itself. */
  readonly signIn: string;
}

/** Where everything of a sandbox is reached. */
export function listAddresses(state: SandboxState): Address[] {
  const clusters = Object.values(state.clusters).map((cluster) => ({
    what: `cluster ${cluster.name}`,
    address: serverUrl(cluster),
    signIn: `kubectl --context ${state.contexts[cluster.name] ?? cluster.name}, with sitewright sandbox env`,
  }));
  return [
    ...clusters,
    {
      what: 'Argo CD',
      address: `http://127.0.0.1:${state.ports.argocd}`,
      signIn: 'admin; password: kubectl -n argocd get secret argocd-initial-admin-secret',
    },
    ...state.repositories.map((address) => ({
      what: 'manifests repository',
      address,
      signIn: 'git, with sitewright sandbox env',
    })),
  ];
}
