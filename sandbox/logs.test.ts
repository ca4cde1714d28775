import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { temporaryFolder, writeFiles } from '../test/helpers/folders.ts';
import { testState } from '../test/helpers/sandbox-state.ts';
import { showLog } from './logs.ts';
import { writeState } from './state.ts';

/** A sandbox with two processes, of which one has written. */
function sandbox(): string {
  const dir = temporaryFolder();
  writeState(dir, testState(dir));
  const log = Array.from({ length: 20 }, (_, line) => `line ${line}\n`).join('');
  writeFiles(dir, { 'run/git.pid': '1 1', 'log/git.log': log, 'clusters/control/run/etcd.pid': '1 1' });
  return dir;
}

/** What it prints, in a process of its own. */
async function printed(dir: string, name: string | undefined, lines: number): Promise<string> {
  const script = `import { showLog } from '${join(import.meta.dirname, 'logs.ts')}';
    await showLog(...JSON.parse(process.argv[1], (_, value) => value ?? undefined));`;
  const args = JSON.stringify([dir, name ?? null, { follow: false, lines }]);
  return (await execa(process.execPath, ['--input-type=module', '-e', script, args])).stdout;
}

test('the last lines of a process are shown', async () => {
  expect(await printed(sandbox(), 'git', 2)).toBe('line 18\nline 19');
});

test('without a name the names of all are shown', async () => {
  expect(await printed(sandbox(), undefined, 2)).toBe('git\ncontrol/etcd');
});

test.each(['nobody', 'control/etcd', '../log/git'])(
  '%s, which has no log, is an error with the names of all',
  async (name) => {
    await expect(showLog(sandbox(), name, { follow: false, lines: 1 })).rejects.toThrow(
      new Error(`NAME must be a process of the sandbox, got ${name}; choose one of git, control/etcd`),
    );
  },
);

test('without a sandbox it is an error that says how to get one', async () => {
  await expect(showLog('/nowhere', 'git', { follow: false, lines: 1 })).rejects.toThrow(
    new Error('/nowhere: must be a sandbox, got none; start one: sitewright sandbox up'),
  );
});
