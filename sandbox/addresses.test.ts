import { expect, test } from 'vitest';
import { testLocalCluster, testState } from '../test/helpers/sandbox-state.ts';
import { listAddresses } from './addresses.ts';
import { apiServiceAddress, serverUrl } from './control-plane.ts';

test('every cluster, Argo CD and every repository has its address, and says how to get in', () => {
  expect(listAddresses(testState('/state'))).toEqual([
    {
      what: 'cluster control',
      address: 'https://127.0.0.1:16443',
      signIn: 'kubectl --context sandbox-site-b-control, with sitewright sandbox env',
    },
    {
      what: 'Argo CD',
      address: 'http://127.0.0.1:3',
      signIn: 'admin; password: kubectl -n argocd get secret argocd-initial-admin-secret',
    },
    {
      what: 'manifests repository',
      address: 'http://127.0.0.1:7990/scm/platform/manifests-sandbox.git',
      signIn: 'git, with sitewright sandbox env',
    },
  ]);
});

test('clusters that are somewhere else are not listed', () => {
  const whats = listAddresses(testState('/state', { mode: 'contexts', clusters: {} })).map(({ what }) => what);
  expect(whats).toEqual(['Argo CD', 'manifests repository']);
});

test('an API server is reached at the address of its cluster', () => {
  const cluster = testLocalCluster('/state', 'data-1', {
    address: '198.18.2.2',
    ports: { api: 6443, etcd: 1, etcdPeer: 2 },
  });
  expect(serverUrl(cluster)).toBe('https://198.18.2.2:6443');
});

test.each([
  ['10.242.0.0/16', '10.242.0.1'],
  ['10.96.0.128/25', '10.96.0.129'],
])('in services %s the API server is %s', (services, address) => {
  expect(apiServiceAddress(services)).toBe(address);
});
