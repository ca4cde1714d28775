import { CustomResource, type CustomResourceOptions, type Input, type Output } from '@pulumi/pulumi';

/** Arguments of {@link ClusterIdentity}. */
export interface ClusterIdentityArgs {
  /** Name of the cluster, for messages. */
  readonly cluster: string;
  /** Kubeconfig with one context; a secret. */
  readonly kubeconfig: Input<string>;
}

/**
 * The identity of a cluster, pinned in state: a kubeconfig that suddenly leads to another cluster fails the preview
 * instead of making everything anew there. Whatever the stack puts into the cluster depends on it.
 */
export class ClusterIdentity extends CustomResource {
  /** UID of the cluster's `kube-system` namespace. */
  declare readonly uid: Output<string>;

  constructor(name: string, args: ClusterIdentityArgs, opts?: CustomResourceOptions) {
    super('sitewright:index:ClusterIdentity', name, { ...args, uid: undefined }, opts);
  }
}
