import { App } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Manifest } from '../../apps/site.ts';
import { Component } from '../../constructs/component.ts';

/** Renders what `build` adds to a component of stg, site-b, data-1. */
export function renderConstruct(build: (scope: Construct) => void): Manifest[] {
  const chart = new Component(new App(), 'test', { environment: 'stg', site: 'site-b', cluster: 'data-1' });
  build(chart);
  return chart.toJson() as Manifest[];
}

/** The one object of a kind, and of a name where there are several. */
export function theOne(manifests: readonly Manifest[], kind: string, name?: string): Manifest {
  const found = manifests.filter(
    (manifest) => manifest.kind === kind && [undefined, manifest.metadata.name].includes(name),
  );
  const [manifest] = found;
  if (manifest === undefined || found.length > 1)
    throw new Error(`expected one ${kind} ${name ?? ''}, got ${found.length}`);
  return manifest;
}

/** Kind and name of each object. */
export function namesOf(manifests: readonly Manifest[]): string[] {
  return manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
}
