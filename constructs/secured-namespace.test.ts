import { expect, test } from 'vitest';
import type { Manifest } from '../apps/site.ts';
import { namesOf, renderConstruct, theOne } from '../test/helpers/render.ts';
import {
  quantities,
  SECURED_NAMESPACE_DEFAULTS,
  SecuredNamespace,
  type SecuredNamespaceProps,
} from './secured-namespace.ts';

const MINIMAL: SecuredNamespaceProps = {
  name: 'shop',
  quota: { cpu: '4', memory: '8Gi', pods: 20, storage: '50Gi' },
};

function render(change: Partial<SecuredNamespaceProps> = {}): Manifest[] {
  return renderConstruct((scope) => new SecuredNamespace(scope, 'Shop', { ...MINIMAL, ...change }));
}

test('a namespace comes with its quota, defaults and fences, all in it', () => {
  const manifests = render();
  expect(namesOf(manifests)).toEqual([
    'Namespace/shop',
    'ResourceQuota/quota',
    'LimitRange/container-defaults',
    'NetworkPolicy/deny-all',
    'NetworkPolicy/allow-dns',
    'NetworkPolicy/allow-same-namespace',
  ]);
  expect(manifests.slice(1).map(({ metadata }) => metadata.namespace)).toEqual(Array(5).fill('shop'));
});

test.each([
  ['by default', {}, SECURED_NAMESPACE_DEFAULTS.podSecurity],
  ['as asked for', { podSecurity: 'baseline' } as const, 'baseline'],
])('the Pod Security level holds in all modes, %s', (_, change, level) => {
  expect(theOne(render(change), 'Namespace').metadata.labels).toMatchObject({
    'pod-security.kubernetes.io/enforce': level,
    'pod-security.kubernetes.io/audit': level,
    'pod-security.kubernetes.io/warn': level,
  });
});

test('the level is restricted unless said otherwise', () => {
  expect(SECURED_NAMESPACE_DEFAULTS.podSecurity).toBe('restricted');
});

test('deleting a namespace needs a confirmation, whatever its annotations say', () => {
  const annotations = { 'sitewright.dev/owner': 'shop@example.com', 'argocd.argoproj.io/sync-options': 'Prune=true' };
  expect(theOne(render({ annotations }), 'Namespace').metadata.annotations).toEqual({
    'sitewright.dev/owner': 'shop@example.com',
    'argocd.argoproj.io/sync-options': 'Prune=confirm,Delete=confirm',
  });
});

test('the quota bounds all reservations and leaves no load balancers or node ports', () => {
  expect(theOne(render(), 'ResourceQuota').spec).toMatchInlineSnapshot(`
    {
      "hard": {
        "limits.memory": "8Gi",
        "pods": "20",
        "requests.cpu": "4",
        "requests.memory": "8Gi",
        "requests.storage": "50Gi",
        "services.loadbalancers": "0",
        "services.nodeports": "0",
      },
    }
  `);
});

test('a container without requests gets some for all that the quota counts', () => {
  expect(theOne(render(), 'LimitRange')).toHaveProperty('spec.limits', [
    { type: 'Container', defaultRequest: { cpu: '50m', memory: '64Mi' }, default: { memory: '64Mi' } },
  ]);
});

test('all pods are closed in both directions', () => {
  expect(theOne(render(), 'NetworkPolicy', 'deny-all').spec).toEqual({
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
  });
});

test('DNS stays reachable on both protocols, in its own pods alone', () => {
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } };
  expect(theOne(render(), 'NetworkPolicy', 'allow-dns').spec).toEqual({
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [
      {
        to: [{ namespaceSelector, podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }],
        ports: [
          { protocol: 'UDP', port: 53 },
          { protocol: 'TCP', port: 53 },
        ],
      },
    ],
  });
});

test('pods of the namespace reach each other, and no other ones', () => {
  expect(theOne(render(), 'NetworkPolicy', 'allow-same-namespace').spec).toEqual({
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ from: [{ podSelector: {} }] }],
    egress: [{ to: [{ podSelector: {} }] }],
  });
});

test('quantities keep their text', () => {
  const { cpu } = quantities({ cpu: '0.5' });
  expect(cpu?.value).toBe('0.5');
});
