import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa, type Options } from 'execa';
import { canRunNodes, freePorts, slugOf } from '../../sandbox/plan.ts';
import { SANDBOX_TOOLS } from '../../sandbox/tools.ts';
import { PROJECT_DIR } from '../../tools/cache.ts';
import { resolveTool } from '../../tools/resolve.ts';

/** No command of a test may take longer; a hang shows as its failure. */
const COMMAND_TIMEOUT_MS = 400_000;

/** Tools that the end-to-end tests need and this machine has not yet; the tests are skipped for want of them. */
export const MISSING_TOOLS = [...new Set([...SANDBOX_TOOLS.nodes, ...SANDBOX_TOOLS.kwok])].filter(
  (name) => resolveTool(name).from === 'missing',
);

/** Whether real nodes can run here. */
export const REAL_NODES = canRunNodes();

/** What a command of ours gave. */
export interface CommandResult {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A sandbox of the tests' own: environment files in a temporary folder, with other addresses than the ones in the
 * project, so that it can run beside a developer's.
 */
export class TestSandbox {
  readonly dir = mkdtempSync(join(tmpdir(), 'sitewright-e2e-'));
  readonly environments = join(this.dir, 'environments');
  readonly state = join(this.dir, 'state');
  readonly dist = join(this.dir, 'dist');
  /** Variables for all its commands. */
  readonly variables: Record<string, string> = {};
  /** Everything that its commands have printed. */
  readonly printed: string[] = [];

  /** Copies the sandbox's environment files. */
  async prepare(): Promise<void> {
    const from = join(PROJECT_DIR, 'environments', 'sandbox');
    const to = join(this.environments, 'sandbox');
    cpSync(from, to, { recursive: true });
    const [port = 0] = await freePorts(1);
    // A port is free for one run at a time, and so is what is derived from it.
    const block = (port % 63) * 4;
    for (const name of readdirSync(to)) {
      this.edit(name, (text) => moveNetworks(text, block).replaceAll(':7990', `:${port}`));
    }
  }

  /** Changes one of its environment files. */
  edit(name: string, change: (text: string) => string): void {
    const file = join(this.environments, 'sandbox', name);
    const before = readFileSync(file, 'utf8');
    const after = change(before);
    if (after === before) throw new Error(`${name}: the change must change something, got the same text`);
    writeFileSync(file, after);
  }

  /** Runs `sitewright sandbox COMMAND` for this sandbox. */
  sandbox(command: string, ...args: string[]): Promise<CommandResult> {
    return this.sitewright('sandbox', command, '--state', this.state, ...args);
  }

  /** Runs `sitewright sandbox up --json` and gives its report. */
  async up(...args: string[]): Promise<UpReport> {
    const result = await this.sandbox('up', ...this.upOptions(), '--json', ...args);
    if (result.exitCode !== 0) throw new Error(`sandbox up: exit code ${result.exitCode}\n${result.stderr}`);
    return JSON.parse(result.stdout) as UpReport;
  }

  /** Options that lead `sandbox up` to this sandbox's files. */
  upOptions(): string[] {
    return ['--environments', this.environments, '--out', this.dist];
  }

  /** Starts `sitewright sandbox up` in a process group of its own and gives it back while it runs. */
  startUp(...args: string[]): ChildProcess {
    const all = ['sandbox', 'up', '--state', this.state, ...this.upOptions(), ...args];
    const stdio = ['ignore', 'ignore', 'ignore'] as const;
    return spawn(join(PROJECT_DIR, 'sitewright'), all, { detached: true, stdio: [...stdio] });
  }

  /** Runs `sitewright`. */
  async sitewright(...args: string[]): Promise<CommandResult> {
    return this.run(join(PROJECT_DIR, 'sitewright'), args);
  }

  /** Runs a program with the variables of `sandbox env`. */
  async withEnv(
    stack: string,
    program: string,
    args: readonly string[],
    options: Options = {},
  ): Promise<CommandResult> {
    return this.run(program, args, { ...options, env: { ...(await this.env(stack)), ...options.env } });
  }

  /** The variables of `sandbox env`. */
  async env(stack: string): Promise<Record<string, string>> {
    const { stdout } = await this.sandbox('env', '--stack', stack, '--json');
    return JSON.parse(stdout) as Record<string, string>;
  }

  /** kubectl against one of its clusters. */
  async kubectl(cluster: string, ...args: string[]): Promise<string> {
    const context = `--context=sandbox-site-b-${cluster}`;
    const result = await this.withEnv('sandbox.site-b', 'kubectl', [context, '--request-timeout=10s', ...args]);
    if (result.exitCode !== 0) throw new Error(`kubectl ${args.join(' ')}: ${result.stderr}`);
    return result.stdout;
  }

  /** Ends it and removes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.sandbox('down', '--purge');
    rmSync(this.dir, { recursive: true, force: true });
  }

  private async run(program: string, args: readonly string[], options: Options = {}): Promise<CommandResult> {
    const result = await execa(program, args, {
      ...{ cwd: PROJECT_DIR, timeout: COMMAND_TIMEOUT_MS, stdin: 'ignore' },
      ...options,
      env: { ...this.variables, ...options.env },
      reject: false,
    });
    const [stdout, stderr] = [String(result.stdout), String(result.stderr)];
    this.printed.push(stdout, stderr);
    return { exitCode: result.exitCode, stdout, stderr };
  }
}

/** The parts of the report of `sandbox up --json` that tests look at. */
export interface UpReport {
  readonly mode: string;
  readonly started: readonly string[];
  readonly commit: string;
  readonly stacks: readonly { readonly stack: string; readonly changes: Readonly<Record<string, number>> }[];
  readonly applications: readonly { readonly name: string; readonly sync: string; readonly health: string }[];
  readonly evidence: readonly {
    readonly cluster: string;
    readonly namespace: string;
    readonly ready: string;
    readonly answer: string;
  }[];
  readonly limits: readonly string[];
}

/** Asks until the answer is the wanted one; fails with the last answer. */
export async function eventually<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean, seconds = 120): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask().catch((error: Error) => error);
    if (!(answer instanceof Error) && wanted(answer)) return answer;
    if (Date.now() > deadline) {
      throw new Error(
        `not within ${seconds} s; last: ${answer instanceof Error ? answer.message : JSON.stringify(answer)}`,
      );
    }
    await sleep(500);
  }
}

/** The processes that name a folder in their command line or environment. */
export function processesOf(dir: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        return command.includes(dir) || environment.includes(dir) ? [`${pid} ${command}`] : [];
      } catch {
        return [];
      }
    });
}

/** What a sandbox could leave behind on this machine: mounts, network interfaces and control groups. */
export function tracesOf(state: string): string[] {
  const slug = slugOf(state);
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes(state));
  const interfaces = readdirSync('/sys/class/net').filter((name) => name.startsWith(`sw-${slug}`));
  const groups = ['', ...list('/sys/fs/cgroup')].flatMap((dir) =>
    list(join('/sys/fs/cgroup', dir)).filter((name) => name === `sitewright-${slug}`),
  );
  return [...mounts, ...interfaces, ...groups];
}

/** Moves 198.18.N.0 to another place of the range that is set aside for tests. */
function moveNetworks(text: string, block: number): string {
  return text.replaceAll(/198\.18\.(\d+)\./g, (_match, octet) => `198.19.${block + Number(octet)}.`);
}

function list(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
