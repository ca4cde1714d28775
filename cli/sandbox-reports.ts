import type { SandboxReport } from '../sandbox/up.ts';
import type { SandboxStatus } from '../sandbox/status.ts';
import { shortPath, styled, table } from './output.ts';

/** The report of `sandbox up`. */
export const upReport = {
  text(report: SandboxReport, stateDir: string): string {
    const { applications, evidence, addresses, limits } = report;
    return [
      '',
      applicationsTable(applications),
      '',
      table(
        ['cluster', 'namespace', 'service', 'ready', 'answers'],
        evidence.map(({ cluster, namespace, service, ready, answer }) => [cluster, namespace, service, ready, answer]),
      ),
      '',
      addressesTable(addresses),
      ...limits.map((limit) => `\n${styled('yellow', limit)}`),
      '',
      `logs and data are in ${shortPath(stateDir)}; sitewright sandbox down stops it all`,
    ].join('\n');
  },

  json({ state, tools, started, commit, stacks, applications, evidence, addresses, limits }: SandboxReport): object {
    return { mode: state.mode, tools, started, commit, stacks, applications, evidence, addresses, limits };
  },
};

/** The report of `sandbox status`. */
export function statusText({ processes, applications, addresses }: SandboxStatus): string {
  const rows = processes.map(({ name, pid, memoryMiB }) => [
    name,
    pid === undefined ? styled('red', 'stopped') : styled('green', 'running'),
    pid ?? '-',
    memoryMiB ?? '-',
  ]);
  return [
    table(['process', 'state', 'pid', 'memory MiB'], rows),
    '',
    applicationsTable(applications),
    '',
    addressesTable(addresses),
  ].join('\n');
}

function applicationsTable(applications: SandboxStatus['applications'] | SandboxReport['applications']): string {
  return table(
    ['application', 'destination', 'sync', 'health', 'revision', 'message'],
    applications.map(({ name, destination, sync, health, revision, message }) => [
      name,
      destination,
      styled(sync === 'Synced' ? 'green' : 'red', sync),
      styled(health === 'Healthy' ? 'green' : 'red', health),
      revision,
      message,
    ]),
  );
}

function addressesTable(addresses: SandboxReport['addresses']): string {
  return table(
    ['what', 'address', 'sign in'],
    addresses.map(({ what, address, signIn }) => [what, address, signIn]),
  );
}
