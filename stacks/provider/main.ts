import { main, type Provider } from '@pulumi/pulumi/provider/index.js';
import { checkIdentity, createIdentity, diffIdentity } from './cluster-identity.ts';

/** The type of {@link ClusterIdentity} in a URN, where the types of its parents come first. */
const CLUSTER_IDENTITY = /[:$]sitewright:index:ClusterIdentity::/;

const PARENT_CHECK_MS = 1_000;

const provider: Provider = {
  version: '0.1.0',
  schema: JSON.stringify({ name: 'sitewright', version: '0.1.0', resources: {} }),
  check: (urn, _olds, news) => known(urn, checkIdentity(news)),
  diff: (_id, urn, olds, news) => known(urn, diffIdentity(olds, news)),
  create: (urn, inputs) => known(urn, createIdentity(inputs)),
  update: (_id, urn, olds, news) => known(urn, Promise.resolve({ outs: { ...news, uid: olds.uid } })),
  read: (id, urn, props) => known(urn, Promise.resolve({ id, props })),
  // The cluster stays; only its pin goes.
  delete: (_id, urn) => known(urn, Promise.resolve()),
};

function known<T>(urn: string, result: Promise<T>): Promise<T> {
  if (CLUSTER_IDENTITY.test(urn)) return result;
  return Promise.reject(new Error(`unknown resource type in ${urn}`));
}

// An engine that was killed cannot end its plugins: this one ends by itself once it has lost its parent.
const engine = process.ppid;
setInterval(() => {
  if (process.ppid !== engine) process.exit();
}, PARENT_CHECK_MS).unref();

await main(provider, process.argv.slice(2));
