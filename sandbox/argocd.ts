import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { ARGOCD_NAMESPACE } from '../constructs/application.ts';
import { type Daemon, daemonPid } from './daemon.ts';
import type { Kubectl } from './kubectl.ts';
import { type SandboxState, sandboxFiles } from './state.ts';
import type { Programs } from './tools.ts';
import { waitFor } from './wait.ts';

/** The kinds of Argo CD's own installation that its processes need; the processes themselves run on this machine. */
const INSTALLED_KINDS = ['ConfigMap', 'Secret', 'ServiceAccount', 'Role', 'RoleBinding'];
/** How long a token of one of Argo CD's accounts is good for. */
const TOKEN_LIFETIME = '8760h';
/** How often Argo CD looks at git and at the clusters. */
const RESYNC_SECONDS = 10;

/** Installs what Argo CD's release installs, but for its workloads: definitions, settings, accounts and roles. */
export async function installArgoCd(run: Kubectl, { file }: Programs): Promise<void> {
  const apply = ['apply', '--server-side', '--force-conflicts', '--field-manager=argocd-installation'];
  const crds = readdirSync(file('argocd', 'crds')).filter((name) => name.endsWith('-crd.yaml'));
  for (const name of crds) await run([...apply, '-f', join(file('argocd', 'crds'), name)]);
  // kubectl stumbles over a definition that has no conditions yet, instead of waiting for them.
  const wait = ['wait', '--for=condition=Established', '--timeout=10s', ...crdNames(crds)];
  await waitFor('the API server serves the kinds of Argo CD', 60_000, () => run(wait));
  const objects = parseAllDocuments(readFileSync(file('argocd', 'install.yaml'), 'utf8'))
    .map((document) => document.toJS() as { kind: string; metadata: Record<string, unknown> })
    .filter(({ kind }) => INSTALLED_KINDS.includes(kind))
    .map((object) => ({ ...object, metadata: { ...object.metadata, namespace: ARGOCD_NAMESPACE } }));
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: ARGOCD_NAMESPACE } };
  await run([...apply, '-f', '-'], [namespace, ...objects].map((object) => stringify(object)).join('---\n'));
}

/** Argo CD's processes, and the Redis that they share, each with just the rights of its account in the release. */
export async function argoCdDaemons(
  stateDir: string,
  state: SandboxState,
  programs: Programs,
  control: { readonly run: Kubectl; readonly server: string; readonly caData: string },
): Promise<Daemon[]> {
  const { bin } = programs;
  const { ports } = state;
  const dir = join(stateDir, 'argocd');
  for (const name of ['ssh', 'tls', 'gpg', 'tmp']) mkdirSync(join(dir, name), { recursive: true, mode: 0o700 });
  const password = ensureSecret(join(dir, 'redis-password'));
  const redisConfig = join(dir, 'redis.conf');
  const lines = ['bind 127.0.0.1', `port ${ports.redis}`, `requirepass ${password}`, "save ''", 'appendonly no'];
  writeFileSync(redisConfig, `${[...lines, `dir ${join(dir, 'tmp')}`].join('\n')}\n`, { mode: 0o600 });

  const files = sandboxFiles(stateDir);
  const daemon = (name: string, command: string[], env: Record<string, string> = {}): Daemon => ({
    name,
    command,
    env,
    pidFile: join(files.run, `${name}.pid`),
    logFile: join(files.log, `${name}.log`),
  });
  const common = {
    REDIS_PASSWORD: password,
    ARGOCD_GPG_ENABLED: 'false',
    ARGOCD_SSH_DATA_PATH: join(dir, 'ssh'),
    ARGOCD_TLS_DATA_PATH: join(dir, 'tls'),
    ARGOCD_RECONCILIATION_TIMEOUT: `${RESYNC_SECONDS}s`,
    // Else it is one file in /tmp for all sandboxes and users of this machine.
    ARGOCD_ASK_PASS_SOCK: join(dir, 'ask-pass.sock'),
    TMPDIR: join(dir, 'tmp'),
    HOME: dir,
    PATH: `${programs.path}:${process.env.PATH}`,
  };
  const redis = `--redis=127.0.0.1:${ports.redis}`;
  const repoServer = [`--repo-server=127.0.0.1:${ports.repoServer}`, '--repo-server-plaintext'];
  const argocd = async (component: string, ...args: string[]): Promise<Daemon> => {
    const name = `argocd-${component}`;
    const kubeconfig = join(dir, `${name}.kubeconfig`);
    const running = daemonPid(join(files.run, `${name}.pid`)) !== undefined;
    if (component !== 'repo-server' && !running) await writeAccountKubeconfig(kubeconfig, name, control);
    const access = component === 'repo-server' ? [] : [`--kubeconfig=${kubeconfig}`, `--namespace=${ARGOCD_NAMESPACE}`];
    return daemon(name, [bin('argocd'), ...access, redis, ...args], { ...common, ARGOCD_BINARY_NAME: name });
  };
  return [
    daemon('redis', [bin('redis-server'), redisConfig]),
    await argocd(
      'repo-server',
      `--port=${ports.repoServer}`,
      '--address=127.0.0.1',
      '--disable-tls',
      `--metrics-port=${ports.metrics1}`,
      '--metrics-address=127.0.0.1',
      `--revision-cache-expiration=${RESYNC_SECONDS / 2}s`,
    ),
    await argocd(
      'application-controller',
      ...repoServer,
      `--metrics-port=${ports.metrics2}`,
      `--app-resync=${RESYNC_SECONDS}`,
      '--app-resync-jitter=0',
    ),
    await argocd(
      'server',
      ...repoServer,
      `--port=${ports.argocd}`,
      '--address=127.0.0.1',
      '--insecure',
      `--metrics-port=${ports.metrics3}`,
      '--metrics-address=127.0.0.1',
    ),
  ];
}

/** A secret in a file, made on first use. */
export function ensureSecret(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

async function writeAccountKubeconfig(
  file: string,
  account: string,
  { run, server, caData }: { readonly run: Kubectl; readonly server: string; readonly caData: string },
): Promise<void> {
  const token = await run([
    'create',
    'token',
    account,
    `--namespace=${ARGOCD_NAMESPACE}`,
    `--duration=${TOKEN_LIFETIME}`,
  ]);
  const name = 'control';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server, 'certificate-authority-data': caData } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: ARGOCD_NAMESPACE } }],
  };
  writeFileSync(file, stringify(config), { mode: 0o600 });
}

function crdNames(files: readonly string[]): string[] {
  return files.map((name) => `crd/${name.replace('-crd.yaml', '')}s.argoproj.io`);
}
