import { expect, test } from 'vitest';
import { renderConstruct } from '../test/helpers/render.ts';
import { Application, type ApplicationProps, toApplication } from './application.ts';

const MINIMAL: ApplicationProps = {
  name: 'stg-site-b-data-1-baseline',
  project: 'stg-site-b-platform',
  source: { repoUrl: 'https://git.example.com/manifests.git', revision: 'main', path: 'stg/site-b/data-1/baseline' },
  destination: { cluster: 'stg-site-b-data-1' },
};

test('a minimal Application names its project, its folder and its cluster, and keeps to git by itself', () => {
  const { spec } = toApplication(MINIMAL);
  expect(spec).toMatchObject({
    project: 'stg-site-b-platform',
    source: {
      repoURL: 'https://git.example.com/manifests.git',
      targetRevision: 'main',
      path: 'stg/site-b/data-1/baseline',
    },
    syncPolicy: {
      automated: { prune: true, selfHeal: true },
      syncOptions: ['ServerSideApply=true', 'PruneLast=true'],
    },
  });
  expect(spec).toHaveProperty('destination', { name: 'stg-site-b-data-1' });
});

test('the destination is a cluster by its name, so that its address can change', () => {
  const { spec } = toApplication({ ...MINIMAL, destination: { cluster: 'stg-site-b-data-1', namespace: 'shop' } });
  expect(spec).toHaveProperty('destination', { name: 'stg-site-b-data-1', namespace: 'shop' });
});

test('it lies where Argo CD looks, and only its own folder makes it render anew', () => {
  expect(toApplication(MINIMAL)).toMatchObject({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { namespace: 'argocd', annotations: { 'argocd.argoproj.io/manifest-generate-paths': '.' } },
  });
});

test('a sync that fails is tried until it succeeds, with whatever is newest in git', () => {
  expect(toApplication(MINIMAL)).toHaveProperty('spec.syncPolicy.retry', {
    limit: -1,
    refresh: true,
    backoff: { duration: '5s', factor: 2, maxDuration: '3m' },
  });
});

test('deleting it leaves what it made, unless it cascades', () => {
  expect(toApplication(MINIMAL).metadata).not.toHaveProperty('finalizers');
  expect(toApplication({ ...MINIMAL, cascade: true }).metadata).toHaveProperty('finalizers', [
    'resources-finalizer.argocd.argoproj.io',
  ]);
});

test.each([
  [undefined, undefined],
  [0, undefined],
  [31, '31'],
  [-1, '-1'],
])('wave %s is annotated as %s', (wave, annotation) => {
  const { metadata } = toApplication({ ...MINIMAL, ...(wave === undefined ? {} : { wave }) });
  const { annotations } = metadata as { annotations?: Record<string, string> };
  expect(annotations?.['argocd.argoproj.io/sync-wave']).toBe(annotation);
});

test('the construct renders the same object, with the labels of its component', () => {
  const [manifest] = renderConstruct((scope) => new Application(scope, 'Application', MINIMAL));
  expect(manifest).toMatchObject({
    spec: toApplication(MINIMAL).spec,
    metadata: { name: MINIMAL.name, labels: { 'sitewright.dev/cluster': 'data-1' } },
  });
});
