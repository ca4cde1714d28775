import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { synth } from '../cli/tree/synth.ts';
import { PROJECT_DIR } from '../tools/cache.ts';
import { readFiles, temporaryFolder } from './helpers/folders.ts';

test('plain cdk8s synth writes the same tree as sitewright synth', async () => {
  const [stock, ours] = [temporaryFolder(), temporaryFolder()];
  const cdk8s = join(PROJECT_DIR, 'node_modules', 'cdk8s-cli', 'bin', 'cdk8s');
  await execa(process.execPath, [cdk8s, 'synth', '--output', stock, '--check-upgrade=false'], { cwd: PROJECT_DIR });
  synth({ environments: join(PROJECT_DIR, 'environments') }, ours);

  expect(Object.keys(readFiles(stock)).length).toBeGreaterThan(300);
  expect(readFiles(stock)).toEqual(readFiles(ours));
});
