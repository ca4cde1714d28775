import * as kubernetes from '@pulumi/kubernetes';
import {
  all,
  ComponentResource,
  type ComponentResourceOptions,
  type CustomResourceOptions,
  type Input,
  type Output,
  secret,
} from '@pulumi/pulumi';
import { ARGOCD_NAMESPACE } from '../constructs/application.ts';
import { toLabels } from '../constructs/component.ts';
import {
  ACCESS_NAME,
  ACCESS_NAMESPACE,
  type EndpointAccessProps,
  toEndpointAccess,
} from '../constructs/endpoint-access.ts';

/** Arguments of {@link ClusterEndpoint}. */
export interface ClusterEndpointArgs {
  readonly environment: string;
  readonly site: string;
  /** Name in the environment file. */
  readonly cluster: string;
  readonly plane: string;
  /** Name in Argo CD, which Applications have as destination. */
  readonly endpoint: string;
  /** What Argo CD may do there. */
  readonly access: EndpointAccessProps;
  /** Address of the API server and its certificate authority (base64 of PEM), as Argo CD reaches it. */
  readonly server: Input<string>;
  readonly caData: Input<string>;
  /** The cluster itself, and the cluster that Argo CD runs in. */
  readonly target: kubernetes.Provider;
  readonly argocd: kubernetes.Provider;
}

/**
 * A cluster as Argo CD knows it: an account in the cluster that may do just what the projects need, and the Secret with
 * its token and the cluster's address where Argo CD runs. The manager's own credential goes nowhere.
 */
export class ClusterEndpoint extends ComponentResource {
  /** Name of the Secret that Argo CD reads. */
  readonly secretName: Output<string>;

  constructor(name: string, args: ClusterEndpointArgs, opts?: ComponentResourceOptions) {
    super('sitewright:argocd:ClusterEndpoint', name, {}, opts);
    const { endpoint, plane, target } = args;
    const there = { parent: this, provider: target };
    const here = { parent: this, provider: args.argocd };
    const labels = { ...toLabels(args), 'sitewright.dev/plane': plane };
    const objects = toEndpointAccess(args.access);

    const namespace = new kubernetes.core.v1.Namespace(`${name}-namespace`, objects.namespace, there);
    const within = { ...there, dependsOn: [namespace] };
    const account = new kubernetes.core.v1.ServiceAccount(`${name}-account`, objects.serviceAccount, within);
    const role = new kubernetes.rbac.v1.ClusterRole(`${name}-role`, objects.clusterRole, there);
    const bound: CustomResourceOptions = { ...there, dependsOn: [account, role] };
    new kubernetes.rbac.v1.ClusterRoleBinding(`${name}-binding`, objects.clusterRoleBinding, bound);
    if (objects.role !== undefined && objects.roleBinding !== undefined) {
      const own = new kubernetes.rbac.v1.Role(`${name}-applications-role`, objects.role, there);
      const options = { ...there, dependsOn: [account, own] };
      new kubernetes.rbac.v1.RoleBinding(`${name}-applications-binding`, objects.roleBinding, options);
    }
    const token = new kubernetes.core.v1.Secret(
      `${name}-token`,
      {
        metadata: {
          name: ACCESS_NAME,
          namespace: ACCESS_NAMESPACE,
          annotations: { 'kubernetes.io/service-account.name': ACCESS_NAME },
        },
        type: 'kubernetes.io/service-account-token',
      },
      { ...there, dependsOn: [account], additionalSecretOutputs: ['data'] },
    );
    const bearerToken = token.data.apply((data) => readToken(args.cluster, data));
    const connection = all([args.server, bearerToken, args.caData]).apply(([server, bearer, caData]) => ({
      name: endpoint,
      server,
      config: JSON.stringify({ bearerToken: bearer, tlsClientConfig: { caData } }),
    }));
    const registered = new kubernetes.core.v1.Secret(
      `${name}-secret`,
      {
        metadata: {
          name: `cluster-${endpoint}`,
          namespace: ARGOCD_NAMESPACE,
          labels: { ...labels, 'argocd.argoproj.io/secret-type': 'cluster' },
        },
        stringData: secret(connection),
      },
      here,
    );
    this.secretName = registered.metadata.name;
    this.registerOutputs({ secretName: this.secretName });
  }
}

/**
 * The token that a cluster has issued for its account.
 * @throws when it has issued none: Argo CD could not sign in, and no later run would notice
 */
export function readToken(cluster: string, data: Readonly<Record<string, string>> | undefined): string {
  const token = Buffer.from(data?.token ?? '', 'base64').toString();
  if (token !== '') return token;
  throw new Error(`cluster '${cluster}' must issue a token for its account, got none; look again: pulumi up --refresh`);
}
