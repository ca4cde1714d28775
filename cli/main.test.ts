import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../test/helpers/folders.ts';
import { PROJECT_DIR } from '../tools/cache.ts';

const MAIN = join(PROJECT_DIR, 'cli', 'main.ts');

test('prints one row per cluster and exits with 0', async () => {
  const { stdout, exitCode } = await sitewright('synth', '--environment', 'sandbox', '--out', temporaryFolder());
  expect(exitCode).toBe(0);
  const rows = stdout.split('\n').map((line) => line.split(/\s{2,}/));
  expect(rows[0]).toEqual(['ENVIRONMENT', 'SITE', 'CLUSTER', 'COMPONENTS', 'OBJECTS', 'FINDINGS']);
  expect(rows.slice(1, 4).map(([, , cluster]) => cluster)).toEqual(['control', 'data-1', 'data-2']);
});

test('prints JSON and nothing else with --json', async () => {
  const { stdout } = await sitewright('synth', '--json', '--environment', 'sandbox', '--out', temporaryFolder());
  const report = JSON.parse(stdout) as { clusters: { cluster: string }[]; findings: unknown[] };
  expect(report.clusters).toHaveLength(3);
  expect(report.findings).toEqual([]);
});

test('uses no colours where there is no terminal', async () => {
  const { stdout, stderr } = await sitewright('synth', '--out', temporaryFolder());
  expect(`${stdout}${stderr}`).not.toContain('\u001b');
});

test('finds a tree that was changed by hand', async () => {
  const out = temporaryFolder();
  await sitewright('synth', '--environment', 'sandbox', '--out', out);
  const file = join(out, 'sandbox', 'site-b', 'registration', 'data-1', 'ClusterRole.argocd-manager.yaml');
  writeFileSync(file, `${readFileSync(file, 'utf8')}# more rights\n`);
  const { stdout, stderr, exitCode } = await sitewright('check', '--environment', 'sandbox', '--out', out);
  expect(exitCode).toBe(1);
  expect(stdout).toContain(`${file}: changed by hand; run sitewright synth`);
  expect(stderr).toBe('error: 1 finding');
});

test('names every problem of the environment files and exits with 1', async () => {
  const environments = brokenEnvironments();
  const { stderr, exitCode } = await sitewright('check', '--environments', environments);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /site-b\.yaml:\d+:\d+: 'clusters\.data-1\.plain' must be a known key, got "plain"; did you mean plane\?/,
  );
  expect(stderr).toMatch(/error: 2 problems in the environment files$/);
  expect(stderr).not.toContain('    at ');
});

test('reports problems as JSON with --json', async () => {
  const { stdout, exitCode } = await sitewright('check', '--json', '--environments', brokenEnvironments());
  expect(exitCode).toBe(1);
  const { problems } = JSON.parse(stdout) as { problems: { line: number; rule: string }[] };
  expect(problems).toHaveLength(2);
  expect(problems[0]).toMatchObject({ line: expect.any(Number), rule: expect.any(String) });
});

test.each([
  [['synht'], "unknown command 'synht'\n(Did you mean synth?)"],
  [['synth', '--sit', 'site-b'], "unknown option '--sit'\n(Did you mean --site?)"],
  [['sandbox', 'up', '--contexts', 'control'], 'must be like control=CONTEXT,data-1=CONTEXT'],
  [['sandbox', 'logs', '-n', 'many'], '--lines must be a number, got many'],
])('exits with 2 for %j', async (args, message) => {
  const { stderr, exitCode } = await sitewright(...args);
  expect(stderr).toContain(message);
  expect(exitCode).toBe(2);
});

test.each([[['--help']], [['synth', '--help']], [['sandbox', 'up', '--help']], [['--version']]])(
  'exits with 0 for %j',
  async (args) => {
    const { stdout, exitCode } = await sitewright(...args);
    expect(stdout).not.toBe('');
    expect(exitCode).toBe(0);
  },
);

test('says how to start a sandbox where there is none', async () => {
  const { stderr, exitCode } = await sitewright('sandbox', 'status', '--state', temporaryFolder());
  expect(stderr).toContain('start one: sitewright sandbox up');
  expect(exitCode).toBe(1);
});

test('tells what the machine has', async () => {
  const { stdout } = await sitewright('doctor', '--json');
  const checks = JSON.parse(stdout) as { what: string; state: string }[];
  expect(checks.find(({ what }) => what === 'Node.js')).toMatchObject({ state: 'ok' });
  expect(checks.map(({ what }) => what)).toContain('tool pulumi');
});

function sitewright(...args: string[]) {
  return execa(process.execPath, [MAIN, ...args], { reject: false, cwd: PROJECT_DIR });
}

/** The sandbox's files with a wrong key and a wrong address. */
function brokenEnvironments(): string {
  const dir = temporaryFolder();
  cpSync(join(PROJECT_DIR, 'environments', 'sandbox'), join(dir, 'sandbox'), { recursive: true });
  const file = join(dir, 'sandbox', 'site-b.yaml');
  const text = readFileSync(file, 'utf8').replace('data-1:\n    plane:', 'data-1:\n    plain:');
  writeFileSync(file, text.replace('owner: business-a@', 'owner: business-a-at-'));
  return dir;
}
