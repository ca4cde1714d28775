import { readFileSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import type { KeyPair } from './pki.ts';

/** One context of a kubeconfig file. */
export interface KubeContext {
  /** Name of the context, its cluster and its user. */
  readonly name: string;
  /** Address of the API server, `https://…`. */
  readonly server: string;
  /** File of the certificate authority, PEM. */
  readonly caFile: string;
  /** Client certificate. */
  readonly client: KeyPair;
}

/** Writes a kubeconfig with everything embedded, readable by its owner alone; the first context is the current one. */
export function writeKubeconfig(file: string, contexts: readonly KubeContext[]): void {
  const base64 = (path: string): string => readFileSync(path).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': contexts[0]?.name,
    clusters: contexts.map(({ name, server, caFile }) => ({
      name,
      cluster: { server, 'certificate-authority-data': base64(caFile) },
    })),
    users: contexts.map(({ name, client }) => ({
      name,
      user: { 'client-certificate-data': base64(client.cert), 'client-key-data': base64(client.key) },
    })),
    contexts: contexts.map(({ name }) => ({ name, context: { cluster: name, user: name } })),
  };
  writeFileSync(file, stringify(config), { mode: 0o600 });
}
