import { resolve } from 'node:path';
import { Config, getStack, type Output, secret } from '@pulumi/pulumi';
import { loadEnvironments } from '../environments/load.ts';
import { managerKubeconfig } from './kubeconfig.ts';
import { SiteStack } from './site-stack.ts';
import { parseStackName } from './stack-name.ts';

const PROJECT_DIR = resolve(import.meta.dirname, '..');

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
  secretOf,
});

/** Name in Argo CD of each cluster of the site. */
export const endpoints = siteStack.endpoints;

function secretOf(reference: string): Output<string> {
  const value = secrets[reference];
  if (value === undefined) {
    throw new Error(
      `secret ${reference} must have a value in this stack, got nothing; set it: ` +
        `pulumi config set --secret --path 'secrets["${reference}"]'`,
    );
  }
  return secret(value);
}
