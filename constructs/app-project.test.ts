import { expect, test } from 'vitest';
import { renderConstruct } from '../test/helpers/render.ts';
import { AppProject, type AppProjectProps, toAppProject } from './app-project.ts';
import { Kinds } from './kinds.ts';

const PROPS: AppProjectProps = {
  name: 'stg-site-b-shop',
  description: 'Services of tenant shop',
  sourceRepos: ['https://git.example.com/manifests.git'],
  destinations: [{ cluster: 'stg-site-b-data-1', namespace: 'shop' }],
  kinds: [Kinds.Namespace, Kinds.Deployment, Kinds.Service],
};

test('a project lists its repositories, its clusters by name, and their namespaces', () => {
  expect(toAppProject(PROPS)).toMatchObject({
    metadata: { name: 'stg-site-b-shop', namespace: 'argocd' },
    spec: {
      sourceRepos: ['https://git.example.com/manifests.git'],
      destinations: [{ name: 'stg-site-b-data-1', namespace: 'shop' }],
    },
  });
});

test('kinds are allowed where they lie: in namespaces, or outside of them', () => {
  expect(toAppProject(PROPS).spec).toMatchObject({
    clusterResourceWhitelist: [{ group: '', kind: 'Namespace' }],
    namespaceResourceWhitelist: [
      { group: 'apps', kind: 'Deployment' },
      { group: '', kind: 'Service' },
    ],
  });
});

test('a project without anything allows nothing, and says so', () => {
  const nothing = { ...PROPS, sourceRepos: [], destinations: [], kinds: [] };
  const [manifest] = renderConstruct((scope) => new AppProject(scope, 'Project', nothing));
  expect(manifest?.spec).toEqual({
    description: 'Services of tenant shop',
    sourceRepos: [],
    destinations: [],
    clusterResourceWhitelist: [],
    namespaceResourceWhitelist: [],
  });
});
