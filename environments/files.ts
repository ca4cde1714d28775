import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isYaml, type Problem, show, suggest } from './problem.ts';
import { NAME_PATTERN } from './scalars.ts';

/** Where an environment file is, and what its place says. */
export interface FoundFile {
  readonly environment: string;
  readonly name: string;
  readonly file: string;
}

/** Which environments to load. */
export interface LoadOptions {
  /** Folder with one folder per environment. */
  readonly dir: string;
  /** Only this environment. @default - all */
  readonly environment?: string | undefined;
}

/** What to do where a folder cannot be read. */
const FIXES: Readonly<Record<string, readonly [value: string, fix: string]>> = {
  ENOENT: ['nothing', 'create it, or name another one'],
  ENOTDIR: ['a file', 'name the folder that holds the environments'],
};

/** The environment files of a folder, sorted by environment and site. Hidden files and folders are none of ours. */
export function findFiles({ dir, environment }: LoadOptions): { files: FoundFile[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const problem = (file: string, rule: string, value: string, fix: string) => {
    problems.push({ file, line: 1, column: 1, path: [], rule, value, fix });
  };
  const list = (folder: string): Dirent[] => {
    try {
      const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !name.startsWith('.'));
      return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'an error';
      const [value, fix] = FIXES[code] ?? [code, 'check its permissions'];
      problem(folder, 'be readable', value, fix);
      return [];
    }
  };
  // The code that reads environments stands beside them: a folder is an environment when it holds YAML.
  const environments = new Map(
    list(dir)
      .filter((entry) => isFolder(dir, entry))
      .map(({ name }) => [name, list(join(dir, name)).filter((entry) => isYaml(entry.name))] as const)
      .filter(([, entries]) => entries.length > 0),
  );
  if (problems.length > 0) return { files: [], problems };
  const names = [...environments.keys()];
  if (names.length === 0) {
    problem(dir, 'hold an environment', 'no folder with .yaml files', 'add one, like stg/site-a.yaml');
  } else if (environment !== undefined && !names.includes(environment)) {
    problem(join(dir, environment), 'be an environment', 'no folder with .yaml files', suggest(environment, names));
  }
  const files: FoundFile[] = [];
  for (const [folder, entries] of environments) {
    if (environment !== undefined && folder !== environment) continue;
    if (!NAME_PATTERN.test(folder)) {
      problem(join(dir, folder), 'be named like an environment', show(folder), 'rename it to a name like stg');
      continue;
    }
    const sites = new Map<string, string>();
    for (const entry of entries) {
      const file = join(dir, folder, entry.name);
      const name = entry.name.replace(/\.[^.]*$/, '');
      const twin = sites.get(name);
      if (!NAME_PATTERN.test(name)) {
        problem(file, 'be named like a site', show(entry.name), 'rename it to a name like site-a.yaml');
      } else if (twin !== undefined) {
        problem(file, 'be the only file of its site', `${twin} beside it`, 'keep one of them');
      } else {
        files.push({ environment: folder, name, file });
      }
      sites.set(name, entry.name);
    }
  }
  return { files, problems };
}

/** A link to a folder is one as well; where it leads nowhere, it is none. */
function isFolder(dir: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  try {
    return statSync(join(dir, entry.name)).isDirectory();
  } catch {
    return false;
  }
}
