import { ApiObject, type ApiObjectProps } from 'cdk8s';
import { Construct } from 'constructs';

/** Namespace that Argo CD runs in, and that its Applications and AppProjects lie in. */
export const ARGOCD_NAMESPACE = 'argocd';

/** Options for {@link Application}. */
export interface ApplicationProps {
  readonly name: string;
  readonly project: string;
  /** Repository, revision and folder of the rendered objects. */
  readonly source: { readonly repoUrl: string; readonly revision: string; readonly path: string };
  /** Cluster by its name in Argo CD, so that its address can change. */
  readonly destination: { readonly cluster: string; readonly namespace?: string };
  /** Order among the Applications beside it: lower ones are healthy before higher ones begin. @default 0 */
  readonly wave?: number;
  /** Whether deleting the Application deletes what it made. @default - it stays */
  readonly cascade?: boolean;
  /** Whether its own deletion waits until a person has confirmed it in Argo CD. @default false */
  readonly confirm?: boolean;
}

/** An object of Argo CD's own kinds. */
export type ArgoObject = ApiObjectProps & { readonly metadata: { readonly name: string }; readonly spec: object };

/** An Argo CD Application over a folder of the rendered tree. */
export class Application extends Construct {
  constructor(scope: Construct, id: string, props: ApplicationProps) {
    super(scope, id);
    new ApiObject(this, 'Application', toApplication(props));
  }
}

/** @see https://argo-cd.readthedocs.io/en/stable/operator-manual/application.yaml */
export function toApplication(props: ApplicationProps): ArgoObject {
  const { name, project, source, destination, wave = 0, cascade = false, confirm = false } = props;
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: {
      name,
      namespace: ARGOCD_NAMESPACE,
      annotations: {
        // Without it, each commit makes Argo CD render every Application anew.
        'argocd.argoproj.io/manifest-generate-paths': '.',
        ...(confirm ? { 'argocd.argoproj.io/sync-options': 'Prune=confirm,Delete=confirm' } : {}),
        ...(wave === 0 ? {} : { 'argocd.argoproj.io/sync-wave': String(wave) }),
      },
      ...(cascade ? { finalizers: ['resources-finalizer.argocd.argoproj.io'] } : {}),
    },
    spec: {
      project,
      source: { repoURL: source.repoUrl, targetRevision: source.revision, path: source.path },
      destination: {
        name: destination.cluster,
        ...(destination.namespace === undefined ? {} : { namespace: destination.namespace }),
      },
      syncPolicy: {
        automated: { prune: true, selfHeal: true },
        // Server-side apply leaves no copy of an object in its last-applied annotation.
        syncOptions: ['ServerSideApply=true', 'PruneLast=true'],
        // Without end, because Argo CD gives up a revision whose retries are used up until the folder changes again;
        // and to the newest revision, which may be the one that mends it (Argo CD 3.2 and later).
        retry: { limit: -1, refresh: true, backoff: { duration: '5s', factor: 2, maxDuration: '3m' } },
      },
    },
  };
}
