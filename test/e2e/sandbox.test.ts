import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sandboxFiles } from '../../sandbox/state.ts';
import { PROJECT_DIR } from '../../tools/cache.ts';
import {
  eventually,
  MISSING_TOOLS,
  processesOf,
  REAL_NODES,
  TestSandbox,
  tracesOf,
  type UpReport,
} from '../helpers/sandbox.ts';

const STACK = 'sandbox.site-b';
const DATA_PLANES = ['data-1', 'data-2'];
/** Stands in every secret that the sandbox would make for itself. */
const CANARY = 'canary-5fbd0c1e7a';

describe.skipIf(MISSING_TOOLS.length > 0 || !REAL_NODES)('a sandbox with real nodes', () => {
  const sandbox = new TestSandbox();
  let first: UpReport;

  beforeAll(async () => {
    await sandbox.prepare();
    plantCanaries(sandbox.state);
    first = await sandbox.up();
  });
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]();
  });

  test('comes up from scratch with every Application Synced and Healthy', () => {
    expect(first.mode).toBe('nodes');
    expect(first.applications.filter(({ sync, health }) => sync !== 'Synced' || health !== 'Healthy')).toEqual([]);
    const names = first.applications.map(({ name }) => name);
    for (const cluster of DATA_PLANES) {
      expect(names).toContain(`sandbox-site-b-${cluster}-business-a-services`);
      expect(names).toContain(`sandbox-site-b-${cluster}-business-b-services`);
    }
    expect(first.stacks.map(({ stack }) => stack)).toEqual(['sandbox.site-a', STACK]);
  });

  test('runs the business applications in real pods that answer', () => {
    expect(first.evidence).toHaveLength(4);
    for (const { namespace, ready, answer } of first.evidence) {
      const [have, want] = ready.split('/');
      expect(have).toBe(want);
      expect(JSON.parse(answer)).toMatchObject({ service: namespace, pod: expect.stringMatching(/^backend-/) });
    }
  });

  test('changes nothing when it is started again', async () => {
    const second = await sandbox.up();
    expect(second.started).toEqual([]);
    expect(second.commit).toBe(first.commit);
    for (const { changes } of second.stacks) expect(Object.keys(changes)).toEqual(['same']);
  });

  test('reports itself and its logs', async () => {
    const status = await sandbox.sandbox('status');
    expect(status.exitCode).toBe(0);
    expect(status.stdout).toContain('data-2/kubelet');
    const logs = await sandbox.sandbox('logs', 'data-1/kube-apiserver', '-n', '3');
    expect(logs.stdout.split('\n')).toHaveLength(3);
    const unknown = await sandbox.sandbox('logs', 'nobody');
    expect(unknown.exitCode).toBe(1);
    expect(unknown.stderr).toContain('got nobody; choose one of argocd-application-controller');
  });

  test('lets plain pulumi work with the variables of sandbox env', async () => {
    const preview = await sandbox.withEnv(STACK, 'pulumi', ['preview', '--non-interactive', '--expect-no-changes']);
    expect(preview.stdout + preview.stderr).toContain('unchanged');
    expect(preview.exitCode).toBe(0);
  });

  test('brings an edited replica count to the cluster by publishing it', async () => {
    expect(await replicas(sandbox, 'data-2', 'business-a')).toBe('1');
    sandbox.edit('site-b.yaml', (text) => text.replace(/(data-2:[\s\S]*?)replicas: 1/, '$1replicas: 2'));
    const published = await publish(sandbox);
    expect(published.stderr).toBe('');
    expect(published.stdout).toContain('sandbox/site-b');
    await eventually(
      () => readyReplicas(sandbox, 'data-2', 'business-a'),
      (ready) => ready === '2',
    );
  });

  test('heals a workload that was deleted by hand', async () => {
    const uid = () =>
      sandbox.kubectl('data-1', 'get', 'deployment', 'backend', '-n', 'business-b', '-o', 'jsonpath={.metadata.uid}');
    const old = await uid();
    await sandbox.kubectl('data-1', 'delete', 'deployment', 'backend', '-n', 'business-b');
    await eventually(uid, (now) => now !== '' && now !== old);
    await eventually(
      () => readyReplicas(sandbox, 'data-1', 'business-b'),
      (ready) => ready === '1',
    );
  });

  test('serves the other data plane while one is stopped, names it, and drops nothing', async () => {
    const resources = await stateResources(sandbox);
    const [pid = ''] = readFileSync(join(sandbox.state, 'clusters', 'data-2', 'run', 'machine.pid'), 'utf8').split(' ');
    process.kill(Number(pid), 'SIGKILL');

    const status = await eventually(
      () => sandbox.sandbox('status'),
      ({ exitCode }) => exitCode === 1,
    );
    expect(status.stdout).toMatch(/data-2\/kube-apiserver\s+stopped/);
    sandbox.edit('site-b.yaml', (text) => text.replace(/(data-1:[\s\S]*?)replicas: 2/, '$1replicas: 3'));
    expect((await publish(sandbox)).exitCode).toBe(0);
    await eventually(
      () => readyReplicas(sandbox, 'data-1', 'business-a'),
      (ready) => ready === '3',
    );

    const up = await pulumi(sandbox, 'up', '--yes', '--skip-preview');
    expect(up.exitCode).not.toBe(0);
    expect(up.stdout + up.stderr).toContain("cluster 'data-2' must be reachable");
    const without = ['--exclude', '**::data-2', '--exclude', '**::data-2-*', '--exclude-dependents'];
    const excluded = await pulumi(sandbox, 'up', '--yes', '--skip-preview', ...without);
    expect(excluded.stdout + excluded.stderr).toContain('unchanged');
    expect(excluded.exitCode).toBe(0);
    expect(await stateResources(sandbox)).toEqual(resources);

    const report = await sandbox.up();
    expect(report.started).toContain('data-2/kube-apiserver');
    expect(await stateResources(sandbox)).toEqual(resources);
  });

  test('refuses a kubeconfig that points at another cluster', async () => {
    const swap = ['--config-path', '--config', 'sitewright:contexts.data-2=sandbox-site-b-data-1'];
    const preview = await pulumi(sandbox, 'preview', ...swap);
    expect(preview.exitCode).not.toBe(0);
    expect(preview.stdout + preview.stderr).toContain("cluster 'data-2' must be the one that was registered");
  });

  test('tells a manager what is wrong with a setting, without a stack trace', async () => {
    const swap = ['--config-path', '--config', 'sitewright:contexts.data-2=nowhere'];
    const preview = await pulumi(sandbox, 'preview', ...swap);
    expect(preview.exitCode).not.toBe(0);
    const output = preview.stdout + preview.stderr;
    expect(output).toContain(
      "context for cluster 'data-2' must be one of sandbox-site-b-control, sandbox-site-b-data-1",
    );
    expect(output).not.toMatch(/unhandled exception|\n\s+at /);
  });

  test.each([0, 8, 25])('converges when pulumi up is killed after %i resources', async (count) => {
    const resources = await stateResources(sandbox);
    expect((await pulumi(sandbox, 'destroy', '--yes', '--skip-preview')).exitCode).toBe(0);
    await killedUp(sandbox, count);

    const report = await sandbox.up();
    expect(report.applications.filter(({ sync, health }) => sync !== 'Synced' || health !== 'Healthy')).toEqual([]);
    expect(await stateResources(sandbox)).toEqual(resources);
    const secrets = await sandbox.kubectl(
      'control',
      ...['get', 'secrets', '-n', 'argocd', '-l', 'argocd.argoproj.io/secret-type=cluster', '-o', 'name'],
    );
    expect(secrets.split('\n').sort()).toEqual(
      ['control', ...DATA_PLANES].map((cluster) => `secret/cluster-sandbox-site-b-${cluster}`),
    );
    expect((await pulumi(sandbox, 'preview', '--expect-no-changes')).exitCode).toBe(0);
  });

  test('keeps every secret out of the tree, logs, messages and plain state', () => {
    expect(filesWith(sandbox.dist, CANARY)).toEqual([]);
    expect(filesWith(sandbox.state, CANARY)).toEqual(SECRET_FILES);
    expect(sandbox.printed.filter((text) => text.includes(CANARY))).toEqual([]);
    // Tokens of service accounts and private keys are secrets of Kubernetes' own making.
    const token = /eyJhbGciOi[\w-]+\.eyJ|PRIVATE KEY/;
    expect(filesWith(join(sandbox.state, 'log'), token)).toEqual([]);
    expect(filesWith(join(sandbox.state, 'pulumi'), token)).toEqual([]);
    expect(sandbox.printed.filter((text) => token.test(text))).toEqual([]);
  });

  test('leaves nothing behind when it is taken down', async () => {
    expect(tracesOf(sandbox.state)).not.toEqual([]);
    const down = await sandbox.sandbox('down', '--purge');
    expect(down.exitCode).toBe(0);
    expect(processesOf(sandbox.state)).toEqual([]);
    expect(tracesOf(sandbox.state)).toEqual([]);
    const again = await sandbox.sandbox('down');
    expect(again.exitCode).toBe(0);
  });
});

/** The files that hold a secret because that is what they are for; only their owner may read them. */
const SECRET_FILES = [
  'argocd/redis-password',
  'argocd/redis.conf',
  'git-accounts.json',
  'git-credentials',
  'git-read-password',
  'git-write-password',
  'pulumi-passphrase',
];

function plantCanaries(state: string): void {
  mkdirSync(join(state, 'argocd'), { recursive: true, mode: 0o700 });
  for (const name of SECRET_FILES.filter((file) => /(password|passphrase)$/.test(file))) {
    writeFileSync(join(state, name), `${CANARY}-${name.replaceAll('/', '-')}`, { mode: 0o600 });
  }
}

/** Files below a folder that hold a text, but for the clusters' own databases and disks. */
function filesWith(dir: string, wanted: string | RegExp): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    const path = file.slice(dir.length + 1);
    if (!entry.isFile() || /^clusters\/[^/]+\/(etcd|containerd|kubelet)\//.test(path)) continue;
    const text = readFileSync(file, 'latin1');
    if (typeof wanted === 'string' ? !text.includes(wanted) : !wanted.test(text)) continue;
    if (typeof wanted === 'string' && (statSync(file).mode & 0o077) !== 0) found.push(`${path} (readable by others)`);
    else found.push(path);
  }
  return found.sort();
}

async function publish(sandbox: TestSandbox) {
  const args = ['publish', '--environments', sandbox.environments, '--environment', 'sandbox'];
  return sandbox.withEnv(STACK, join(PROJECT_DIR, 'sitewright'), args);
}

async function pulumi(sandbox: TestSandbox, ...args: string[]) {
  return sandbox.withEnv(STACK, 'pulumi', [...args, '--non-interactive']);
}

/** The resources that the stack's state holds. */
async function stateResources(sandbox: TestSandbox): Promise<string[]> {
  const { stdout } = await pulumi(sandbox, 'stack', 'export');
  const { deployment } = JSON.parse(stdout) as { deployment: { resources: { urn: string }[] } };
  return deployment.resources.map(({ urn }) => urn).sort();
}

/** Runs `pulumi up` and kills it, with all that it has started, once it has created some resources. */
async function killedUp(sandbox: TestSandbox, count: number): Promise<void> {
  const program = join(sandboxFiles(sandbox.state).bin, 'pulumi');
  const child = spawn(program, ['up', '--yes', '--skip-preview', '--non-interactive'], {
    cwd: PROJECT_DIR,
    env: { ...process.env, ...(await sandbox.env(STACK)) },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
  let created = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (/ created( |$)/.test(line)) created += 1;
    // Its first line comes once it holds the stack's lock.
    if (created >= count) break;
  }
  process.kill(-(child.pid ?? 0), 'SIGKILL');
  expect(await ended).toBe('SIGKILL');
  await sleep(100);
}

function replicas(sandbox: TestSandbox, cluster: string, namespace: string): Promise<string> {
  return sandbox.kubectl(cluster, 'get', 'deployment', 'backend', '-n', namespace, '-o', 'jsonpath={.spec.replicas}');
}

function readyReplicas(sandbox: TestSandbox, cluster: string, namespace: string): Promise<string> {
  const path = 'jsonpath={.status.readyReplicas}';
  return sandbox.kubectl(cluster, 'get', 'deployment', 'backend', '-n', namespace, '-o', path);
}
