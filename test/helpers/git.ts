import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import type { ManifestsRepository } from '../../environments/model.ts';
import { temporaryFolder, writeFiles } from './folders.ts';

const IDENTITY = ['-c', 'user.name=somebody', '-c', 'user.email=somebody@example.com'];
const SERVER = join(import.meta.dirname, '../../sandbox/git-server.ts');

/** An empty bare repository in a folder of its own, as what is published to. */
export async function bareRepository(): Promise<ManifestsRepository> {
  const url = join(temporaryFolder(), 'manifests.git');
  await git('init', '--quiet', '--bare', '--initial-branch=main', url);
  return { url, branch: 'main', credential: 'openbao:argocd#git' };
}

/** What git prints; without the settings of this machine. */
export async function git(...args: string[]): Promise<string> {
  const { stdout } = await execa('git', args, {
    env: { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
  });
  return stdout;
}

/** The contents of all files that are published, by their paths. */
export async function publishedFiles({ url, branch }: ManifestsRepository): Promise<Record<string, string>> {
  const names = (await git('-C', url, 'ls-tree', '-r', '-z', '--name-only', branch)).split('\0').filter(Boolean);
  const contents = names.map((name) =>
    execa('git', ['-C', url, 'show', `${branch}:${name}`], { stripFinalNewline: false }),
  );
  return Object.fromEntries((await Promise.all(contents)).map(({ stdout }, index) => [names[index] ?? '', stdout]));
}

/** Pushes files from a clone of somebody else's. */
export async function pushFiles(
  { url, branch }: ManifestsRepository,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const clone = temporaryFolder();
  await git('clone', '--quiet', url, clone);
  await git('-C', clone, 'checkout', '--quiet', '-B', branch);
  writeFiles(clone, files);
  await git('-C', clone, 'add', '--all');
  await git('-C', clone, ...IDENTITY, 'commit', '--quiet', '--message=Somebody was here');
  await git('-C', clone, 'push', '--quiet', 'origin', branch);
}

/** Makes a repository run a shell script for each push. */
export function addHook({ url }: ManifestsRepository, name: 'pre-receive' | 'update', script: string): void {
  writeScript(join(url, 'hooks', name), script);
}

/**
 * Variables with which the command git runs a shell script before its first push.
 * @param script what to do; `$REAL` is the git that is not replaced
 */
export async function beforePush(script: string): Promise<Record<string, string>> {
  const bin = temporaryFolder();
  const { stdout: real } = await execa('sh', ['-c', 'command -v git']);
  const once = `case " $* " in *" push "*) if mkdir "${bin}/done" 2>/dev/null; then ${script}\nfi;; esac`;
  writeScript(join(bin, 'git'), `REAL="${real}"\n${once}\nexec "$REAL" "$@"`);
  return { PATH: `${bin}:${process.env.PATH}` };
}

/** Variables that are settings to git. */
export function gitSettings(settings: Readonly<Record<string, string>>): Record<string, string> {
  const pairs = Object.entries(settings).flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(Object.keys(settings).length), ...Object.fromEntries(pairs) };
}

/** Serves a bare repository over HTTP to an account that may write, and to one that may not. */
export async function gitServer(): Promise<{
  url: string;
  repository: string;
  pid: number;
  env: (user: 'writer' | 'reader') => Record<string, string>;
}> {
  const dir = temporaryFolder();
  const repository = join(dir, 'repositories/platform/manifests.git');
  mkdirSync(repository, { recursive: true });
  await git('init', '--quiet', '--bare', '--initial-branch=main', repository);
  const accounts = { writer: { password: 'w-pass', write: true }, reader: { password: 'r-pass', write: false } };
  writeFiles(dir, { 'accounts.json': JSON.stringify(accounts) });
  const port = await freePort();
  const args = [SERVER, join(dir, 'repositories'), String(port), join(dir, 'accounts.json')];
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void server.kill());
  await new Promise((resolve, reject) => {
    server.stdout.once('data', resolve);
    server.once('exit', reject);
  });
  const origin = `http://127.0.0.1:${port}`;
  const env = (user: 'writer' | 'reader') => {
    const answer = `!echo username=${user}; echo password=${accounts[user].password}; :`;
    return gitSettings({ [`credential.${origin}.helper`]: answer });
  };
  return { url: `${origin}/scm`, repository, pid: server.pid ?? 0, env };
}

function writeScript(file: string, script: string): void {
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
