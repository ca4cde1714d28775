import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderSite } from '../apps/site.ts';
import { allSites } from '../test/helpers/environments.ts';
import { deployment } from '../test/helpers/manifests.ts';
import { checkManifest, type Manifest, RULES } from './index.ts';

test('rules have names and descriptions of their own', () => {
  expect(new Set(RULES.map(({ name }) => name)).size).toBe(RULES.length);
  for (const { name, description } of RULES) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(description).toMatch(/^[A-Z].*\.$/);
  }
});

test('a finding says which rule, where and what to do; all rules are looked at', () => {
  const bad = deployment({ image: 'app:latest', livenessProbe: undefined });
  expect(checkManifest({ ...bad, metadata: { name: 'it' } }).map(({ rule }) => rule)).toEqual([
    'pinned-images',
    'probes',
    'own-labels',
    'own-labels',
    'own-labels',
  ]);
  expect(checkManifest(bad)[0]).toEqual({
    rule: 'pinned-images',
    path: 'spec.template.spec.containers[0].image',
    message: 'must have an exact version or a digest, got app:latest; add one',
  });
});

test.each(allSites().map((site) => [`${site.environment}/${site.name}`, site] as const))(
  '%s breaks no rule',
  (_, site) => {
    const findings = [...renderSite(site)].flatMap(({ path, manifest }) =>
      checkManifest(manifest).map((finding) => ({ file: path, ...finding })),
    );
    expect(findings).toEqual([]);
  },
);

test('an object of any form is judged, never a crash', () => {
  const kinds = ['Deployment', 'CronJob', 'Pod', 'Secret', 'Role', 'AppProject', 'Application', 'Namespace', 'Other'];
  const fields = [
    'spec',
    'rules',
    'data',
    'metadata',
    'template',
    'containers',
    'destinations',
    'volumes',
    'securityContext',
  ];
  const key = fc.oneof(fc.constantFrom(...fields), fc.string());
  const value = fc.object({ key, maxDepth: 5 });
  fc.assert(
    fc.property(fc.constantFrom(...kinds), value, (kind, object) => {
      const manifest = { metadata: {}, ...object, kind } as unknown as Manifest;
      for (const { message, path } of checkManifest(manifest)) {
        expect(path).not.toBe('');
        expect(message).toMatch(/^must .*, got .*; /s);
      }
    }),
  );
});
