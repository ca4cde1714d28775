import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { synth } from '../../cli/tree/synth.ts';
import { addUser, controlPlaneDaemons, type LocalCluster } from '../../sandbox/control-plane.ts';
import { Launcher, stopDaemon } from '../../sandbox/daemon.ts';
import { type Kubectl, kubectl } from '../../sandbox/kubectl.ts';
import { freePorts } from '../../sandbox/plan.ts';
import { ensureTools, type Programs } from '../../sandbox/tools.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { PROJECT_DIR } from '../../tools/cache.ts';
import { MISSING_TOOLS } from '../helpers/sandbox.ts';

const ENVIRONMENTS = join(PROJECT_DIR, 'environments');
const NAMES = readdirSync(ENVIRONMENTS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && readdirSync(join(ENVIRONMENTS, entry.name)).includes('site-a.yaml'))
  .map(({ name }) => name);

describe.skipIf(MISSING_TOOLS.length > 0)('a real API server', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sitewright-dry-run-'));
  const dist = join(dir, 'dist');
  const started: string[] = [];
  let run: Kubectl;

  beforeAll(async () => {
    const { programs } = await ensureTools(
      ['etcd', 'kubernetes', 'argocd', 'external-secrets'],
      join(dir, 'bin'),
      () => {},
    );
    const cluster = await localCluster(join(dir, 'cluster'));
    const launcher = new Launcher();
    for (const daemon of await controlPlaneDaemons(cluster, programs.bin)) {
      if (/scheduler/.test(daemon.name)) continue;
      launcher.start(daemon);
      started.push(daemon.pidFile);
    }
    run = kubectl(programs.bin('kubectl'), await addUser(cluster, 'admin', 'admin', 'system:masters'), cluster.name);
    await waitFor('the API server is ready', 60_000, () => run(['get', '--raw', '/readyz']));
    await installDefinitions(run, programs);
    synth({ environments: ENVIRONMENTS }, dist);
  });
  afterAll(async () => {
    for (const pidFile of started.reverse()) await stopDaemon(pidFile);
    rmSync(dir, { recursive: true, force: true });
  });

  test.each(NAMES)('accepts every object of %s', async (environment) => {
    for (const folder of clusterFolders(join(dist, environment))) {
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
      expect(files.length).toBeGreaterThan(0);
      // A dry run keeps nothing: namespaces must be there before what lies in them.
      const namespaces = files.filter((name) => name.includes('Namespace.'));
      for (const name of namespaces) await run([...APPLY, '-f', join(folder, name)]);
      const accepted = await run([...APPLY, '--dry-run=server', '--recursive', '-f', folder, '-o', 'name']);
      expect(accepted.split('\n')).toHaveLength(files.length);
    }
  });

  test('refuses an object that is wrong', async () => {
    const file = join(dir, 'wrong.yaml');
    writeFileSync(
      file,
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: wrong, namespace: default}\nspec: {replica: 1}\n',
    );
    await expect(run([...APPLY, '--dry-run=server', '-f', file])).rejects.toThrow(
      '.spec.replica: field not declared in schema',
    );
  });
});

/** Unknown fields are errors, as they are for Argo CD's server-side apply. */
const APPLY = ['apply', '--server-side', '--force-conflicts', '--validate=strict', '--field-manager=dry-run'];

async function localCluster(dir: string): Promise<LocalCluster> {
  const [api = 0, etcd = 0, etcdPeer = 0] = await freePorts(3);
  return {
    name: 'dry-run',
    dir,
    address: '127.0.0.1',
    ports: { api, etcd, etcdPeer },
    pods: '10.241.0.0/16',
    services: '10.242.0.0/16',
    nodes: '127.0.0.0/24',
    cgroup: '',
    isolated: false,
  };
}

/** Installs the definitions of every custom kind that is rendered, and the namespace that Argo CD's objects lie in. */
async function installDefinitions(run: Kubectl, { file }: Programs): Promise<void> {
  const crds = (['argocd', 'external-secrets'] as const).flatMap((tool) => {
    const folder = file(tool, 'crds');
    return readdirSync(folder)
      .filter((name) => /^((?!kustomization).)*\.yaml$/.test(name))
      .map((name) => join(folder, name));
  });
  for (const crd of crds) await run(['apply', '--server-side', '-f', crd]);
  await waitFor('all definitions are established', 60_000, () =>
    run(['wait', 'crd', '--all', '--for=condition=Established', '--timeout=10s']),
  );
  await run(['create', 'namespace', 'argocd']);
}

/** The folders of a tree whose objects belong to one cluster; `apps` and `registration` go to where Argo CD runs. */
function clusterFolders(dir: string): string[] {
  return folders(dir).flatMap(folders);
}

function folders(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(dir, name));
}
