import { join } from 'node:path';
import { execa } from 'execa';
import { controlPlaneDaemons, kubeconfigFile, type LocalCluster } from './control-plane.ts';
import type { Daemon, Launcher } from './daemon.ts';
import { writeImage } from './images.ts';
import { kubectl } from './kubectl.ts';
import { addSimulatedNode, kwokDaemon } from './kwok.ts';
import { inMachine, startMachine } from './machine.ts';
import { CONTAINERD_SOCKET, nodeDaemons, PAUSE_IMAGE } from './node.ts';
import { bridgeName, toMachine } from './plan.ts';
import type { SandboxState } from './state.ts';
import { cniDir, type Programs } from './tools.ts';
import { waitFor } from './wait.ts';

/** Image of the business applications, as the sandbox's environment file names it. */
export const BUSINESS_IMAGE = 'sitewright.local/business-app:1.0.0';

const READY_TIMEOUT_MS = 120_000;

/** Starts a cluster's control plane and its node, and waits until both are ready. */
export async function startCluster(
  launcher: Launcher,
  state: SandboxState,
  cluster: LocalCluster,
  programs: Programs,
  images: Images,
): Promise<void> {
  const { bin } = programs;
  const start = (daemon: Daemon): void => {
    const command = cluster.isolated ? inMachine(cluster.dir, daemon.command) : daemon.command;
    launcher.start({ ...daemon, command });
  };
  if (cluster.isolated) {
    await startMachine(launcher, toMachine(state, cluster), bridgeName(state), images.pauseProgram);
  }
  for (const daemon of await controlPlaneDaemons(cluster, bin)) start(daemon);
  const run = kubectl(bin('kubectl'), kubeconfigFile(cluster, 'admin'), cluster.name);
  const log = (name: string) => join(cluster.dir, 'log', `${name}.log`);
  const waitForApi = () =>
    waitFor(`the API server of ${cluster.name} is ready (log: ${log('kube-apiserver')})`, READY_TIMEOUT_MS, () =>
      run(['get', '--raw', '/readyz']),
    );
  if (cluster.isolated) {
    const { containerd, kubelet, kubeProxy } = await nodeDaemons(cluster, bin, cniDir(programs), programs.path);
    start(containerd);
    await importImages(cluster, bin, images);
    start(kubelet);
    await waitForApi();
    // Unlike the kubelet it ends where it finds no API server.
    start(kubeProxy);
  } else {
    await waitForApi();
    await addSimulatedNode(cluster, run);
    start(kwokDaemon(cluster, programs));
  }
  const node = cluster.isolated ? 'kubelet' : 'kwok';
  await waitFor(`the node of ${cluster.name} is ready (log: ${log(node)})`, READY_TIMEOUT_MS, async () => {
    const jsonpath = '{.items[*].status.conditions[?(@.type=="Ready")].status}';
    return (await run(['get', 'nodes', '-o', `jsonpath=${jsonpath}`])) === 'True';
  });
}

/** The images that every node needs, made on this machine. */
export interface Images {
  /** The program that holds machines, as it does pods. */
  readonly pauseProgram: string;
  readonly archives: readonly string[];
}

/** Makes the images as archives. */
export async function makeImages(dir: string, { file }: Programs): Promise<Images> {
  const pauseProgram = file('images', 'bin/pause');
  const pause = join(dir, 'pause.tar');
  const business = join(dir, 'business-app.tar');
  await writeImage(pause, { reference: PAUSE_IMAGE, program: pauseProgram });
  await writeImage(business, { reference: BUSINESS_IMAGE, program: file('images', 'bin/business-app') });
  return { pauseProgram, archives: [pause, business] };
}

async function importImages(cluster: LocalCluster, bin: (name: string) => string, images: Images): Promise<void> {
  const log = join(cluster.dir, 'log', 'containerd.log');
  const ctr = async (...args: string[]): Promise<string> => {
    const command = [bin('ctr'), `--address=${CONTAINERD_SOCKET}`, '--namespace=k8s.io', ...args];
    const [program = '', ...rest] = inMachine(cluster.dir, command);
    return (await execa(program, rest)).stdout;
  };
  const present = await waitFor(`containerd of ${cluster.name} answers (log: ${log})`, READY_TIMEOUT_MS, async () => ({
    names: await ctr('images', 'list', '--quiet'),
  }));
  if ([PAUSE_IMAGE, BUSINESS_IMAGE].every((name) => present.names.includes(name))) return;
  for (const archive of images.archives) await ctr('images', 'import', archive);
}
