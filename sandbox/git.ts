import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Environment } from '../environments/model.ts';
import { ensureSecret } from './argocd.ts';
import { type Daemon, hasEnded } from './daemon.ts';
import type { Accounts } from './git-server.ts';
import { sandboxFiles } from './state.ts';
import { HopelessError } from './wait.ts';

const SERVER = join(import.meta.dirname, 'git-server.ts');

/** What stands where Bitbucket stands: repositories, accounts, and the address that the environment file names. */
export interface GitService {
  readonly daemon: Daemon;
  /** Address that answers `ok` once it serves. */
  readonly health: string;
  /** `user:password` of the account that may only read, for Argo CD. */
  readonly readCredential: string;
  /** Variables with which git publishes to it. */
  readonly env: Readonly<Record<string, string>>;
}

/** Addresses of the repositories that an environment's sites publish to. */
export function repositoryUrls(environment: Environment): string[] {
  return [
    ...new Set(environment.sites.flatMap(({ repository }) => (repository === undefined ? [] : [repository.url]))),
  ];
}

/** Makes the bare repositories and accounts that an environment's sites name, unless they are there. */
export async function prepareGit(stateDir: string, environment: Environment): Promise<GitService> {
  const files = sandboxFiles(stateDir);
  const urls = repositoryUrls(environment).map((url) => new URL(url));
  const [first] = urls;
  if (first === undefined) throw new Error(`${environment.name}: must have a site with clusters, got none; add one`);
  for (const url of urls) {
    if (url.origin !== first.origin || url.hostname !== '127.0.0.1' || !url.pathname.startsWith('/scm/')) {
      throw new Error(
        `${url.href}: must be like http://127.0.0.1:7990/scm/repository.git to be served here; change it`,
      );
    }
    const dir = join(files.repositories, url.pathname.replace('/scm/', ''));
    if (existsSync(join(dir, 'config'))) continue;
    mkdirSync(dir, { recursive: true });
    await execa('git', ['init', '--quiet', '--bare', '--initial-branch=main', dir]);
  }
  const read = ensureSecret(join(stateDir, 'git-read-password'));
  const write = ensureSecret(join(stateDir, 'git-write-password'));
  const accounts: Accounts = {
    argocd: { password: read, write: false },
    publisher: { password: write, write: true },
  };
  const accountsFile = join(stateDir, 'git-accounts.json');
  writeFileSync(accountsFile, JSON.stringify(accounts), { mode: 0o600 });
  writeFileSync(files.gitCredentials, `http://publisher:${write}@${first.host}\n`, { mode: 0o600 });
  return {
    daemon: {
      name: 'git',
      command: [process.execPath, SERVER, files.repositories, first.port, accountsFile],
      pidFile: join(files.run, 'git.pid'),
      logFile: join(files.log, 'git.log'),
    },
    health: `${first.origin}/healthz`,
    readCredential: `argocd:${read}`,
    env: gitEnv(stateDir, first.origin),
  };
}

/** Variables with which git finds the credential that publishes. */
export function gitEnv(stateDir: string, origin: string): Record<string, string> {
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `credential.${origin}.helper`,
    GIT_CONFIG_VALUE_0: `store --file='${sandboxFiles(stateDir).gitCredentials}'`,
  };
}

/**
 * Whether the git server answers.
 * @throws HopelessError when it has ended, as it does when its port is somebody else's
 */
export async function answers({ daemon, health, readCredential }: GitService): Promise<boolean> {
  if (hasEnded(daemon.pidFile)) {
    throw new HopelessError(`git has ended; its log ends with:\n${tail(daemon.logFile, 12)}`);
  }
  const authorization = `Basic ${Buffer.from(readCredential).toString('base64')}`;
  const request = fetch(health, { headers: { authorization }, signal: AbortSignal.timeout(2_000) });
  return (await request.catch(() => undefined))?.status === 200;
}

/** The last lines of a log, for an error message. */
export function tail(file: string, lines = 5): string {
  if (!existsSync(file)) return '';
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}
