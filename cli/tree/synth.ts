import { loadEnvironments } from '../../environments/load.ts';
import type { Environment, Site } from '../../environments/model.ts';
import { type ClusterReport, type PlacedFinding, type RenderedSite, renderToFiles } from './render.ts';
import { type WriteReport, writeTree } from './write.ts';

/** Which environments and sites. */
export interface Selection {
  /** Folder with the environment files. */
  readonly environments: string;
  /** @default - all */
  readonly environment?: string | undefined;
  /** @default - all */
  readonly site?: string | undefined;
}

/** Outcome of a synth. */
export interface SynthReport {
  readonly clusters: readonly ClusterReport[];
  readonly findings: readonly PlacedFinding[];
  readonly files: WriteReport;
}

/**
 * The selected sites, each with its environment.
 * @throws EnvironmentError where files are wrong, Error where the selection names no site
 */
export function selectSites(selection: Selection): { environment: Environment; site: Site }[] {
  const { environments: dir, environment, site } = selection;
  const environments = loadEnvironments({ dir, environment });
  const all = environments.flatMap((entry) => entry.sites.map((found) => ({ environment: entry, site: found })));
  const selected = site === undefined ? all : all.filter((entry) => entry.site.name === site);
  if (selected.length > 0) return selected;
  const known = [...new Set(all.map((entry) => entry.site.name))].join(', ');
  throw new Error(`--site must be a site of ${environment ?? 'an environment'}, got ${site}; choose one of ${known}`);
}

/** Renders the selected sites. */
export function renderSites(selection: Selection): RenderedSite[] {
  return selectSites(selection).map(({ site }) => renderToFiles(site));
}

/** Renders, checks and writes the selected sites. Sites that no longer exist lose what we own of them. */
export function synth(selection: Selection, out: string): SynthReport {
  const rendered = renderSites(selection);
  const folders = new Map(rendered.map(({ folder, files }) => [folder, files]));
  const files = writeTree(out, folders, (folder) => inSelection(folder, selection));
  return {
    clusters: rendered.flatMap(({ clusters }) => clusters),
    findings: rendered.flatMap(({ findings }) => findings),
    files,
  };
}

/** Whether a folder of a tree, such as `stg/site-b`, is selected, there or not. */
export function inSelection(folder: string, { environment, site }: Selection): boolean {
  const [folderEnvironment, folderSite] = folder.split('/');
  return (environment ?? folderEnvironment) === folderEnvironment && (site ?? folderSite) === folderSite;
}
