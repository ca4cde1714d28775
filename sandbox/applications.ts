import { ARGOCD_NAMESPACE } from '../constructs/application.ts';
import { type Kubectl, listObjects } from './kubectl.ts';

/** An Application as Argo CD reports it. */
export interface ApplicationStatus {
  readonly name: string;
  readonly destination: string;
  /** `Synced`, `OutOfSync` or `Unknown`. */
  readonly sync: string;
  /** `Healthy`, `Progressing`, `Degraded`, `Missing`, … */
  readonly health: string;
  /** Short revision that it is at. */
  readonly revision: string;
  /** What keeps it from being well, in Argo CD's words. */
  readonly message: string;
}

interface Application {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly destination: { readonly name?: string } };
  readonly status?: {
    readonly sync?: { readonly status?: string; readonly revision?: string };
    readonly health?: { readonly status?: string };
    readonly conditions?: readonly { readonly message: string }[];
    readonly operationState?: { readonly phase?: string; readonly message?: string };
  };
}

/** All Applications of an Argo CD, by name. */
export async function listApplications(run: Kubectl): Promise<ApplicationStatus[]> {
  const found = await listObjects<Application>(run, 'applications.argoproj.io', '-n', ARGOCD_NAMESPACE);
  return found
    .map(({ metadata, spec, status }) => ({
      name: metadata.name,
      destination: spec.destination.name ?? '',
      sync: status?.sync?.status ?? 'Unknown',
      health: status?.health?.status ?? 'Unknown',
      revision: status?.sync?.revision?.slice(0, 7) ?? '',
      message: status?.conditions?.[0]?.message ?? failure(status?.operationState),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whether an Application is where it should be, at a revision where one is given. */
export function isWell({ sync, health, revision }: ApplicationStatus, commit?: string): boolean {
  if (sync !== 'Synced' || health !== 'Healthy') return false;
  return commit === undefined || (revision !== '' && commit.startsWith(revision));
}

function failure(operation: { readonly phase?: string; readonly message?: string } | undefined): string {
  return operation?.phase === 'Succeeded' ? '' : (operation?.message ?? '');
}
