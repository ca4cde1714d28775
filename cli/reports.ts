import { styled, table } from './output.ts';
import type { ClusterReport, PlacedFinding } from './tree/render.ts';
import type { RepositoryReport } from './tree/publish.ts';

/** What was rendered for each cluster. */
export function clustersTable(clusters: readonly ClusterReport[]): string {
  const head = ['environment', 'site', 'cluster', 'components', 'objects', 'findings'];
  const rows = clusters.map(({ environment, site, cluster, components, declared, objects, findings }) => [
    environment,
    site,
    cluster,
    // Named in the environment file, but nothing is rendered for it yet.
    declared === 0 ? `${components}` : `${components} ${styled('dim', `(+${declared} declared)`)}`,
    objects,
    findings === 0 ? findings : styled('red', String(findings)),
  ]);
  return table(head, rows);
}

/** Each finding on a line. */
export function findingsList(findings: readonly PlacedFinding[]): string {
  return findings
    .map(({ file, path, message, rule }) => `${file}: '${path}' ${message} ${styled('dim', `(${rule})`)}`)
    .join('\n');
}

/** What was, or would be, published to each repository. */
export function repositoriesTable(reports: readonly RepositoryReport[]): string {
  const head = ['repository', 'branch', 'folders', 'added', 'changed', 'removed', 'commit'];
  const rows = reports.map(({ repository, branch, folders, changes, commit }) => [
    repository,
    branch,
    folders.join(' '),
    changes.added.length,
    changes.changed.length,
    changes.removed.length,
    commit?.slice(0, 7) ?? '-',
  ]);
  return table(head, rows);
}
