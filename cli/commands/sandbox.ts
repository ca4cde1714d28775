import { Command } from 'commander';
import { Failed, UsageError } from '../errors.ts';
import { interruptible } from '../interrupt.ts';
import { environmentsOption, parsePairs, withJson, withOut, withState } from '../options.ts';
import { count, note, print, printJson, shortPath } from '../output.ts';
import { runSynth } from './synth.ts';

/** Environment that a sandbox is started from. */
const DEFAULT_ENVIRONMENT = 'sandbox';

interface UpOptions {
  readonly environments: string;
  readonly environment: string;
  readonly site?: string;
  readonly out: string;
  readonly state: string;
  readonly contexts?: Readonly<Record<string, string>>;
  readonly simulate: boolean;
  readonly json: boolean;
}

/** `sitewright sandbox` */
export function sandboxCommand(): Command {
  return new Command('sandbox')
    .description('the whole platform for real, on this machine')
    .addCommand(upCommand())
    .addCommand(downCommand())
    .addCommand(statusCommand())
    .addCommand(logsCommand())
    .addCommand(envCommand());
}

function upCommand(): Command {
  const command = new Command('up').description('start the sandbox, or what is missing of it');
  return withJson(withState(withOut(command, 'folder that the tree is written to')))
    .addOption(environmentsOption())
    .option('--environment <name>', 'environment to start', DEFAULT_ENVIRONMENT)
    .option('--site <name>', 'only the stack and the Applications of this site (default: all)')
    .option('--contexts <list>', 'clusters that exist already: control=CONTEXT,data-1=CONTEXT,…', parsePairs)
    .option('--simulate', 'simulate the nodes even where real ones could run', false)
    .addHelpText(
      'after',
      `
Real etcd, Kubernetes, Argo CD, Redis and git, one cluster per cluster of the environment. What runs already stays as
it is. With root each cluster gets a real node; without it the nodes are simulated by KWOK: pods are then scheduled
and reported as running, but run no program.`,
    )
    .action(up);
}

async function up(options: UpOptions): Promise<void> {
  const { loadEnvironments } = await import('../../environments/load.ts');
  const { stopSandbox } = await import('../../sandbox/down.ts');
  const { sandboxStatus } = await import('../../sandbox/status.ts');
  const { sandboxUp } = await import('../../sandbox/up.ts');
  const { publish } = await import('../tree/publish.ts');
  const { terminalProgress } = await import('../progress.ts');
  const { upReport } = await import('../sandbox-reports.ts');
  const { environments, environment: name, site, contexts, state: stateDir, simulate, json } = options;
  const [environment] = loadEnvironments({ dir: environments, environment: name });
  if (environment === undefined) throw new UsageError(`--environment must have a site, got ${name}; choose another`);
  const sites = environment.sites.map((one) => one.name);
  if (site !== undefined && !sites.includes(site)) {
    throw new UsageError(`--site must be a site of ${name}, got ${site}; choose one of ${sites.join(', ')}`);
  }
  const clusters = environment.sites.flatMap((one) => one.clusters.map((cluster) => cluster.name));
  checkContexts(contexts, clusters);
  const { synth } = await import('../tree/synth.ts');
  const { clustersTable } = await import('../reports.ts');
  if (json) note(clustersTable(synth({ environments }, options.out).clusters));
  else await runSynth({ environments, out: options.out, json: false });

  const before = await sandboxStatus(stateDir);
  const wasRunning = before?.processes.some(({ pid }) => pid !== undefined) === true;
  const report = await interruptible(
    (signal) =>
      sandboxUp(
        {
          ...{ stateDir, environmentsDir: environments, environment, site, contexts, simulate, signal },
          publish: async (env) => {
            const [published] = await publish({ environments, environment: name }, env);
            return published?.commit ?? '';
          },
        },
        terminalProgress(),
      ),
    async () => {
      if (wasRunning) note('what runs stays, since it ran before; sitewright sandbox down stops it');
      else await stopSandbox(stateDir);
    },
  );
  if (json) printJson(upReport.json(report));
  else print(upReport.text(report, stateDir));
}

function checkContexts(contexts: UpOptions['contexts'], clusters: readonly string[]): void {
  if (contexts === undefined) return;
  const missing = clusters.filter((name) => !Object.hasOwn(contexts, name));
  const unknown = Object.keys(contexts).filter((name) => !clusters.includes(name));
  if (missing.length + unknown.length === 0) return;
  throw new UsageError(
    `--contexts must name a context for each of ${clusters.join(', ')}, got ${Object.keys(contexts).join(', ')}; add the others`,
  );
}

function downCommand(): Command {
  const command = new Command('down').description('stop exactly what sandbox up has started');
  return withJson(withState(command))
    .option('--purge', 'also delete its data, logs and keys', false)
    .action(async ({ state, purge, json }: { state: string; purge: boolean; json: boolean }) => {
      const { sandboxDown } = await import('../../sandbox/down.ts');
      const stopped = await sandboxDown(state, purge);
      if (json) printJson({ stopped: stopped ?? [], purged: purge && stopped !== undefined });
      else if (stopped === undefined) note(`no sandbox in ${shortPath(state)}`);
      else {
        note(stopped.length === 0 ? 'nothing was running' : `stopped ${stopped.join(', ')}`);
        note(purge ? 'its data is deleted' : `its data stays in ${shortPath(state)}; --purge deletes it`);
      }
    });
}

function statusCommand(): Command {
  const command = new Command('status').description(
    'what runs, and how its Applications are; 1 where something is not well',
  );
  return withJson(withState(command)).action(async ({ state, json }: { state: string; json: boolean }) => {
    const { sandboxStatus } = await import('../../sandbox/status.ts');
    const { statusText } = await import('../sandbox-reports.ts');
    const status = await sandboxStatus(state);
    if (status === undefined) {
      if (json) printJson({ processes: [], applications: [] });
      throw new Failed(`no sandbox in ${shortPath(state)}; start one: sitewright sandbox up`);
    }
    if (json) printJson(status);
    else print(statusText(status));
    const stopped = status.processes.filter(({ pid }) => pid === undefined);
    const unwell = status.applications.filter(({ well }) => !well);
    if (stopped.length > 0) throw new Failed(`${count(stopped.length, 'process', 'processes')} not running`);
    if (status.unreachable !== undefined) throw new Failed(status.unreachable);
    if (unwell.length > 0) throw new Failed(`${count(unwell.length, 'Application')} not Synced and Healthy`);
  });
}

function logsCommand(): Command {
  const command = new Command('logs').description('the log of one process of the sandbox');
  return withState(command)
    .argument('[name]', 'name as sandbox status prints it; without one: all names')
    .option('-f, --follow', 'go on as the log grows', false)
    .option('-n, --lines <number>', 'how many of the last lines', '200')
    .action(async (name: string | undefined, options: { state: string; follow: boolean; lines: string }) => {
      const { showLog } = await import('../../sandbox/logs.ts');
      if (!/^\d+$/.test(options.lines)) {
        throw new UsageError(`--lines must be a number, got ${options.lines}; try --lines 100`);
      }
      await showLog(options.state, name, { follow: options.follow, lines: Number(options.lines) });
    });
}

function envCommand(): Command {
  const command = new Command('env').description('the variables with which plain pulumi and kubectl work against it');
  return withJson(withState(command))
    .option('--stack <name>', 'also choose a stack, such as sandbox.site-b')
    .addHelpText(
      'after',
      '\nUse it like this: eval "$(./sitewright sandbox env --stack sandbox.site-b)" && pulumi preview',
    )
    .action(async ({ state, stack, json }: { state: string; stack?: string; json: boolean }) => {
      const { sandboxEnv } = await import('../../sandbox/env.ts');
      const env = sandboxEnv(state, stack);
      if (json) printJson(env);
      else
        print(
          Object.entries(env)
            .map(([key, value]) => `export ${key}=${quote(value)}`)
            .join('\n'),
        );
    });
}

function quote(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
