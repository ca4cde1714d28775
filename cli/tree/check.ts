import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentHash, readLock } from './lock.ts';
import type { ClusterReport, PlacedFinding, RenderedSite } from './render.ts';
import { inSelection, renderSites, type Selection } from './synth.ts';
import { lockedFolders } from './write.ts';

/** A file of the tree that is not what its environment files say. */
export interface StaleFile {
  readonly file: string;
  readonly state: 'missing' | 'changed by hand' | 'not current' | 'no longer rendered';
}

/** Outcome of a check. */
export interface CheckReport {
  readonly clusters: readonly ClusterReport[];
  readonly findings: readonly PlacedFinding[];
  /** What differs in the tree; `none` where there is no tree. */
  readonly tree: readonly StaleFile[] | 'none';
}

/** Checks environment files, what is rendered from them, and whether a tree in a folder, where one is given, is that. */
export function check(selection: Selection, out: string | undefined): CheckReport {
  const rendered = renderSites(selection);
  return {
    clusters: rendered.flatMap(({ clusters }) => clusters),
    findings: rendered.flatMap(({ findings }) => findings),
    tree: out === undefined || !existsSync(out) ? 'none' : compareTree(selection, out, rendered),
  };
}

function compareTree(selection: Selection, out: string, rendered: readonly RenderedSite[]): StaleFile[] {
  const folders = new Set(rendered.map(({ folder }) => folder));
  const gone = lockedFolders(out).filter((folder) => !folders.has(folder) && inSelection(folder, selection));
  const sites = [...rendered, ...gone.map((folder) => ({ folder, files: new Map() }))];
  return sites.flatMap((site) => compare(out, site));
}

function compare(out: string, { folder, files }: Pick<RenderedSite, 'folder' | 'files'>): StaleFile[] {
  const place = join(out, folder);
  const owned = readLock(place).files;
  const stale: StaleFile[] = [];
  for (const [path, content] of files) {
    const file = join(place, path);
    const found = existsSync(file) ? readFileSync(file) : undefined;
    if (found === undefined) stale.push({ file, state: 'missing' });
    else if (owned[path] !== undefined && owned[path] !== contentHash(found)) {
      stale.push({ file, state: 'changed by hand' });
    } else if (!found.equals(Buffer.from(content))) stale.push({ file, state: 'not current' });
  }
  const gone = Object.keys(owned).filter((path) => !files.has(path) && existsSync(join(place, path)));
  return [...stale, ...gone.map((path): StaleFile => ({ file: join(place, path), state: 'no longer rendered' }))];
}
