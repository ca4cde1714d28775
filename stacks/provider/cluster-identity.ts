import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { runtime } from '@pulumi/pulumi';
import type { CheckResult, CreateResult, DiffResult } from '@pulumi/pulumi/provider/index.js';

/** How long a cluster may take to answer, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** Inputs of a cluster's identity. */
export interface IdentityInputs {
  /** Name of the cluster, for messages. */
  readonly cluster: string;
  /** Kubeconfig with one context, which leads to the cluster; wrapped as a secret, and so it stays in state. */
  readonly kubeconfig: unknown;
}

/** State of a cluster's identity. */
export interface IdentityState extends IdentityInputs {
  /** UID of its `kube-system` namespace, which lives as long as the cluster. */
  readonly uid: string;
}

/** Reads the identity of the cluster that a kubeconfig leads to. */
export type ReadUid = (inputs: IdentityInputs) => Promise<string>;

export async function checkIdentity(inputs: IdentityInputs): Promise<CheckResult> {
  return { inputs };
}

/** Pins the identity of a cluster that is registered for the first time. */
export async function createIdentity(inputs: IdentityInputs, readUid: ReadUid = readLiveUid): Promise<CreateResult> {
  const uid = await readUid(inputs);
  return { id: uid, outs: { ...inputs, uid } };
}

/**
 * Compares the cluster that the kubeconfig leads to now with the pinned one. A new credential or address for the same
 * cluster is an update; another cluster is an error, since everything registered there would be made anew.
 */
export async function diffIdentity(
  state: IdentityState,
  inputs: IdentityInputs,
  readUid: ReadUid = readLiveUid,
): Promise<DiffResult> {
  const uid = await readUid(inputs);
  if (uid !== state.uid) {
    throw new Error(
      `cluster '${inputs.cluster}' must be the one that was registered (kube-system ${state.uid}), got another one ` +
        `(kube-system ${uid}); point its kubeconfig context back, or, if it was rebuilt on purpose, remove the old ` +
        `registration first: PULUMI_K8S_DELETE_UNREACHABLE=true pulumi destroy ${only('target', inputs.cluster)}`,
    );
  }
  return { changes: plain(state.kubeconfig) !== plain(inputs.kubeconfig) || state.cluster !== inputs.cluster };
}

/** {@link ReadUid} by asking the cluster itself. */
export async function readLiveUid({ cluster, kubeconfig }: IdentityInputs, timeoutMs = TIMEOUT_MS): Promise<string> {
  const config = new KubeConfig();
  try {
    config.loadFromString(plain(kubeconfig));
    const api = config.makeApiClient(CoreV1Api);
    const namespace = await withTimeout(api.readNamespace({ name: 'kube-system' }), timeoutMs);
    const uid = namespace.metadata?.uid;
    if (uid === undefined || uid === '') throw new Error('its kube-system namespace has no UID');
    return uid;
  } catch (error) {
    throw new Error(
      `cluster '${cluster}' must be reachable, got ${reason(error)}; bring it back, or leave it as it is this time: ` +
        `pulumi up ${only('exclude', cluster)}`,
      { cause: error },
    );
  }
}

/** Options that choose what belongs to a cluster: with `data-1` not what belongs to `data-10`. */
function only(option: 'target' | 'exclude', cluster: string): string {
  return `--${option} '**::${cluster}' --${option} '**::${cluster}-*' --${option}-dependents`;
}

/** The value of an input, which the engine may have wrapped as a secret. */
function plain(value: unknown): string {
  return String(runtime.unwrapRpcSecret(runtime.deserializeProperty(value)));
}

async function withTimeout<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Why a request failed: never its URL or body, which could hold an address or a credential. */
function reason(error: unknown): string {
  const { code, cause } = error as { code?: string | number; cause?: { code?: string } };
  const known = cause?.code ?? code;
  if (typeof known === 'number') return `HTTP status ${known}`;
  if (typeof known === 'string') return known;
  return error instanceof Error && /^(no answer|its )/.test(error.message) ? error.message : 'no usable answer';
}
