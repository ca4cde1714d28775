import { KubeConfig } from '@kubernetes/client-node';
import { secret } from '@pulumi/pulumi';
import { loadEnvironments } from '../../environments/load.ts';
import { SiteStack, type SiteStackArgs } from '../../stacks/site-stack.ts';
import { ENVIRONMENTS } from './environments.ts';
import { type Registered, runProgram } from './pulumi.ts';

/** Stands in every address and credential. */
export const CANARY = 'canary';

/** A kubeconfig with a context for each cluster of an environment, named like its endpoint. */
export function kubeconfig(endpoints: readonly string[]): KubeConfig {
  const config = new KubeConfig();
  config.loadFromString(
    JSON.stringify({
      clusters: endpoints.map((name) => ({
        name,
        cluster: { server: `https://${name}.${CANARY}:6443`, 'certificate-authority-data': 'Y2E=' },
      })),
      users: endpoints.map((name) => ({ name, user: { token: `${CANARY}-manager-of-${name}` } })),
      contexts: endpoints.map((name) => ({ name, context: { cluster: name, user: name } })),
    }),
  );
  return config;
}

/** What a cluster issues for the account of Argo CD. */
function issued(type: string, name: string): Record<string, unknown> {
  if (type !== 'kubernetes:core/v1:Secret' || !name.endsWith('-token')) return {};
  return { data: { token: Buffer.from(`${CANARY}-of-${name}`).toString('base64') } };
}

/** What the stacks of the project's own environments register. */
const known = new Map<string, ReturnType<typeof runStack>>();

/** Runs the stack of a site of the project's own environments, as it is or with other arguments. */
export function siteStack(name: string, change?: (args: SiteStackArgs) => Partial<SiteStackArgs>) {
  if (change !== undefined) return runStack(name, change);
  const run = known.get(name) ?? runStack(name, () => ({}));
  known.set(name, run);
  return run;
}

async function runStack(name: string, change: (args: SiteStackArgs) => Partial<SiteStackArgs>) {
  const [environmentName, siteName] = name.split('.');
  const [environment] = loadEnvironments({ dir: ENVIRONMENTS, environment: environmentName ?? '' });
  const site = environment?.sites.find((candidate) => candidate.name === siteName);
  if (environment === undefined || site === undefined) throw new Error(`no site ${name}`);
  const args: SiteStackArgs = {
    environment,
    site,
    kubeconfig: kubeconfig(environment.sites.flatMap(({ clusters }) => clusters.map(({ endpoint }) => endpoint))),
    contexts: {},
    secretOf: () => secret(`reader:${CANARY}:with-colon`),
  };
  const program = () => new SiteStack(site.name, { ...args, ...change(args) });
  const { registered, result } = await runProgram(name, program, issued);
  const the = (wanted: string, type = '') => {
    const found = registered.filter((one) => one.name === wanted && one.type.endsWith(type));
    if (found.length !== 1 || found[0] === undefined) throw new Error(`expected one ${wanted}, got ${found.length}`);
    return found[0];
  };
  return { registered, stack: result, the };
}

/** Metadata of an object. */
interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Metadata of a registered object. */
export function metadataOf({ inputs }: Registered): Metadata {
  return inputs.metadata as Metadata;
}
