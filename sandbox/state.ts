import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { LocalCluster } from './control-plane.ts';

/** How the clusters of a sandbox come to be: with real nodes, with simulated ones, or from somewhere else. */
export type Mode = 'nodes' | 'kwok' | 'contexts';

/** What a sandbox is, as kept between commands. */
export interface SandboxState {
  readonly mode: Mode;
  /** Environment file folder and environment that it was started with. */
  readonly environmentsDir: string;
  readonly environment: string;
  /** Short name that its network interfaces and cgroups carry. */
  readonly slug: string;
  /** Clusters on this machine, by name in the environment file. Empty with `contexts`. */
  readonly clusters: Readonly<Record<string, LocalCluster>>;
  /** Kubeconfig that leads to the clusters: the sandbox's own, or with `contexts` the user's. */
  readonly kubeconfig: string;
  /** Kubeconfig context of each cluster, by name in the environment file. */
  readonly contexts: Readonly<Record<string, string>>;
  /** Name of the cluster that Argo CD's objects lie in. */
  readonly control: string;
  /** Addresses of the repositories that stand where Bitbucket stands. */
  readonly repositories: readonly string[];
  /** Ports of the processes beside the clusters, on loopback. */
  readonly ports: Readonly<Record<'redis' | 'repoServer' | 'argocd' | 'metrics1' | 'metrics2' | 'metrics3', number>>;
}

/** Folder of the sandbox: `SITEWRIGHT_STATE`, else below the XDG state folder. */
export function defaultStateDir(): string {
  const base = process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state');
  return resolve(process.env.SITEWRIGHT_STATE || join(base, 'sitewright', 'sandbox'));
}

/** Files of a sandbox that other programs need. */
export function sandboxFiles(stateDir: string) {
  return {
    state: join(stateDir, 'sandbox.json'),
    /** Held while a command changes the sandbox. */
    lock: join(stateDir, 'in-use'),
    kubeconfig: join(stateDir, 'kubeconfig'),
    gitCredentials: join(stateDir, 'git-credentials'),
    repositories: join(stateDir, 'git'),
    pulumiBackend: join(stateDir, 'pulumi'),
    pulumiConfig: join(stateDir, 'pulumi-config'),
    pulumiHome: join(stateDir, 'pulumi-home'),
    pulumiPassphrase: join(stateDir, 'pulumi-passphrase'),
    /** Links to all programs of the sandbox. */
    bin: join(stateDir, 'bin'),
    images: join(stateDir, 'images'),
    run: join(stateDir, 'run'),
    log: join(stateDir, 'log'),
  };
}

/** The sandbox in a folder, or `undefined` where there is none. */
export function readState(stateDir: string): SandboxState | undefined {
  const { state } = sandboxFiles(stateDir);
  return existsSync(state) ? (JSON.parse(readFileSync(state, 'utf8')) as SandboxState) : undefined;
}

/** Keeps what a sandbox is: the whole of it or what was there before. */
export function writeState(stateDir: string, sandbox: SandboxState): void {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const { state } = sandboxFiles(stateDir);
  writeFileSync(`${state}.new`, `${JSON.stringify(sandbox, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${state}.new`, state);
}
