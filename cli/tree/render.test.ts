import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import type { Site } from '../../environments/model.ts';
import {
  allSites,
  loadSite,
  testCluster,
  testPlacement,
  testSite,
  writeEnvironments,
} from '../../test/helpers/environments.ts';
import { contentHash, LOCK_FILE } from './lock.ts';
import { renderToFiles } from './render.ts';

/** A site whose data planes, by their names, hold the tenants that are named. */
function siteWith(dataPlanes: Readonly<Record<string, readonly string[]>>, service = {}): Site {
  const clusters = Object.entries(dataPlanes).map(([name, tenants], index) => {
    const placements = Object.fromEntries(tenants.map((tenant) => [tenant, testPlacement(service)]));
    return [name, testCluster('data', 20 + index * 3, { components: { fluentd: {} }, tenants: placements })];
  });
  const owner = { owner: 'shop@example.com', group: 'shop-developers' };
  const tenants = Object.fromEntries(Object.values(dataPlanes).flatMap((names) => names.map((name) => [name, owner])));
  const site = { ...testSite(Object.fromEntries(clusters)), tenants };
  return loadSite(writeEnvironments({ 'stg/site-b': site }), 'site-b');
}

describe.each(allSites().map((site) => [`${site.environment}/${site.name}`, site] as const))('%s', (folder, site) => {
  const { files, findings, ...rendered } = renderToFiles(site);

  test('has a lock with the hash of every other file', () => {
    const { files: hashes } = JSON.parse(files.get(LOCK_FILE) ?? '{}') as { files: Record<string, string> };
    const contents = [...files].filter(([path]) => path !== LOCK_FILE);
    expect(hashes).toEqual(Object.fromEntries(contents.map(([path, content]) => [path, contentHash(content)])));
    expect(rendered.folder).toBe(folder);
    expect(findings).toEqual([]);
  });

  test('reads the same by the rules of YAML 1.1, which Kubernetes keeps to, and of 1.2', () => {
    for (const [path, content] of files) {
      if (path === LOCK_FILE) continue;
      expect(parse(content, { version: '1.1' })).toEqual(parse(content, { version: '1.2' }));
      expect(content).toMatch(/^apiVersion: .+\nkind: .+\n[^]*\n$/);
    }
  });
});

test('a text that looks like something else stays a text', () => {
  const env = {
    A: 'on',
    B: 'no',
    C: '0755',
    D: '1e3',
    E: 'null',
    F: '',
    G: '1:30',
    H: ' x ',
    I: 'a: b # c',
    J: '2024-01-01',
    K: '~',
    L: '0x1F',
  };
  const { files } = renderToFiles(siteWith({ 'data-1': ['shop'] }, { env }));
  const text = files.get('data-1/shop-services/Deployment.backend.yaml') ?? '';
  for (const version of ['1.1', '1.2'] as const) {
    const { containers } = parse(text, { version }).spec.template.spec;
    expect(containers[0].env).toEqual(Object.entries(env).map(([name, value]) => ({ name, value })));
  }
});

test('a cluster is reported with what was rendered of it and what was not yet', () => {
  const { clusters } = renderToFiles(siteWith({ 'data-1': ['shop'] }));
  expect(
    clusters.map(({ cluster, components, declared, findings }) => ({ cluster, components, declared, findings })),
  ).toEqual([
    { cluster: 'control', components: 1, declared: 0, findings: 0 },
    { cluster: 'data-1', components: 3, declared: 1, findings: 0 },
  ]);
});

test('every object counts for the cluster that it is about', () => {
  const { clusters, files } = renderToFiles(siteWith({ 'data-1': ['shop'] }));
  expect(clusters.reduce((sum, { objects }) => sum + objects, 0)).toBe(files.size - 1);
});

test('a site without clusters has no files, and so no lock', () => {
  const site = loadSite(writeEnvironments({ 'stg/site-b': { domain: 'site-b.example.com' } }), 'site-b');
  expect(renderToFiles(site)).toEqual({ folder: 'stg/site-b', files: new Map(), clusters: [], findings: [] });
});

test('two objects that would be one in the cluster are an error that names both', () => {
  const site = siteWith({ data: ['shop'], other: [] });
  const clusters = site.clusters.map((cluster) =>
    cluster.name === 'other' ? { ...cluster, endpoint: 'stg-site-b-data-baseline' } : cluster,
  );
  expect(() => renderToFiles({ ...site, clusters })).toThrow(
    'stg/site-b/apps/data/Application.stg-site-b-data-baseline.yaml: must be an object of its own, got the one of ' +
      'stg/site-b/apps/Application.stg-site-b-data-baseline.yaml; rename a cluster or component',
  );
});
