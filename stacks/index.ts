import { resolve } from 'node:path';
import { Config, getStack, type Output, RunError, secret } from '@pulumi/pulumi';
import { loadEnvironments } from '../environments/load.ts';
import { managerKubeconfig } from './kubeconfig.ts';
import { SiteStack } from './site-stack.ts';
import { parseStackName } from './stack-name.ts';

const PROJECT_DIR = resolve(import.meta.dirname, '..');

/** Name in Argo CD of each cluster of the site. */
export const endpoints = withoutStack(registerSite);

/** Registers the site that the stack is named after. */
function registerSite(): Readonly<Record<string, string>> {
  const config = new Config();
  const stack = parseStackName(getStack());
  const [environment] = loadEnvironments({
    dir: resolve(PROJECT_DIR, config.get('environments') ?? 'environments'),
    environment: stack.environment,
  });
  const site = environment?.sites.find(({ name }) => name === stack.site);
  if (environment === undefined || site === undefined) {
    const sites = environment?.sites.map(({ name }) => `${stack.environment}.${name}`) ?? [];
    throw new Error(`stack must be named after a site, got ${getStack()}; choose one of ${sites.join(', ')}`);
  }
  const secrets = config.getObject<Record<string, string>>('secrets') ?? {};
  const siteStack = new SiteStack(site.name, {
    environment,
    site,
    kubeconfig: managerKubeconfig(),
    contexts: config.getObject<Record<string, string>>('contexts') ?? {},
    secretOf: (reference) => secretOf(secrets, reference),
  });
  return siteStack.endpoints;
}

function secretOf(secrets: Readonly<Record<string, string>>, reference: string): Output<string> {
  const value = Object.hasOwn(secrets, reference) ? secrets[reference] : undefined;
  if (value === undefined) {
    throw new Error(
      `secret ${reference} must have a value in this stack, got nothing; set it: ` +
        `pulumi config set --secret --path 'secrets["${reference}"]'`,
    );
  }
  return secret(value);
}

/** Lets Pulumi show an error's message alone: managers read it, not where in the program it was thrown. */
function withoutStack<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (process.env.SITEWRIGHT_DEBUG !== undefined) throw error;
    throw new RunError((error as Error).message, { cause: error });
  }
}
