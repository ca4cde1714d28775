import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Address, listAddresses } from './addresses.ts';
import { type ApplicationStatus, isWell, listApplications } from './applications.ts';
import { daemonsOf } from './down.ts';
import { kubectl } from './kubectl.ts';
import { readState, sandboxFiles } from './state.ts';

/** A process of a sandbox. */
export interface ProcessStatus {
  readonly name: string;
  /** Absent when it does not run. */
  readonly pid: number | undefined;
  readonly memoryMiB: number | undefined;
}

/** How a sandbox is. */
export interface SandboxStatus {
  readonly processes: readonly ProcessStatus[];
  readonly applications: readonly (ApplicationStatus & { readonly well: boolean })[];
  /** Why the Applications are not known. @default - they are */
  readonly unreachable?: string;
  readonly addresses: readonly Address[];
}

/** Looks at a sandbox; `undefined` where there is none. Changes nothing. */
export async function sandboxStatus(stateDir: string): Promise<SandboxStatus | undefined> {
  const state = readState(stateDir);
  if (state === undefined) return undefined;
  const processes = daemonsOf(stateDir, state).map(({ name, pid }) => ({ name, pid, memoryMiB: memoryOf(pid) }));
  const addresses = listAddresses(state);
  const { control } = state;
  try {
    const program = join(sandboxFiles(stateDir).bin, 'kubectl');
    const run = kubectl(program, state.kubeconfig, state.contexts[control] ?? control, '3s');
    const applications = await listApplications(run);
    return { processes, applications: applications.map((one) => ({ ...one, well: isWell(one) })), addresses };
  } catch {
    const unreachable = `cluster ${control} must answer, got nothing; start it again: sitewright sandbox up`;
    return { processes, applications: [], unreachable, addresses };
  }
}

/** Resident memory of a process and of what it has started, in MiB. */
function memoryOf(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
    const own = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    // A process inside a machine is the child of the one that took it there.
    const below = children.map((child) => memoryOf(Number(child)) ?? 0).reduce((sum, value) => sum + value, 0);
    return Math.round(Number(own ?? 0) / 1024) + below;
  } catch {
    return undefined;
  }
}
