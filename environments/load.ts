import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { checkEnvironments, type Draft } from './checks/index.ts';
import type { Cluster, Environment, ManifestsRepository, Site } from './model.ts';
import { EnvironmentError, type Path, type Problem, SourceFile, schemaProblems, show, suggest } from './problem.ts';
import { SiteFile } from './schema.ts';

/** Largest environment file. A site with thousands of clusters is well below it. */
const MAX_BYTES = 16 * 1024 * 1024;
/** How often aliases may repeat content, so that a small file cannot grow without bound. */
const MAX_ALIASES = 10_000;
const NAME = /^[a-z]([a-z0-9-]{0,22}[a-z0-9])?$/;
const START = { line: 1, column: 1, path: [] };
/** What to do about the parser's commonest errors, by their code. */
const SYNTAX_FIXES: Readonly<Record<string, string>> = {
  BAD_INDENT: 'indent it like its neighbours',
  DUPLICATE_KEY: 'keep one of the two',
  MISSING_CHAR: 'close the quote or bracket, or add the colon',
  TAB_AS_INDENT: 'indent with spaces',
};

/** Which environments to load. */
export interface LoadOptions {
  /** Folder with one folder per environment. */
  readonly dir: string;
  /** Only this environment. @default - all */
  readonly environment?: string | undefined;
}

/** A file as it was read, before it is known to be right. */
interface ReadSite {
  readonly environment: string;
  readonly name: string;
  readonly source: SourceFile;
  readonly raw: unknown;
  readonly problems: readonly Problem[];
}

/**
 * Reads and checks environments, sorted by name.
 * @throws EnvironmentError with every problem of every file
 */
export function loadEnvironments(options: LoadOptions): Environment[] {
  const problems: Problem[] = [];
  const files = findFiles(options, problems);
  const sites = files.map(({ environment, name, file }) => readSite(environment, name, file));
  problems.push(...sites.flatMap((site) => site.problems));
  problems.push(...checkEnvironments(sites.map(toDraft)));
  if (problems.length > 0) throw new EnvironmentError(sortProblems(problems));

  const environments = new Map<string, Site[]>();
  for (const { environment, name, source, raw } of sites) {
    const site = toSite(environment, name, source.file, SiteFile.parse(raw));
    environments.set(environment, [...(environments.get(environment) ?? []), site]);
  }
  return [...environments].map(([name, list]) => ({ name, sites: list.map((site) => link(site, list)) }));
}

function findFiles(
  { dir, environment }: LoadOptions,
  problems: Problem[],
): { environment: string; name: string; file: string }[] {
  const problem = (file: string, rule: string, value: string, fix: string) =>
    problems.push({ file, ...START, rule, value, fix });
  const list = (folder: string) => {
    try {
      return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      problem(folder, 'be a folder that can be read', (error as NodeJS.ErrnoException).code ?? 'an error', 'create it');
      return [];
    }
  };
  const yaml = (folder: string) => list(join(dir, folder)).filter(({ name }) => /\.ya?ml$/.test(name));
  const folders = list(dir).filter((entry) => entry.isDirectory());
  // The code that reads environments stands beside them: a folder is an environment when it holds YAML.
  const names = folders.map(({ name }) => name).filter((name) => yaml(name).length > 0);
  if (problems.length > 0) return [];
  if (names.length === 0) {
    problem(dir, 'hold an environment', 'no folder with .yaml files', 'add one, like stg/site-a.yaml');
  } else if (environment !== undefined && !names.includes(environment)) {
    problem(join(dir, environment), 'be an environment', 'no folder with .yaml files', suggest(environment, names));
  }
  const found: { environment: string; name: string; file: string }[] = [];
  for (const folder of names.filter((name) => environment === undefined || name === environment)) {
    if (!NAME.test(folder)) {
      problem(join(dir, folder), 'be named like an environment', show(folder), 'rename the folder to a name like stg');
      continue;
    }
    const sites = new Map<string, string>();
    for (const entry of yaml(folder)) {
      const file = join(dir, folder, entry.name);
      const name = entry.name.replace(/\.ya?ml$/, '');
      const twin = sites.get(name);
      if (!NAME.test(name)) {
        problem(file, 'be named like a site', show(entry.name), 'rename it to a name like site-a.yaml');
      } else if (twin !== undefined) {
        problem(file, 'be the only file of its site', `${twin} too`, 'keep one of them');
      } else found.push({ environment: folder, name, file });
      sites.set(name, file);
    }
  }
  return found;
}

function readSite(environment: string, name: string, file: string): ReadSite {
  const lines = new LineCounter();
  const failed = (rule: string, value: string, fix: string, place: { line: number; col: number }): Problem => ({
    file,
    line: Math.max(place.line, 1),
    column: Math.max(place.col, 1),
    path: [],
    rule,
    value,
    fix,
  });
  const start = { line: 1, col: 1 };
  const broken = (problems: Problem[]): ReadSite => {
    return { environment, name, source: new SourceFile(file, parseDocument(''), lines), raw: undefined, problems };
  };
  try {
    const { size } = statSync(file);
    if (size > MAX_BYTES) {
      return broken([failed(`have at most ${MAX_BYTES} bytes`, `${size}`, 'split it into several sites', start)]);
    }
    const document = parseDocument(readFileSync(file, 'utf8'), {
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: true,
      merge: true,
    });
    if (document.errors.length > 0) {
      return broken(
        // The parser's own message may quote the file, and so a secret in it: its code says as much.
        document.errors.map(({ code, pos }) => {
          const fix = SYNTAX_FIXES[code] ?? 'check indentation, quotes and brackets here';
          return failed('be YAML', code.toLowerCase().replaceAll('_', ' '), fix, lines.linePos(pos[0]));
        }),
      );
    }
    const raw: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    const source = new SourceFile(file, document, lines);
    return { environment, name, source, raw, problems: schemaProblems(source, SiteFile, raw) };
  } catch (error) {
    // Reading failed, or aliases or nesting went too deep; the message could quote the file.
    const { code, name: kind } = error as NodeJS.ErrnoException;
    const fix =
      code === undefined ? 'use fewer aliases and less nesting' : 'check that the file is there and its permissions';
    return broken([failed('be readable', code ?? kind, fix, start)]);
  }
}

/** What can be used of a file that may have problems: the parts that are right, for the checks across files. */
function toDraft({ environment, name, source, raw, problems }: ReadSite): Draft {
  const draft = structuredClone(typeof raw === 'object' && raw !== null ? raw : {}) as Draft['site'];
  for (const { path } of problems) remove(draft, path);
  return { environment, name, source, site: draft };
}

function remove(tree: unknown, path: Path): void {
  const [key, ...rest] = path;
  if (typeof tree !== 'object' || tree === null || key === undefined) return;
  const node = tree as Record<string | number, unknown>;
  // The name stays known, so that references to it are not reported as well.
  if (rest.length === 0) node[key] = undefined;
  else remove(node[key], rest);
}

function toSite(environment: string, name: string, file: string, settings: SiteFile): Site {
  const clusters = Object.entries(settings.clusters).map(
    ([cluster, rest]): Cluster => ({ ...rest, name: cluster, endpoint: `${environment}-${name}-${cluster}` }),
  );
  return { ...settings, environment, name, file, clusters, servedBy: undefined, repository: undefined };
}

/** Resolves what a site refers to in the others. The checks have made sure that it is there. */
function link(site: Site, sites: readonly Site[]): Site {
  const { site: servingSite, cluster } = site.controlPlane ?? { site: site.name, cluster: undefined };
  const servedBy = sites
    .find(({ name }) => name === servingSite)
    ?.clusters.find(({ name, plane }) => plane === 'control' && (cluster === undefined || name === cluster));
  return { ...site, servedBy, repository: toRepository(site, sites) };
}

function toRepository({ manifests }: Site, sites: readonly Site[]): ManifestsRepository | undefined {
  if (manifests === undefined) return undefined;
  const [site, service] = manifests.service.split('/') as [string, string];
  const base = sites.find(({ name }) => name === site)?.externalServices[service]?.url;
  if (base === undefined) return undefined;
  const url = `${base.replace(/\/$/, '')}/${manifests.repository}`;
  return { url, branch: manifests.branch, credential: manifests.credential };
}

function sortProblems(problems: readonly Problem[]): Problem[] {
  const key = ({ file, line, column, path }: Problem) =>
    `${file}\0${String(line).padStart(9, '0')}\0${String(column).padStart(9, '0')}\0${path.join('.')}`;
  return problems
    .map((problem) => [key(problem), problem] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, p]) => p);
}
