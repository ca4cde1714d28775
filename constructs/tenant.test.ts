import { expect, test } from 'vitest';
import type { Manifest } from '../apps/site.ts';
import { namesOf, renderConstruct, theOne } from '../test/helpers/render.ts';
import { Kinds } from './kinds.ts';
import { TENANT_KINDS, Tenant, type TenantProps, type TenantService } from './tenant.ts';

const MINIMAL: TenantProps = {
  name: 'shop',
  owner: 'shop@example.com',
  group: 'shop-developers',
  quota: { cpu: '4', memory: '8Gi', pods: 20, storage: '50Gi' },
  services: [],
  externalSecrets: false,
};

const SERVICE: TenantService = {
  name: 'backend',
  port: 8080,
  exposed: true,
  egress: [
    { to: '10.9.0.0/24', port: 5432 },
    { to: '10.9.1.7/32', port: 443 },
  ],
  secrets: { DATABASE_PASSWORD: 'openbao:shop/backend#database-password' },
};

function render(change: Partial<TenantProps> = {}): Manifest[] {
  return renderConstruct((scope) => new Tenant(scope, 'Shop', { ...MINIMAL, ...change }));
}

test('a minimal tenant is a namespace with its fences, an account and the access of its developers', () => {
  expect(namesOf(render())).toEqual([
    'Namespace/shop',
    'ResourceQuota/quota',
    'LimitRange/container-defaults',
    'NetworkPolicy/deny-all',
    'NetworkPolicy/allow-dns',
    'NetworkPolicy/allow-same-namespace',
    'ServiceAccount/workload',
    'RoleBinding/developers',
  ]);
});

test('a tenant with everything has its secrets and openings as well', () => {
  expect(namesOf(render({ services: [SERVICE], externalSecrets: true })).slice(8)).toEqual([
    'ExternalSecret/registry',
    'ExternalSecret/backend',
    'NetworkPolicy/backend-allow-ingress',
    'NetworkPolicy/backend-allow-egress',
  ]);
});

test('its kinds are listed, so that its project can allow just them', () => {
  const kinds = new Set(render({ services: [SERVICE], externalSecrets: true }).map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual(TENANT_KINDS.map(({ kind }) => kind).sort());
  expect(TENANT_KINDS).not.toContain(Kinds.Deployment);
});

test('the namespace is restricted and says whom to write to', () => {
  expect(theOne(render(), 'Namespace').metadata).toMatchObject({
    labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
    annotations: { 'sitewright.dev/owner': 'shop@example.com' },
  });
});

test('developers are the group of the SSO and may only look', () => {
  const binding = theOne(render(), 'RoleBinding');
  expect(binding.metadata.namespace).toBe('shop');
  expect(binding).toMatchObject({
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'shop-developers' }],
  });
});

test('without External Secrets the account refers to no registry Secret that would never be there', () => {
  const account = theOne(render(), 'ServiceAccount');
  expect(account).toMatchObject({ automountServiceAccountToken: false });
  expect(account).not.toHaveProperty('imagePullSecrets');
});

test('with External Secrets the account pulls images with the credentials of the tenant', () => {
  const manifests = render({ externalSecrets: true });
  expect(theOne(manifests, 'ServiceAccount')).toHaveProperty('imagePullSecrets', [{ name: 'registry' }]);
  expect(theOne(manifests, 'ExternalSecret', 'registry')).toMatchObject({
    metadata: { namespace: 'shop' },
    spec: {
      target: { name: 'registry', template: { type: 'kubernetes.io/dockerconfigjson' } },
      data: [{ secretKey: '.dockerconfigjson', remoteRef: { key: 'shop/registry', property: 'dockerconfigjson' } }],
    },
  });
});

test('an exposed service is reached by the ingress controller, at its own port', () => {
  const manifests = render({ services: [SERVICE], externalSecrets: true });
  expect(theOne(manifests, 'NetworkPolicy', 'backend-allow-ingress').spec).toEqual({
    podSelector: { matchLabels: { 'app.kubernetes.io/name': 'backend', 'app.kubernetes.io/part-of': 'shop' } },
    policyTypes: ['Ingress'],
    ingress: [
      {
        from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } } }],
        ports: [{ protocol: 'TCP', port: 8080 }],
      },
    ],
  });
});

test('a service connects to the addresses and ports that are named, each port with its own addresses', () => {
  const manifests = render({ services: [SERVICE], externalSecrets: true });
  expect(theOne(manifests, 'NetworkPolicy', 'backend-allow-egress').spec).toEqual({
    podSelector: { matchLabels: { 'app.kubernetes.io/name': 'backend', 'app.kubernetes.io/part-of': 'shop' } },
    policyTypes: ['Egress'],
    egress: [
      { to: [{ ipBlock: { cidr: '10.9.0.0/24' } }], ports: [{ protocol: 'TCP', port: 5432 }] },
      { to: [{ ipBlock: { cidr: '10.9.1.7/32' } }], ports: [{ protocol: 'TCP', port: 443 }] },
    ],
  });
});

test('a service that asks for nothing opens nothing', () => {
  const closed = { ...SERVICE, exposed: false, egress: [], secrets: {} };
  expect(namesOf(render({ services: [closed] }))).toEqual(namesOf(render()));
});
