import { expect, test } from 'vitest';
import { renderConstruct } from '../test/helpers/render.ts';
import { ExternalSecret, toExternalSecret } from './external-secret.ts';

const MINIMAL = { name: 'backend', namespace: 'shop', data: { PASSWORD: 'openbao:shop/backend#db.password' } };

test('a Secret of the same name comes from the store of the site', () => {
  const [manifest] = renderConstruct((scope) => new ExternalSecret(scope, 'Secret', MINIMAL));
  expect(manifest).toMatchObject({
    apiVersion: 'external-secrets.io/v1',
    metadata: { name: 'backend', namespace: 'shop' },
    spec: {
      secretStoreRef: { kind: 'ClusterSecretStore', name: 'openbao' },
      target: { name: 'backend', creationPolicy: 'Owner' },
    },
  });
  expect(manifest).not.toHaveProperty('spec.target.template');
});

test('each reference becomes its path and its key', () => {
  const { spec } = toExternalSecret(MINIMAL) as unknown as { spec: { data: object[] } };
  expect(spec.data).toMatchObject([
    { secretKey: 'PASSWORD', remoteRef: { key: 'shop/backend', property: 'db.password' } },
  ]);
});

test('what the cluster would fill in is written, so that Argo CD finds no difference', () => {
  expect(toExternalSecret(MINIMAL)).toHaveProperty('spec.data.0.remoteRef', {
    key: 'shop/backend',
    property: 'db.password',
    conversionStrategy: 'Default',
    decodingStrategy: 'None',
    metadataPolicy: 'None',
  });
});

test('the type of the Secret can be set', () => {
  const typed = toExternalSecret({ ...MINIMAL, type: 'kubernetes.io/dockerconfigjson' });
  expect(typed).toHaveProperty('spec.target.template', { type: 'kubernetes.io/dockerconfigjson' });
});
