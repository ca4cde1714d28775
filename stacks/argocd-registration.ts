import * as kubernetes from '@pulumi/kubernetes';
import { ComponentResource, type ComponentResourceOptions, type Input, output, secret } from '@pulumi/pulumi';
import { type AppProjectProps, toAppProject } from '../constructs/app-project.ts';
import { type ApplicationProps, ARGOCD_NAMESPACE, toApplication } from '../constructs/application.ts';
import { toLabels } from '../constructs/component.ts';

/**
 * What the platform needs of an Argo CD that is there already.
 * @see https://argo-cd.readthedocs.io/en/stable/operator-manual/argocd-cm-yaml/
 */
export const ARGOCD_SETTINGS: Readonly<Record<string, string>> = {
  // Labels are cut at 63 characters and copied by operators; the annotation names the object itself.
  'application.resourceTrackingMethod': 'annotation',
  // Its accounts may see the kinds of its projects only: what they may not list does not exist for it.
  'resource.respectRBAC': 'strict',
  // Every cluster, its own included, is reached through a registered account with narrow roles.
  'cluster.inClusterEnabled': 'false',
  // Sync waves wait for the Applications of the wave before.
  'resource.customizations.health.argoproj.io_Application': `hs = { status = "Progressing", message = "" }
if obj.status ~= nil and obj.status.health ~= nil then
  hs.status = obj.status.health.status
  hs.message = obj.status.health.message or ""
end
return hs
`,
};

/** Arguments of {@link ArgoCdRegistration}. */
export interface ArgoCdRegistrationArgs {
  readonly environment: string;
  readonly site: string;
  /** Name of the cluster that Argo CD runs in. */
  readonly cluster: string;
  /** Whether Argo CD stands in this very site, whose stack then looks after its settings. */
  readonly owner: boolean;
  /** Repository with the rendered tree; none where the site that owns Argo CD registers the same one. */
  readonly repository?: { readonly url: string; readonly credential: Input<string> } | undefined;
  readonly projects: readonly AppProjectProps[];
  readonly root: ApplicationProps;
  readonly argocd: kubernetes.Provider;
}

/** A site in Argo CD: repository, projects, and the root Application that everything else follows from. */
export class ArgoCdRegistration extends ComponentResource {
  constructor(name: string, args: ArgoCdRegistrationArgs, opts?: ComponentResourceOptions) {
    super('sitewright:argocd:Registration', name, {}, opts);
    const options = { parent: this, provider: args.argocd };
    const metadata = { namespace: ARGOCD_NAMESPACE, labels: toLabels(args) };
    if (args.owner) this.addSettings(name, args, options);

    const dependsOn = [];
    if (args.repository !== undefined) {
      const { url, credential } = args.repository;
      const repository = new kubernetes.core.v1.Secret(
        `${name}-repository`,
        {
          metadata: {
            ...metadata,
            name: `repository-${args.environment}-${args.site}`,
            labels: { ...metadata.labels, 'argocd.argoproj.io/secret-type': 'repository' },
          },
          stringData: secret(
            output(credential).apply((value) => ({ type: 'git', url, ...parseCredential(url, value) })),
          ),
        },
        options,
      );
      dependsOn.push(repository);
    }
    for (const props of args.projects) {
      const { metadata: own, ...project } = toAppProject(props);
      const resource = { ...project, metadata: { ...metadata, ...own } };
      dependsOn.push(new kubernetes.apiextensions.CustomResource(`${name}-project-${props.name}`, resource, options));
    }
    const { metadata: own, ...application } = toApplication(args.root);
    new kubernetes.apiextensions.CustomResource(
      `${name}-root`,
      { ...application, metadata: { ...metadata, ...own } },
      { ...options, dependsOn },
    );
    this.registerOutputs({});
  }

  private addSettings(
    name: string,
    args: ArgoCdRegistrationArgs,
    options: { parent: ArgoCdRegistration; provider: kubernetes.Provider },
  ): void {
    // Patches: Argo CD's own installation keeps the rest of these objects.
    const patch = { annotations: { 'pulumi.com/patchForce': 'true' } };
    new kubernetes.core.v1.NamespacePatch(
      `${name}-namespace`,
      { metadata: { ...patch, name: ARGOCD_NAMESPACE, labels: toLabels(args) } },
      options,
    );
    new kubernetes.core.v1.ConfigMapPatch(
      `${name}-settings`,
      { metadata: { ...patch, name: 'argocd-cm', namespace: ARGOCD_NAMESPACE }, data: ARGOCD_SETTINGS },
      options,
    );
    // Argo CD makes this project by itself, open to everything; nothing of ours is in it, so nothing may be.
    new kubernetes.apiextensions.CustomResource(
      `${name}-project-default`,
      {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'AppProject',
        metadata: { ...patch, name: 'default', namespace: ARGOCD_NAMESPACE },
        spec: {
          description: 'Closed: every Application names a project of its own',
          sourceRepos: [],
          destinations: [],
        },
      },
      { ...options, retainOnDelete: true },
    );
  }
}

/**
 * The parts of `user:token`; a token may hold colons.
 * @throws when it has another form, without showing it
 */
export function parseCredential(url: string, value: string): { username: string; password: string } {
  const at = value.indexOf(':');
  if (at > 0 && at < value.length - 1) return { username: value.slice(0, at), password: value.slice(at + 1) };
  throw new Error(`credential of ${url} must be like user:token, got another form; set it again`);
}
