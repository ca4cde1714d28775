import { mkdirSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { ARGOCD_NAMESPACE } from '../constructs/application.ts';
import type { Site } from '../environments/model.ts';
import { lockProcess } from '../tools/process-lock.ts';
import { type Address, listAddresses } from './addresses.ts';
import { type ApplicationStatus, isWell, listApplications } from './applications.ts';
import { argoCdDaemons, installArgoCd } from './argocd.ts';
import { type Images, makeImages, startCluster } from './cluster.ts';
import { clusterAuthority, serverUrl } from './control-plane.ts';
import { hasEnded, Launcher } from './daemon.ts';
import { daemonsOf } from './down.ts';
import { type Evidence, collectEvidence } from './evidence.ts';
import { answers, prepareGit, tail } from './git.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { clusterKubectl, type Kubectl } from './kubectl.ts';
import { ensureBridge } from './machine.ts';
import { bridgeName, planSandbox, type SandboxRequest, toMachine } from './plan.ts';
import type { Progress } from './progress.ts';
import { pulumiUp, type StackReport } from './pulumi.ts';
import { readState, type SandboxState, sandboxFiles, writeState } from './state.ts';
import { ensureTools, type Programs, SANDBOX_TOOLS, type ToolReport } from './tools.ts';
import { HopelessError, waitFor } from './wait.ts';

const APPLICATIONS_TIMEOUT_MS = 300_000;
const SERVICE_TIMEOUT_MS = 30_000;

/** What a sandbox does not prove, by how its clusters came to be. */
const LIMITS: Readonly<Record<SandboxState['mode'], readonly string[]>> = {
  nodes: [],
  kwok: [
    'The nodes are simulated: that pods start, answer and reach each other is not proven. Run as root for real nodes.',
  ],
  contexts: ['The clusters are not of this machine: sandbox down leaves in them what was put there.'],
};

/** What a sandbox is after `sandbox up`. */
export interface SandboxReport {
  readonly state: SandboxState;
  readonly tools: readonly ToolReport[];
  /** Processes that were started now; empty where everything ran already. */
  readonly started: readonly string[];
  readonly commit: string;
  readonly stacks: readonly StackReport[];
  readonly applications: readonly ApplicationStatus[];
  readonly evidence: readonly Evidence[];
  readonly addresses: readonly Address[];
  /** What this sandbox does not prove. */
  readonly limits: readonly string[];
}

/** Starts a sandbox, or what is missing of it, and waits until every Application is Synced and Healthy. */
export async function sandboxUp(request: SandboxRequest, progress: Progress): Promise<SandboxReport> {
  const { stateDir, environment } = request;
  const files = sandboxFiles(stateDir);
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  using _lock = lockProcess(files.lock, stateDir);
  const state = readState(stateDir) ?? (await planSandbox(request));
  checkSame(state, request);
  writeState(stateDir, state);
  const launcher = new Launcher(request.signal);
  const { started } = launcher;

  const { programs, reports: tools } = await progress.step(
    'Tools',
    (say) => ensureTools(SANDBOX_TOOLS[state.mode], files.bin, say),
    ({ reports }) =>
      `${reports.length} found, ${reports.filter(({ from }) => from === 'built now').length} of them built now`,
  );
  const { git, control } = await progress.step(
    `Clusters, git, Redis and Argo CD`,
    async (say) => {
      say('starting');
      const service = await prepareGit(stateDir, environment);
      launcher.start(service.daemon);
      const images = await makeImages(files.images, programs);
      if (state.mode !== 'contexts') await startClusters(launcher, stateDir, state, programs, images, say);
      await waitFor('git is served', SERVICE_TIMEOUT_MS, () => answers(service));
      say('installing Argo CD');
      await startArgoCd(launcher, stateDir, state, programs);
      return { git: service, control: clusterKubectl(state, programs, state.control) };
    },
    () => (started.length === 0 ? 'all running already' : `${started.length} processes started`),
  );
  const commit = await progress.step(
    'Publish the rendered tree',
    () => request.publish(git.env),
    (id) => id.slice(0, 7),
  );
  const stacks: StackReport[] = [];
  const sites = environment.sites.filter(({ name }) => request.site === undefined || name === request.site);
  for (const site of sites) {
    const name = `${environment.name}.${site.name}`;
    const secrets = site.repository === undefined ? {} : { [site.repository.credential]: git.readCredential };
    const report = await progress.step(
      `pulumi up on stack ${name}`,
      () => pulumiUp(stateDir, state, programs, site, secrets, request.signal),
      ({ changes }) =>
        Object.entries(changes)
          .map(([what, count]) => `${count} ${what}`)
          .join(', '),
    );
    stacks.push(report);
  }
  const applications = await progress.step(
    'Applications Synced and Healthy',
    (say) => waitForApplications(control, sites, commit, { stateDir, state }, say),
    (all) => `${all.length} of ${all.length}`,
  );
  const evidence = await collectEvidence(state, programs, environment);
  const addresses = listAddresses(state);
  return { state, tools, started, commit, stacks, applications, evidence, addresses, limits: LIMITS[state.mode] };
}

/** A sandbox that exists goes on as what it is: another environment or other clusters need another one. */
function checkSame(state: SandboxState, { environment, contexts, environmentsDir, stateDir }: SandboxRequest): void {
  const asked = contexts === undefined ? state.contexts : contexts;
  const same =
    state.environment === environment.name &&
    state.environmentsDir === environmentsDir &&
    (state.mode === 'contexts') === (contexts !== undefined) &&
    isDeepStrictEqual(asked, state.contexts);
  if (same) return;
  throw new Error(
    `${stateDir}: must be of ${environment.name} in ${environmentsDir} with the same clusters, got another sandbox; ` +
      'end it with sitewright sandbox down --purge, or use another folder with --state',
  );
}

async function startClusters(
  launcher: Launcher,
  stateDir: string,
  state: SandboxState,
  programs: Programs,
  images: Images,
  say: (text: string) => void,
): Promise<void> {
  const files = sandboxFiles(stateDir);
  const clusters = Object.values(state.clusters);
  if (state.mode === 'nodes') {
    await ensureBridge(
      bridgeName(state),
      clusters.map((cluster) => toMachine(state, cluster)),
    );
  }
  let ready = 0;
  await Promise.all(
    clusters.map(async (cluster) => {
      await startCluster(launcher, state, cluster, programs, images);
      ready += 1;
      say(`${ready} of ${clusters.length} clusters ready`);
    }),
  );
  writeKubeconfig(
    files.kubeconfig,
    await Promise.all(
      clusters.map(async (cluster) => ({
        name: state.contexts[cluster.name] ?? cluster.name,
        server: serverUrl(cluster),
        caFile: clusterAuthority(cluster).certFile,
        client: await clusterAuthority(cluster).issue('admin', { commonName: 'sandbox-manager' }),
      })),
    ),
  );
}

async function startArgoCd(
  launcher: Launcher,
  stateDir: string,
  state: SandboxState,
  programs: Programs,
): Promise<void> {
  const name = state.control;
  const run = clusterKubectl(state, programs, name);
  const others = await run(['get', 'deployments', '-n', ARGOCD_NAMESPACE, '-o', 'name', '--ignore-not-found']);
  if (others !== '') {
    throw new Error(`cluster ${name} must not run an Argo CD of its own, got ${others}; choose another one as control`);
  }
  await installArgoCd(run, programs);
  const view = ['config', 'view', '--raw', '--minify', '--flatten', '-o', 'json'];
  const { clusters } = JSON.parse(await run(view)) as { clusters: { cluster: Record<string, string> }[] };
  const { server = '', 'certificate-authority-data': caData = '' } = clusters[0]?.cluster ?? {};
  for (const daemon of await argoCdDaemons(stateDir, state, programs, { run, server, caData })) launcher.start(daemon);
}

/** @throws HopelessError when a process of the sandbox has ended */
function checkRunning(stateDir: string, state: SandboxState): void {
  const ended = daemonsOf(stateDir, state).find(({ pidFile }) => hasEnded(pidFile));
  if (ended === undefined) return;
  throw new HopelessError(`${ended.name} has ended; its log ${ended.logFile} ends with:\n${tail(ended.logFile)}`);
}

/** What only the owner of other clusters can do. */
function loadImages(dir: string): string {
  return `nodes of other clusters need the image in ${dir}/business-app.tar; kind: kind load image-archive FILE`;
}

async function waitForApplications(
  run: Kubectl,
  sites: readonly Site[],
  commit: string,
  { stateDir, state }: { stateDir: string; state: SandboxState },
  say: (text: string) => void,
): Promise<ApplicationStatus[]> {
  const expected = new Set(sites.flatMap(({ clusters }) => clusters.map(({ endpoint }) => endpoint)));
  let last: ApplicationStatus[] = [];
  try {
    return await waitFor('every Application is Synced and Healthy', APPLICATIONS_TIMEOUT_MS, async () => {
      checkRunning(stateDir, state);
      last = await listApplications(run);
      const well = last.filter((application) => isWell(application, commit));
      say(`${well.length} of ${last.length}`);
      const names = new Set(last.map(({ name }) => name));
      return well.length === last.length && [...expected].every((name) => names.has(name)) ? last : undefined;
    });
  } catch (error) {
    if (error instanceof HopelessError) throw error;
    const unwell = last.filter((application) => !isWell(application, commit));
    const lines = unwell.map(({ name, sync, health, message }) => `  ${name}: ${sync}, ${health} ${message}`);
    const hint = state.mode === 'contexts' ? [`  ${loadImages(sandboxFiles(stateDir).images)}`] : [];
    throw new Error([(error as Error).message, ...lines, ...hint].join('\n'), { cause: error });
  }
}
