import { expect, test } from 'vitest';
import { namesOf, renderConstruct } from '../test/helpers/render.ts';
import { EndpointAccess, toEndpointAccess } from './endpoint-access.ts';
import { Kinds } from './kinds.ts';

const WRITE = ['get', 'list', 'watch', 'create', 'delete', 'patch', 'update'];
const READ = ['get', 'list', 'watch'];

function rulesFor(...kinds: (keyof typeof Kinds)[]) {
  return toEndpointAccess({ kinds: kinds.map((kind) => Kinds[kind]), holdsApplications: false }).clusterRole.rules;
}

test('an account in a namespace of its own is bound to its role', () => {
  const manifests = renderConstruct(
    (scope) => new EndpointAccess(scope, 'Access', { kinds: [], holdsApplications: false }),
  );
  expect(namesOf(manifests)).toEqual([
    'Namespace/sitewright-system',
    'ServiceAccount/argocd-manager',
    'ClusterRole/argocd-manager',
    'ClusterRoleBinding/argocd-manager',
  ]);
  expect(manifests[0]?.metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
  expect(manifests[3]).toMatchObject({
    roleRef: { kind: 'ClusterRole', name: 'argocd-manager' },
    subjects: [{ kind: 'ServiceAccount', name: 'argocd-manager', namespace: 'sitewright-system' }],
  });
});

test('where Applications are, the account may write them, in that namespace alone', () => {
  const { role, roleBinding, clusterRole } = toEndpointAccess({ kinds: [], holdsApplications: true });
  expect(role).toEqual({
    metadata: { name: 'argocd-manager', namespace: 'argocd' },
    rules: [{ apiGroups: ['argoproj.io'], resources: ['applications'], verbs: WRITE }],
  });
  expect(roleBinding).toMatchObject({
    metadata: { namespace: 'argocd' },
    roleRef: { kind: 'Role', name: 'argocd-manager' },
    subjects: [{ name: 'argocd-manager', namespace: 'sitewright-system' }],
  });
  expect(JSON.stringify(clusterRole)).not.toContain('argoproj.io');
});

test('the account writes the kinds of its projects, and looks at what they make', () => {
  expect(rulesFor('Service', 'Deployment', 'Namespace')).toEqual([
    { apiGroups: [''], resources: ['namespaces', 'services'], verbs: WRITE },
    { apiGroups: ['apps'], resources: ['deployments'], verbs: WRITE },
    { apiGroups: [''], resources: ['pods'], verbs: READ },
    { apiGroups: ['apps'], resources: ['replicasets'], verbs: READ },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: READ },
  ]);
});

test('a kind that it writes is not listed for looking as well', () => {
  expect(rulesFor('Pod').filter(({ resources }) => resources?.includes('pods'))).toEqual([
    { apiGroups: [''], resources: ['pods'], verbs: WRITE },
  ]);
});

test('it can give developers their role, and no other one', () => {
  expect(rulesFor('RoleBinding').at(-1)).toEqual({
    apiGroups: ['rbac.authorization.k8s.io'],
    resources: ['clusterroles'],
    verbs: ['bind'],
    resourceNames: ['view'],
  });
});

test('without role bindings it can give no role at all', () => {
  expect(JSON.stringify(rulesFor('Deployment'))).not.toContain('bind');
});

test('whatever the kinds, no rule has a wildcard, escalates, impersonates or reads Secrets', () => {
  const rules = rulesFor(...(Object.keys(Kinds) as (keyof typeof Kinds)[]));
  const words = rules.flatMap(({ apiGroups = [], resources = [], verbs }) => [...apiGroups, ...resources, ...verbs]);
  for (const word of ['*', 'escalate', 'impersonate', 'secrets', 'deletecollection']) expect(words).not.toContain(word);
  expect(rules.filter(({ verbs }) => verbs.includes('bind'))).toHaveLength(1);
});
