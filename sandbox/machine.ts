import { existsSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { childPids, daemonPid, type Launcher, processName, stopDaemon } from './daemon.ts';
import { waitFor } from './wait.ts';

const SCRIPT = join(import.meta.dirname, 'machine.sh');
/** A machine's own network interface. */
const INTERFACE = 'eth0';

/**
 * A machine: network, mount, process, host name and IPC namespaces of one cluster, held open by its process 1. When
 * that ends, the kernel ends all other processes inside and removes its mounts and interfaces: nothing stays behind.
 */
export interface Machine {
  /** Host name, also the node's name. */
  readonly name: string;
  /** Folder of its process id, log and data. */
  readonly dir: string;
  /** Address of the machine. */
  readonly address: string;
  /** Address of this computer in the machine's range. */
  readonly gateway: string;
  /** Prefix length of the range that both lie in. */
  readonly prefixLength: number;
  /** Its end of the cable on this computer, at most 15 characters. */
  readonly cable: string;
}

/** Starts a machine and connects it to the bridge, where that is not done. */
export async function startMachine(launcher: Launcher, machine: Machine, bridge: string, pause: string): Promise<void> {
  mkdirSync(join(machine.dir, 'log'), { recursive: true });
  launcher.start({
    name: `${machine.name}/machine`,
    command: [
      ...['unshare', '--net', '--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child', '--mount-proc'],
      ...[SCRIPT, machine.name, machine.dir, pause],
    ],
    pidFile: machinePidFile(machine.dir),
    logFile: machineLogFile(machine.dir),
  });
  const init = await waitFor(`machine ${machine.name} starts (log: ${machineLogFile(machine.dir)})`, 10_000, () => {
    const pid = machineInit(machine.dir);
    // The script has done its work once it has become the program that holds the machine.
    return pid !== undefined && processName(pid) === basename(pause) ? pid : undefined;
  });
  // Joining the bridge is the last step: a cable that has not is what an interrupted run left.
  if (!existsSync(`/sys/class/net/${machine.cable}/master`)) await connect(machine, bridge, init);
}

/** Ends everything that runs in a machine, and its namespaces with it. Returns whether it was running. */
export function stopMachine(dir: string): Promise<boolean> {
  // `unshare` ignores SIGTERM while it waits; with --kill-child its own end takes process 1 along, and that all others.
  return stopDaemon(machinePidFile(dir), 'SIGKILL');
}

/** Removes the cable of a machine that has ended. The kernel does so too, but only a moment later. */
export async function removeCable(name: string): Promise<void> {
  const isThere = () => existsSync(`/sys/class/net/${name}`);
  if (isThere()) await execa('ip', ['link', 'delete', name], { reject: false });
  await waitFor(`interface ${name} has gone`, 10_000, () => !isThere());
}

/** The command that runs `command` inside a machine. */
export function inMachine(dir: string, command: readonly string[]): string[] {
  const init = machineInit(dir);
  if (init === undefined) throw new Error(`machine in ${dir} does not run`);
  return ['nsenter', `--target=${init}`, '--net', '--mount', '--pid', '--uts', '--ipc', '--', ...command];
}

/** Process 1 of a running machine, as this computer numbers it. */
export function machineInit(dir: string): number | undefined {
  const pid = daemonPid(machinePidFile(dir));
  return pid === undefined ? undefined : childPids(pid)[0];
}

/** Makes the bridge that connects machines with each other and with this computer, or completes what an interrupted run left of it. */
export async function ensureBridge(name: string, machines: readonly Machine[]): Promise<void> {
  if (!existsSync(`/sys/class/net/${name}`)) await ip('link', 'add', name, 'type', 'bridge');
  for (const { gateway, prefixLength } of machines) {
    await ip('address', 'replace', `${gateway}/${prefixLength}`, 'dev', name);
  }
  await ip('link', 'set', name, 'up');
}

/** Removes the bridge. Returns whether it was there. */
export async function removeBridge(name: string): Promise<boolean> {
  if (!existsSync(`/sys/class/net/${name}`)) return false;
  await ip('link', 'delete', name);
  return true;
}

async function connect(machine: Machine, bridge: string, init: number): Promise<void> {
  const inside = (...command: string[]) => {
    const [program, ...args] = inMachine(machine.dir, command) as [string, ...string[]];
    return execa(program, args);
  };
  await inside('sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward');
  if (existsSync(`/sys/class/net/${machine.cable}`)) await ip('link', 'delete', machine.cable);
  await ip('link', 'add', machine.cable, 'type', 'veth', 'peer', 'name', INTERFACE, 'netns', String(init));
  await inside('ip', 'address', 'add', `${machine.address}/${machine.prefixLength}`, 'dev', INTERFACE);
  await inside('ip', 'link', 'set', INTERFACE, 'up');
  await inside('ip', 'route', 'add', 'default', 'via', machine.gateway);
  await ip('link', 'set', machine.cable, 'master', bridge, 'up');
}

async function ip(...args: string[]): Promise<void> {
  await execa('ip', args);
}

function machinePidFile(dir: string): string {
  return join(dir, 'run', 'machine.pid');
}

function machineLogFile(dir: string): string {
  return join(dir, 'log', 'machine.log');
}
