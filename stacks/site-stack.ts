import type { KubeConfig } from '@kubernetes/client-node';
import * as kubernetes from '@pulumi/kubernetes';
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Output,
  type ResourceTransformationArgs,
  type ResourceTransformationResult,
  secret,
} from '@pulumi/pulumi';
import { rootApplication } from '../apps/app-of-apps.ts';
import { siteProjects } from '../apps/projects.ts';
import { endpointAccess, planSite } from '../apps/site.ts';
import type { Cluster, Environment, Site } from '../environments/model.ts';
import { ArgoCdRegistration } from './argocd-registration.ts';
import { ClusterEndpoint } from './cluster-endpoint.ts';
import { ClusterIdentity } from './cluster-identity.ts';
import { contextKubeconfig } from './kubeconfig.ts';

/** Arguments of {@link SiteStack}. */
export interface SiteStackArgs {
  readonly environment: Environment;
  readonly site: Site;
  /** The manager's kubeconfig. */
  readonly kubeconfig: KubeConfig;
  /** Kubeconfig context of a cluster, where it is not named like its endpoint. */
  readonly contexts: Readonly<Record<string, string>>;
  /** Value of a secret reference; a Pulumi secret. */
  readonly secretOf: (reference: string) => Output<string>;
}

/** A connection to a cluster whose identity is pinned. */
interface Connection {
  readonly provider: kubernetes.Provider;
  readonly server: Output<string>;
  readonly caData: Output<string>;
}

/** Everything that Pulumi looks after for a site: its endpoints, and its registration with the Argo CD that serves it. */
export class SiteStack extends ComponentResource {
  /** Name in Argo CD of each cluster. */
  readonly endpoints: Readonly<Record<string, string>>;
  private readonly args: SiteStackArgs;
  private readonly connections = new Map<string, Connection>();

  constructor(name: string, args: SiteStackArgs, opts?: ComponentResourceOptions) {
    super('sitewright:site:SiteStack', name, {}, { ...opts, transformations: [deleteAtOnce] });
    this.args = args;
    const { site, environment } = args;
    const planned = planSite(site);
    const root = rootApplication(site);
    this.endpoints = Object.fromEntries(site.clusters.map((cluster) => [cluster.name, cluster.endpoint]));
    if (root === undefined) {
      this.registerOutputs({ endpoints: this.endpoints });
      return;
    }
    const argocd = this.connect(root.cluster).provider;
    for (const plan of planned) {
      const { cluster } = plan;
      const { provider, server, caData } = this.connect(cluster);
      new ClusterEndpoint(
        cluster.name,
        {
          environment: environment.name,
          site: site.name,
          cluster: cluster.name,
          plane: cluster.plane,
          endpoint: cluster.endpoint,
          access: endpointAccess(site, plan),
          server,
          caData,
          target: provider,
          argocd,
        },
        { parent: this },
      );
    }
    new ArgoCdRegistration(
      'argocd',
      {
        environment: environment.name,
        site: site.name,
        cluster: root.cluster.name,
        owner: site.clusters.includes(root.cluster),
        repository: this.repository(root.cluster),
        projects: siteProjects(site, planned),
        root: root.application,
        argocd,
      },
      { parent: this },
    );
    this.registerOutputs({ endpoints: this.endpoints });
  }

  /** The repository to register: its own site's, unless the site that Argo CD stands in registers the same one. */
  private repository(serving: Cluster): { url: string; credential: Output<string> } | undefined {
    const { site, environment, secretOf } = this.args;
    const { repository } = site;
    if (repository === undefined) return undefined;
    const owner = environment.sites.find(({ clusters }) => clusters.includes(serving));
    if (owner !== site && owner?.repository?.url === repository.url) return undefined;
    return { url: repository.url, credential: secretOf(repository.credential) };
  }

  private connect(cluster: Cluster): Connection {
    const known = this.connections.get(cluster.endpoint);
    if (known !== undefined) return known;
    const { kubeconfig: all, contexts } = this.args;
    const text = contextKubeconfig(all, cluster.name, contexts[cluster.name] ?? cluster.endpoint);
    const kubeconfig = secret(text);
    const identity = new ClusterIdentity(
      `${cluster.name}-identity`,
      { cluster: cluster.name, kubeconfig },
      { parent: this },
    );
    const provider = new kubernetes.Provider(
      `${cluster.name}-provider`,
      {
        kubeconfig,
        // The pinned identity guards against another cluster; a new address or credential must not replace everything.
        clusterIdentifier: cluster.endpoint,
      },
      { parent: this, dependsOn: [identity] },
    );
    const [entry] = (JSON.parse(text) as { clusters: { cluster: Record<string, string> }[] }).clusters;
    const connection = {
      provider,
      server: secret(entry?.cluster.server ?? ''),
      caData: secret(entry?.cluster['certificate-authority-data'] ?? ''),
    };
    this.connections.set(cluster.endpoint, connection);
    return connection;
  }
}

/**
 * Has objects deleted at once instead of by Kubernetes' garbage collector, which leaves them for some milliseconds:
 * when one goes between the provider's look and its watch, the provider waits for it until its timeout of ten minutes.
 */
function deleteAtOnce({ type, props, opts }: ResourceTransformationArgs): ResourceTransformationResult | undefined {
  if (!type.startsWith('kubernetes:') || props.metadata === undefined) return undefined;
  const annotations = { ...props.metadata.annotations, 'pulumi.com/deletionPropagationPolicy': 'background' };
  return { props: { ...props, metadata: { ...props.metadata, annotations } }, opts };
}
