import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Site } from '../environments/model.ts';
import { PROJECT_DIR } from '../tools/cache.ts';
import { ensureSecret } from './argocd.ts';
import { type SandboxState, sandboxFiles } from './state.ts';
import type { Programs } from './tools.ts';

/** Outcome of `pulumi up`. */
export interface StackReport {
  readonly stack: string;
  /** Number of resources by what happened to them: `create`, `same`, … */
  readonly changes: Readonly<Record<string, number>>;
}

/** Variables with which plain `pulumi` works on a stack of the sandbox. */
export function pulumiEnv(stateDir: string, state: SandboxState, stack?: string): Record<string, string> {
  const files = sandboxFiles(stateDir);
  return {
    PATH: `${files.bin}:${process.env.PATH}`,
    KUBECONFIG: state.kubeconfig,
    PULUMI_HOME: files.pulumiHome,
    // Without metadata=skip each file has another beside it that is not written in one go: a kill at the wrong moment
    // leaves it empty, and the stack cannot be read any more.
    PULUMI_BACKEND_URL: `file://${files.pulumiBackend}?metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE_FILE: files.pulumiPassphrase,
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    ...(stack === undefined
      ? {}
      : { PULUMI_OPTION_STACK: stack, PULUMI_OPTION_CONFIG_FILE: stackConfigFile(stateDir, stack) }),
  };
}

/** Settings of a stack; those of a sandbox lie with the sandbox, not in the checkout. */
export function stackConfigFile(stateDir: string, stack: string): string {
  return join(sandboxFiles(stateDir).pulumiConfig, `Pulumi.${stack}.yaml`);
}

/** Runs the real `pulumi up` for a site, with a stack of its own in a local backend. */
export async function pulumiUp(
  stateDir: string,
  state: SandboxState,
  programs: Programs,
  site: Site,
  secrets: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<StackReport> {
  const files = sandboxFiles(stateDir);
  const stack = `${site.environment}.${site.name}`;
  mkdirSync(files.pulumiBackend, { recursive: true, mode: 0o700 });
  mkdirSync(files.pulumiConfig, { recursive: true, mode: 0o700 });
  mkdirSync(files.pulumiHome, { recursive: true, mode: 0o700 });
  ensureSecret(files.pulumiPassphrase);
  using temporary = privateFolder(stateDir);
  // The Kubernetes provider leaves a copy of each kubeconfig where temporary files go.
  const env = { ...pulumiEnv(stateDir, state), TMPDIR: temporary.dir };
  const config = ['--stack', stack, '--config-file', stackConfigFile(stateDir, stack)];
  const pulumi = (args: readonly string[], input?: string, cwd = PROJECT_DIR) =>
    execa(programs.bin('pulumi'), ['--non-interactive', '--color=never', ...args], {
      cwd,
      env,
      all: true,
      ...(input === undefined ? {} : { input }),
      ...(signal === undefined ? {} : { cancelSignal: signal }),
    });
  if (!existsSync(stackConfigFile(stateDir, stack))) {
    // `stack init` writes its settings beside Pulumi.yaml: here beside one of the same project, not in the checkout.
    writeFileSync(join(files.pulumiConfig, 'Pulumi.yaml'), 'name: sitewright\nruntime: nodejs\n');
    await pulumi(['stack', 'init', stack, '--no-select'], undefined, files.pulumiConfig).catch((error: Error) => {
      // An interrupted run may have made the stack without its settings, which are all set below.
      if (!error.message.includes('already exists')) throw error;
    });
  }
  await pulumi(['config', 'set', 'environments', state.environmentsDir, ...config]);
  for (const [cluster, context] of Object.entries(state.contexts)) {
    await pulumi(['config', 'set', '--path', `contexts.${cluster}`, context, ...config]);
  }
  for (const [reference, value] of Object.entries(secrets)) {
    // Through standard input: an argument could be read by every process of this machine.
    await pulumi(['config', 'set', '--secret', '--path', `secrets["${reference}"]`, ...config], value);
  }
  const interrupted = isLockedByTheDead(files.pulumiBackend, stack);
  if (interrupted) await pulumi(['cancel', '--yes', '--stack', stack]);
  // What a killed run has done last is not in its state: looking at the clusters finds it.
  await pulumi(['up', '--yes', '--skip-preview', ...(interrupted ? ['--refresh'] : []), ...config]);
  const history = await pulumi(['stack', 'history', '--json', '--page-size=1', '--stack', stack]);
  const [last] = JSON.parse(history.stdout) as { resourceChanges?: Record<string, number> }[];
  return { stack, changes: last?.resourceChanges ?? {} };
}

/** A folder in the sandbox that goes away again. */
function privateFolder(stateDir: string): Disposable & { readonly dir: string } {
  const dir = mkdtempSync(join(stateDir, 'tmp-'));
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

/** Whether a stack is locked by processes that have ended on this machine without unlocking it. */
function isLockedByTheDead(backend: string, stack: string): boolean {
  const dir = join(backend, '.pulumi', 'locks', 'organization', 'sitewright', stack);
  const locks = existsSync(dir) ? readdirSync(dir).filter((name) => name.endsWith('.json')) : [];
  const holders = locks.map((name) => JSON.parse(readFileSync(join(dir, name), 'utf8')) as LockHolder);
  return holders.length > 0 && holders.every((holder) => holder.hostname === hostname() && !lives(holder.pid));
}

/** Who holds a lock, as Pulumi writes it. */
interface LockHolder {
  readonly pid: number;
  readonly hostname: string;
}

function lives(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
