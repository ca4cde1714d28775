import { describe, expect, test } from 'vitest';
import { reveal } from '../test/helpers/pulumi.ts';
import { CANARY, metadataOf, siteStack } from '../test/helpers/site-stack.ts';
import { readToken } from './cluster-endpoint.ts';

describe('the Secret of a cluster', () => {
  test('lies where Argo CD looks, and says where its cluster belongs', async () => {
    const { the } = await siteStack('sandbox.site-b');
    expect(metadataOf(the('data-1-secret'))).toMatchObject({
      name: 'cluster-sandbox-site-b-data-1',
      namespace: 'argocd',
      labels: {
        'argocd.argoproj.io/secret-type': 'cluster',
        'app.kubernetes.io/managed-by': 'sitewright',
        'sitewright.dev/environment': 'sandbox',
        'sitewright.dev/site': 'site-b',
        'sitewright.dev/cluster': 'data-1',
        'sitewright.dev/plane': 'data',
      },
    });
    expect(metadataOf(the('control-secret')).labels).toMatchObject({ 'sitewright.dev/plane': 'control' });
  });

  test('holds name, address and the token of its own account, as Argo CD reads them', async () => {
    const { the } = await siteStack('sandbox.site-b');
    const data = reveal(the('data-1-secret').inputs.stringData) as Record<string, string>;
    expect(data).toEqual({
      name: 'sandbox-site-b-data-1',
      server: `https://sandbox-site-b-data-1.${CANARY}:6443`,
      config: expect.any(String),
    });
    expect(JSON.parse(data.config ?? '')).toEqual({
      bearerToken: `${CANARY}-of-data-1-token`,
      tlsClientConfig: { caData: 'Y2E=' },
    });
  });

  test("never holds the manager's own credential", async () => {
    const { registered } = await siteStack('sandbox.site-b');
    const withCredential = registered.filter(({ inputs }) => JSON.stringify(inputs).includes(`${CANARY}-manager-of-`));
    const allowed = ['control', 'data-1', 'data-2'].flatMap((cluster) => [
      `${cluster}-identity`,
      `${cluster}-provider`,
    ]);
    expect(withCredential.map(({ name }) => name)).toEqual(allowed.sort());
  });
});

test('the account of Argo CD gets a token that does not end, by its name', async () => {
  const { the } = await siteStack('sandbox.site-b');
  const token = the('data-1-token');
  expect(token.inputs.type).toBe('kubernetes.io/service-account-token');
  expect(metadataOf(token)).toMatchObject({
    name: 'argocd-manager',
    namespace: 'sitewright-system',
    annotations: { 'kubernetes.io/service-account.name': 'argocd-manager' },
  });
});

test('a token is decoded', () => {
  expect(readToken('data-1', { token: Buffer.from('it').toString('base64') })).toBe('it');
});

test.each([[undefined], [{}], [{ token: '' }], [{ 'ca.crt': 'Y2E=' }]])('no token in %j is an error', (data) => {
  expect(() => readToken('data-1', data)).toThrow(
    new Error("cluster 'data-1' must issue a token for its account, got none; look again: pulumi up --refresh"),
  );
});
