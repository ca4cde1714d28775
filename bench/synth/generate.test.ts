import { describe, expect, it } from 'vitest';
import { loadFiles } from '../../test/helpers/environment-files.ts';
import { GENERATED_FILE, siteFile } from './generate.ts';

describe('siteFile', () => {
  it.each([1, 10])('describes a site with %i clusters that loads without problems', (clusters) => {
    const [environment] = loadFiles({ [GENERATED_FILE]: siteFile(clusters) });
    const planes = environment?.sites.flatMap((site) => site.clusters.map(({ plane }) => plane));
    expect(planes).toEqual(['control', ...Array.from({ length: clusters - 1 }, () => 'data')]);
  });

  it('gives each data plane two tenants with a service', () => {
    const [environment] = loadFiles({ [GENERATED_FILE]: siteFile(2) });
    const tenants = environment?.sites[0]?.clusters[1]?.tenants ?? {};
    expect(Object.values(tenants).map(({ services }) => Object.keys(services))).toEqual([['backend'], ['backend']]);
  });

  it('refuses more clusters than there are ranges', () => {
    expect(() => siteFile(257)).toThrow("generate: 'clusters' must be from 1 to 256, got 257; choose another number");
  });
});
