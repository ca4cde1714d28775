import { execa } from 'execa';
import { siteFolder } from '../../apps/app-of-apps.ts';
import type { ManifestsRepository } from '../../environments/model.ts';
import type { Files } from './lock.ts';
import { renderToFiles } from './render.ts';
import { type Changes, RemoteRepository } from './repository.ts';
import { type Selection, selectSites } from './synth.ts';

/** What goes to one branch of one repository. */
interface Target {
  readonly repository: ManifestsRepository;
  readonly folders: Map<string, Files>;
  /** Whether a published folder is that of a site whose file is no longer there. */
  readonly isGone: (folder: string) => boolean;
}

/** What was, or would be, changed in a repository. */
export interface RepositoryReport {
  readonly repository: string;
  readonly branch: string;
  readonly folders: readonly string[];
  readonly changes: Changes;
  /** Commit that the branch is at after a publication. */
  readonly commit?: string;
  /** The difference as text. */
  readonly patch?: string;
}

/**
 * Publishes the selected sites as rendered from their environment files, one commit per repository and branch.
 * @param env variables for git beside those of this process
 * @throws when a site's tree has findings
 */
export async function publish(
  selection: Selection,
  env: Readonly<Record<string, string>> = {},
): Promise<RepositoryReport[]> {
  const revision = await sourceRevision();
  const reports: RepositoryReport[] = [];
  for (const { repository, folders, isGone } of targets(selection)) {
    await using remote = new RemoteRepository(repository, env);
    const subject = `Publish ${[...folders.keys()].join(', ')}`;
    const trailers = revision === undefined ? {} : { 'Source-Revision': revision };
    const { commit, changes } = await remote.publish(folders, { subject, trailers }, isGone);
    reports.push({ ...describe(repository, folders), changes, commit });
  }
  return reports;
}

/** Compares the selected sites, as rendered from their environment files, with what is published. */
export async function diff(selection: Selection, colour: boolean): Promise<RepositoryReport[]> {
  const reports: RepositoryReport[] = [];
  for (const { repository, folders, isGone } of targets(selection)) {
    await using remote = new RemoteRepository(repository);
    const { changes, next } = await remote.compare(folders, isGone);
    reports.push({ ...describe(repository, folders), changes, patch: await remote.patch(next, colour) });
  }
  return reports;
}

function targets(selection: Selection): Target[] {
  const found = new Map<string, Target>();
  const selected = selectSites(selection);
  const known = new Set(selected.map(({ site }) => siteFolder(site)));
  const environments = new Set(selected.map(({ environment }) => environment.name));
  const isGone = (folder: string) =>
    selection.site === undefined && !known.has(folder) && environments.has(folder.split('/')[0] ?? '');
  for (const { site } of selected) {
    const { repository } = site;
    if (repository === undefined) continue;
    const { folder, files, findings } = renderToFiles(site);
    const [finding] = findings;
    if (finding !== undefined) {
      throw new Error(`${finding.file}: '${finding.path}' ${finding.message} (${finding.rule}); see sitewright check`);
    }
    const key = `${repository.url}#${repository.branch}`;
    const target = found.get(key) ?? { repository, folders: new Map(), isGone };
    target.folders.set(folder, files);
    found.set(key, target);
  }
  return [...found.values()];
}

function describe({ url, branch }: ManifestsRepository, folders: ReadonlyMap<string, Files>) {
  return { repository: url, branch, folders: [...folders.keys()] };
}

/** Revision of the project's own repository, marked where there are uncommitted changes. */
async function sourceRevision(): Promise<string | undefined> {
  const git = (...args: string[]) => execa('git', args, { cwd: import.meta.dirname, reject: false });
  const head = await git('rev-parse', 'HEAD');
  if (head.exitCode !== 0) return undefined;
  const status = await git('status', '--porcelain');
  return status.stdout === '' ? head.stdout : `${head.stdout} with uncommitted changes`;
}
