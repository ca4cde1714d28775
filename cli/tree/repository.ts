import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExecaError, execa, type Options } from 'execa';
import type { ManifestsRepository } from '../../environments/model.ts';
import { type Files, inTheWay, LOCK_FILE, parseLock } from './lock.ts';

/** How often a push is tried anew when another one came first. */
const PUSH_ATTEMPTS = 5;
const BRANCH = 'refs/heads/next';
const FALLBACK_IDENTITY = 'sitewright <sitewright@localhost>';
/** How git says that somebody else's push came first. */
const RACE = /\[rejected\]|fetch first|cannot lock ref|failed to update ref|incorrect old value/;

/** What a commit changes: paths in the repository. */
export interface Changes {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** Outcome of a publication. */
export interface Publication {
  /** Commit that the branch is at. */
  readonly commit: string;
  readonly changes: Changes;
}

/** Texts of a commit. */
export interface CommitMessage {
  readonly subject: string;
  /** `Key: value` lines at its end. */
  readonly trailers: Readonly<Record<string, string>>;
}

/**
 * A manifests repository, worked on in a bare clone of its newest commit. Credentials are git's own business: its
 * helpers, its SSH, its environment.
 */
export class RemoteRepository implements AsyncDisposable {
  private readonly remote: ManifestsRepository;
  private readonly env: Readonly<Record<string, string>>;
  private readonly dir = mkdtempSync(join(tmpdir(), 'sitewright-publish-'));
  private base: string | undefined;

  /** @param env variables for git beside those of this process */
  constructor(remote: ManifestsRepository, env: Readonly<Record<string, string>> = {}) {
    this.remote = remote;
    this.env = env;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** What publishing `folders` would change, and a commit with it that is nowhere published. */
  async compare(
    folders: ReadonlyMap<string, Files>,
    isGone: (folder: string) => boolean = () => false,
  ): Promise<{ changes: Changes; next: string }> {
    await this.fetch();
    const changes = await this.plan(folders, isGone);
    return { changes, next: await this.commit(folders, changes, { subject: 'Compare', trailers: {} }) };
  }

  /** The difference between what is published and a commit of ours, as git shows it. */
  async patch(next: string, colour: boolean): Promise<string> {
    const from = this.base ?? (await this.git('hash-object', '-t', 'tree', '/dev/null'));
    // Locks say the same once more, in hashes.
    const paths = ['.', `:(exclude,glob)**/${LOCK_FILE}`];
    return this.git('diff', `--color=${colour ? 'always' : 'never'}`, '--stat', '--patch', from, next, '--', ...paths);
  }

  /**
   * Publishes folders as one commit: theirs is the new content, files that they no longer have go, foreign files stay.
   * When another push comes first, it is done again on top of that. Where nothing changes, nothing is pushed.
   * @param isGone whether a published folder with a lock, such as `stg/site-b`, is to lose what we own of it
   */
  async publish(
    folders: ReadonlyMap<string, Files>,
    message: CommitMessage,
    isGone: (folder: string) => boolean = () => false,
  ): Promise<Publication> {
    for (let attempt = 1; ; attempt += 1) {
      await this.fetch();
      const changes = await this.plan(folders, isGone);
      if (this.base !== undefined && isEmpty(changes)) return { commit: this.base, changes };
      const commit = await this.commit(folders, changes, message);
      try {
        await this.git('push', '--porcelain', this.remote.url, `${commit}:refs/heads/${this.remote.branch}`);
        return { commit, changes };
      } catch (error) {
        if (!RACE.test(outputOf(error)) || attempt === PUSH_ATTEMPTS) throw this.refusal(error, 'be writable');
        await sleep(100 * attempt);
      }
    }
  }

  private async fetch(): Promise<void> {
    const { url, branch } = this.remote;
    await this.git('init', '--quiet', '--bare', '--object-format=sha1');
    this.base = undefined;
    try {
      const found = await this.git('ls-remote', '--heads', url, `refs/heads/${branch}`);
      if (found === '') return;
      await this.git('fetch', '--quiet', '--depth=1', url, `refs/heads/${branch}`);
    } catch (error) {
      throw this.refusal(error, 'be readable');
    }
    this.base = await this.git('rev-parse', 'FETCH_HEAD');
  }

  /** What the repository had against it. The command line and git's traces, which it leaves out, can hold secrets. */
  private refusal(error: unknown, rule: string): unknown {
    if (!(error instanceof ExecaError) || error.exitCode === undefined) return error;
    const lines = outputOf(error)
      .split('\n')
      .filter((line) => /^(fatal|error|remote): |^!/.test(line))
      .map((line) => line.replace(/\s+/g, ' ').trim());
    const reason = lines.join(', ').replace(/\/\/[^\s/@]+@/g, '//') || `exit code ${error.exitCode}`;
    const { url, branch } = this.remote;
    return new Error(`${url} (${branch}): must ${rule}, got ${reason}; check the address and git's credential for it`);
  }

  private async plan(folders: ReadonlyMap<string, Files>, isGone: (folder: string) => boolean): Promise<Changes> {
    const changes = { added: [] as string[], changed: [] as string[], removed: [] as string[] };
    const gone = (await this.lockedFolders()).filter((folder) => !folders.has(folder) && isGone(folder));
    const all = [...folders, ...gone.map((folder): [string, Files] => [folder, new Map()])];
    for (const [folder, files] of all) {
      const present = await this.list(folder);
      const owned = await this.owned(folder, present);
      const same = new Set<string>();
      for (const [path, content] of files) {
        const before = present.get(path);
        if (before === blobHash(content)) same.add(path);
        else changes[before === undefined ? 'added' : 'changed'].push(`${folder}/${path}`);
      }
      const isOurs = (path: string) => owned.has(path) || path === LOCK_FILE;
      const obstacle = inTheWay(
        files,
        [...present.keys()].filter((path) => !same.has(path) && !isOurs(path)),
      );
      if (obstacle !== undefined) throw this.foreignFile(`${folder}/${obstacle}`);
      for (const path of present.keys())
        if (!files.has(path) && isOurs(path)) changes.removed.push(`${folder}/${path}`);
    }
    return changes;
  }

  /** The published sites' folders. */
  private async lockedFolders(): Promise<string[]> {
    if (this.base === undefined) return [];
    const listed = await this.git('ls-tree', '-r', '-z', '--name-only', this.base);
    const locks = listed
      .split('\0')
      .filter((path) => /^[^/]+\/[^/]+\/[^/]+$/.test(path) && path.endsWith(`/${LOCK_FILE}`));
    return locks.map((path) => path.slice(0, -LOCK_FILE.length - 1));
  }

  /** Writes a commit on top of what is published; nothing points to it yet. */
  private async commit(
    folders: ReadonlyMap<string, Files>,
    changes: Changes,
    { subject, trailers }: CommitMessage,
  ): Promise<string> {
    const now = `${Math.floor(Date.now() / 1000)} +0000`;
    const author = await this.identity();
    const lines = Object.entries(trailers).map(([key, value]) => `${key}: ${value}`);
    const text = [subject, ...(lines.length > 0 ? ['', ...lines] : [])].join('\n');
    const parts: string[] = [
      `reset ${BRANCH}\n\ncommit ${BRANCH}\nauthor ${author} ${now}\ncommitter ${author} ${now}\n`,
      `data ${Buffer.byteLength(text)}\n${text}\n`,
      this.base === undefined ? '' : `from ${this.base}\n`,
    ];
    const written = new Set([...changes.added, ...changes.changed]);
    // First what goes: a file may take the place of a folder, or the other way round.
    for (const name of changes.removed) parts.push(`D ${quote(name)}\n`);
    for (const [folder, files] of folders) {
      for (const [path, content] of files) {
        const name = `${folder}/${path}`;
        if (!written.has(name)) continue;
        parts.push(`M 100644 inline ${quote(name)}\ndata ${Buffer.byteLength(content)}\n${content}\n`);
      }
    }
    await this.run(['fast-import', '--quiet', '--force'], { input: parts.join('') });
    return this.git('rev-parse', BRANCH);
  }

  /** Who publishes, by git's settings or environment; CI often has neither, and git would take the name of the machine. */
  private async identity(): Promise<string> {
    const { stdout, failed } = await this.run(['-c', 'user.useConfigOnly=true', 'var', 'GIT_AUTHOR_IDENT'], {
      reject: false,
    });
    return failed ? FALLBACK_IDENTITY : String(stdout).replace(/ \d+ [+-]\d+$/, '');
  }

  /** The files below a folder of the published tree, with the hashes of their contents. */
  private async list(folder: string): Promise<Map<string, string>> {
    if (this.base === undefined) return new Map();
    const above = toEntries(await this.git('ls-tree', '-z', this.base, '--', dirname(folder), folder));
    const blocked = above.find(({ type }) => type !== 'tree');
    if (blocked !== undefined) throw this.foreignFile(blocked.name);
    const entries = toEntries(await this.git('ls-tree', '-r', '-z', this.base, '--', `${folder}/`));
    return new Map(entries.map(({ name, id }) => [name.slice(folder.length + 1), id]));
  }

  private foreignFile(name: string): Error {
    return new Error(`${name}: must not be in ${this.remote.url}, got a file that is not ours; move it`);
  }

  private async owned(folder: string, present: ReadonlyMap<string, string>): Promise<Set<string>> {
    const blob = present.get(LOCK_FILE);
    if (blob === undefined) return new Set();
    const where = `${folder}/${LOCK_FILE} in ${this.remote.url}`;
    return new Set(Object.keys(parseLock(await this.git('cat-file', 'blob', blob), where).files));
  }

  private async git(...args: string[]): Promise<string> {
    return String((await this.run(args)).stdout);
  }

  private run(args: readonly string[], options: Options = {}) {
    return execa('git', ['--git-dir', this.dir, '-c', 'gc.auto=0', ...args], {
      ...options,
      env: { GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C', ...this.env },
    });
  }
}

function isEmpty({ added, changed, removed }: Changes): boolean {
  return added.length + changed.length + removed.length === 0;
}

/** The hash that git gives to a content. */
function blobHash(content: string): string {
  return hash('sha1', `blob ${Buffer.byteLength(content)}\0${content}`, 'hex');
}

/** Understands what `git ls-tree -z` prints. */
function toEntries(listed: string): { type: string; id: string; name: string }[] {
  return listed
    .split('\0')
    .filter(Boolean)
    .map((entry) => {
      const tab = entry.indexOf('\t');
      const [, type = '', id = ''] = entry.slice(0, tab).split(' ');
      return { type, id, name: entry.slice(tab + 1) };
    });
}

function outputOf(error: unknown): string {
  return error instanceof ExecaError ? `${error.stderr ?? ''}\n${error.stdout ?? ''}` : '';
}

function quote(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
