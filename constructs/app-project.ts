import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { ARGOCD_NAMESPACE, type ArgoObject } from './application.ts';
import type { Kind } from './kinds.ts';

/** What an AppProject allows. Everything is listed; what is not listed is refused. */
export interface AppProjectProps {
  readonly name: string;
  readonly description: string;
  readonly sourceRepos: readonly string[];
  /** Clusters by their names in Argo CD, and namespaces in them. */
  readonly destinations: readonly { readonly cluster: string; readonly namespace: string }[];
  readonly kinds: readonly Kind[];
}

/** An Argo CD AppProject: what its Applications may deploy, from where, and to where. */
export class AppProject extends Construct {
  constructor(scope: Construct, id: string, props: AppProjectProps) {
    super(scope, id);
    new ApiObject(this, 'AppProject', toAppProject(props));
  }
}

/** @see https://argo-cd.readthedocs.io/en/stable/operator-manual/project-specification/ */
export function toAppProject(props: AppProjectProps): ArgoObject {
  const entry = ({ group, kind }: Kind) => ({ group, kind });
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name: props.name, namespace: ARGOCD_NAMESPACE },
    spec: {
      description: props.description,
      sourceRepos: [...props.sourceRepos],
      destinations: props.destinations.map(({ cluster, namespace }) => ({ name: cluster, namespace })),
      clusterResourceWhitelist: props.kinds.filter(({ clusterScoped }) => clusterScoped === true).map(entry),
      namespaceResourceWhitelist: props.kinds.filter(({ clusterScoped }) => clusterScoped !== true).map(entry),
    },
  };
}
