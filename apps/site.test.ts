import { describe, expect, test } from 'vitest';
import type { Site } from '../environments/model.ts';
import {
  allSites,
  inFolder,
  loadSite,
  testCluster,
  testPlacement,
  testSite,
  writeEnvironments,
} from '../test/helpers/environments.ts';
import { siteProjects } from './projects.ts';
import { planSite, renderSite } from './site.ts';

/** What the services of a data plane can ask for. */
const COMPONENTS = {
  'cert-manager': { email: 'platform@example.com', issuer: 'letsencrypt-staging' },
  'external-secrets': {},
  'ingress-nginx': {},
  'metrics-server': {},
};

/** A site with a control plane and a data plane, which holds one tenant unless said otherwise. */
function shopSite(tenants: object = { shop: testPlacement() }, components: object = COMPONENTS): Site {
  const site = testSite({ 'data-1': testCluster('data', 14, { components, tenants }) });
  return loadSite(writeEnvironments({ 'stg/site-b': site }), 'site-b');
}

describe('the tree', () => {
  test('has a folder per cluster and component, one for Applications, and one for what the stack registers', () => {
    const folders = [...renderSite(shopSite())].map(({ path }) => path.slice(0, path.lastIndexOf('/')));
    expect([...new Set(folders)]).toEqual([
      'stg/site-b/registration',
      'stg/site-b/apps',
      'stg/site-b/registration/control',
      'stg/site-b/apps/control',
      'stg/site-b/control/baseline',
      'stg/site-b/registration/data-1',
      'stg/site-b/apps/data-1',
      'stg/site-b/data-1/baseline',
      'stg/site-b/data-1/shop-tenancy',
      'stg/site-b/data-1/shop-services',
    ]);
  });

  test('names files by kind and name, and by namespace where it is not the own one of the folder', () => {
    const objects = [...renderSite(shopSite())];
    expect(Object.keys(inFolder(objects, 'stg/site-b/data-1/shop-services'))).toEqual([
      'Deployment.backend.yaml',
      'Service.backend.yaml',
      'PodDisruptionBudget.backend.yaml',
    ]);
    expect(Object.keys(inFolder(objects, 'stg/site-b/registration/control'))).toContain('Role.argocd-manager.yaml');
  });

  test.each([
    ['alone', {}],
    ['served by another one', { ...testSite({}, { index: 2 }), controlPlane: { site: 'site-b', cluster: 'control' } }],
  ])('is empty for a site without clusters, %s', (_, site) => {
    const empty = { ...site, domain: 'site-a.example.com', clusters: {} };
    const dir = writeEnvironments({ 'stg/site-a': empty, 'stg/site-b': testSite() });
    const loaded = loadSite(dir, 'site-a');
    expect([...renderSite(loaded)]).toEqual([]);
    expect(siteProjects(loaded, planSite(loaded))).toEqual([]);
  });

  test.each(allSites().map((site) => [`${site.environment}/${site.name}`, site] as const))('renders %s', (_, site) => {
    expect([...renderSite(site)].length).toBeGreaterThan(10);
  });
});

describe('app-of-apps', () => {
  test('the root holds an Application per cluster, so that one that is away does not hold up the others', () => {
    const objects = [...renderSite(shopSite())];
    const root = inFolder(objects, 'stg/site-b/registration')['Application.stg-site-b.yaml'];
    expect(root).toMatchObject({
      spec: {
        project: 'stg-site-b-apps',
        source: { repoURL: 'https://git.example.com/scm/platform/manifests.git', path: 'stg/site-b/apps' },
        destination: { name: 'stg-site-b-control', namespace: 'argocd' },
      },
    });
    expect(root?.metadata).not.toHaveProperty('finalizers');
    const clusters = inFolder(objects, 'stg/site-b/apps');
    expect(Object.keys(clusters)).toEqual([
      'Application.stg-site-b-control.yaml',
      'Application.stg-site-b-data-1.yaml',
    ]);
    for (const { metadata } of Object.values(clusters)) {
      expect(metadata.annotations).not.toHaveProperty('argocd.argoproj.io/sync-wave');
    }
    expect(clusters['Application.stg-site-b-data-1.yaml']).toMatchObject({
      spec: { source: { path: 'stg/site-b/apps/data-1' }, destination: { name: 'stg-site-b-control' } },
    });
  });

  test('the Applications of a cluster lie below its own one, and wait for each other by layer', () => {
    const applications = inFolder([...renderSite(shopSite())], 'stg/site-b/apps/data-1');
    const waves = Object.values(applications).map(({ metadata: { name, annotations } }) => [
      name,
      annotations?.['argocd.argoproj.io/sync-wave'],
    ]);
    expect(waves).toEqual([
      ['stg-site-b-data-1-baseline', '10'],
      ['stg-site-b-data-1-shop-tenancy', '30'],
      ['stg-site-b-data-1-shop-services', '31'],
    ]);
  });

  test('an Application goes to its own cluster and namespace, in the project of who owns it', () => {
    const applications = inFolder([...renderSite(shopSite())], 'stg/site-b/apps/data-1');
    const specs = Object.values(applications).map(({ spec }) => spec as { project: string; destination: object });
    expect(specs.map(({ project, destination }) => [project, destination])).toEqual([
      ['stg-site-b-platform', { name: 'stg-site-b-data-1', namespace: 'default' }],
      ['stg-site-b-platform', { name: 'stg-site-b-data-1', namespace: 'shop' }],
      ['stg-site-b-shop', { name: 'stg-site-b-data-1', namespace: 'shop' }],
    ]);
  });

  test('what a cluster needs to work stays when its Application goes; what a tenant has goes with it', () => {
    const applications = Object.values(inFolder([...renderSite(shopSite())], 'stg/site-b/apps/data-1'));
    expect(applications.map(({ metadata }) => 'finalizers' in metadata)).toEqual([false, true, true]);
  });

  test('the Applications of a site that another one serves are made there', () => {
    const served = testSite({ platform: testCluster('platform', 20) }, { index: 2 });
    const clusters = { platform: testCluster('platform', 20) };
    const dir = writeEnvironments({
      'stg/site-b': testSite(),
      'stg/site-a': { ...served, clusters, controlPlane: { site: 'site-b', cluster: 'control' } },
    });
    const objects = [...renderSite(loadSite(dir, 'site-a'))];
    expect(inFolder(objects, 'stg/site-a/registration')['Application.stg-site-a.yaml']).toMatchObject({
      spec: { destination: { name: 'stg-site-b-control' } },
    });
    expect(Object.keys(inFolder(objects, 'stg/site-a/registration/platform'))).not.toContain(
      'Role.argocd-manager.yaml',
    );
  });
});

describe('a data plane', () => {
  test('without tenants has what every plane has', () => {
    const [, data] = planSite(shopSite({}));
    expect(data?.components.map(({ name }) => name)).toEqual(['baseline']);
  });

  test('with a tenant that has no services has no Application for them', () => {
    const { quota } = testPlacement();
    const [, data] = planSite(shopSite({ shop: { quota } }));
    expect(data?.components.map(({ name }) => name)).toEqual(['baseline', 'shop-tenancy']);
  });

  test.each([
    ['one replica unless said otherwise', {}, 1],
    ['no replica where that is said', { replicas: 0 }, 0],
    ['as many as the autoscaler wants', { autoscaling: { minReplicas: 2, maxReplicas: 4 } }, undefined],
  ])('runs a service with %s', (_, service, replicas) => {
    const objects = [...renderSite(shopSite({ shop: testPlacement(service) }))];
    const deployment = inFolder(objects, 'stg/site-b/data-1/shop-services')['Deployment.backend.yaml'];
    expect(deployment).toMatchObject({ kind: 'Deployment' });
    if (replicas === undefined) expect(deployment).not.toHaveProperty('spec.replicas');
    else expect(deployment).toHaveProperty('spec.replicas', replicas);
  });

  test('opens the port of an exposed service that its container listens on', () => {
    const ingress = { host: 'shop.site-1.example.com' };
    const objects = [...renderSite(shopSite({ shop: testPlacement({ port: 9090, ingress }) }))];
    expect(
      inFolder(objects, 'stg/site-b/data-1/shop-tenancy')['NetworkPolicy.backend-allow-ingress.yaml'],
    ).toHaveProperty('spec.ingress.0.ports', [{ protocol: 'TCP', port: 9090 }]);
  });

  test('takes certificates from the issuer of its cert-manager', () => {
    const ingress = { host: 'shop.site-1.example.com' };
    const objects = [...renderSite(shopSite({ shop: testPlacement({ ingress }) }))];
    expect(inFolder(objects, 'stg/site-b/data-1/shop-services')['Ingress.backend.yaml']?.metadata.annotations).toEqual({
      'cert-manager.io/cluster-issuer': 'letsencrypt-staging',
    });
  });

  test('takes the secrets of a service from the Secret that its tenancy makes', () => {
    const secrets = { PASSWORD: 'openbao:shop/backend#password' };
    const objects = [...renderSite(shopSite({ shop: testPlacement({ secrets }) }))];
    const secret = inFolder(objects, 'stg/site-b/data-1/shop-tenancy')['ExternalSecret.backend.yaml'];
    const deployment = inFolder(objects, 'stg/site-b/data-1/shop-services')['Deployment.backend.yaml'];
    expect(secret).toHaveProperty('spec.target.name', 'backend');
    expect(deployment).toHaveProperty('spec.template.spec.containers.0.envFrom.0.secretRef.name', 'backend');
  });
});
