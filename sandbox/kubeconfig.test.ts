import { statSync } from 'node:fs';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { temporaryFolder, writeFiles } from '../test/helpers/folders.ts';
import { type KubeContext, writeKubeconfig } from './kubeconfig.ts';

/** Contexts of two clusters, and the file that they were written to. */
function written() {
  const dir = temporaryFolder();
  const contexts = ['control', 'data-1'].map((name): KubeContext => {
    writeFiles(dir, {
      [`${name}/ca.crt`]: `ca of ${name}`,
      [`${name}/it.crt`]: `cert of ${name}`,
      [`${name}/it.key`]: 'key',
    });
    const client = { cert: join(dir, name, 'it.crt'), key: join(dir, name, 'it.key') };
    return { name, server: `https://${name}:6443`, caFile: join(dir, name, 'ca.crt'), client };
  });
  const file = join(dir, 'kubeconfig');
  writeKubeconfig(file, contexts);
  const config = new KubeConfig();
  config.loadFromFile(file);
  return { file, config };
}

test('each context leads to its own cluster with its own credential, all of it in the file', () => {
  const { config } = written();
  expect(config.getContexts()).toMatchObject([
    { name: 'control', cluster: 'control', user: 'control' },
    { name: 'data-1', cluster: 'data-1', user: 'data-1' },
  ]);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  expect(config.getCluster('data-1')).toMatchObject({ server: 'https://data-1:6443', caData: base64('ca of data-1') });
  expect(config.getUser('data-1')).toMatchObject({ certData: base64('cert of data-1'), keyData: base64('key') });
  expect(config.getCluster('data-1')).toMatchObject({ skipTLSVerify: false, caFile: undefined });
});

test('the first context is the current one', () => {
  expect(written().config.getCurrentContext()).toBe('control');
});

test('it is for its owner alone', () => {
  expect(statSync(written().file).mode & 0o777).toBe(0o600);
});
