import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { PROJECT_DIR } from '../tools/cache.ts';
import { temporaryFolder } from './helpers/folders.ts';

test.each([
  ['constructs/part.ts', '../cli/main.ts'],
  ['constructs/part.ts', 'cdk8s-plus-27/lib/imports/k8s.js'],
  ['apps/part.ts', '../stacks/index.ts'],
  ['environments/checks/part.ts', '../../apps/site.ts'],
  ['policies/rules/part.ts', '../../constructs/kinds.ts'],
  ['stacks/part.ts', '../sandbox/up.ts'],
  ['sandbox/part.ts', '../cli/tree/publish.ts'],
])('%s may not import %s', async (file, target) => {
  expect(await lint(file, target)).toContain('no-restricted-imports');
});

test.each([
  ['apps/part.ts', '../constructs/kinds.ts'],
  ['constructs/k8s.ts', 'cdk8s-plus-27/lib/imports/k8s.js'],
  ['constructs/part.test.ts', '../test/helpers/render.ts'],
])('%s may import %s', async (file, target) => {
  expect(await lint(file, target)).not.toContain('no-restricted-imports');
});

/** What the project's linter says about a file with one import. */
async function lint(file: string, target: string): Promise<string> {
  const dir = temporaryFolder();
  mkdirSync(dirname(join(dir, file)), { recursive: true });
  writeFileSync(join(dir, file), `import { part } from '${target}';\n\nexport const same = part;\n`);
  copyFileSync(join(PROJECT_DIR, '.oxlintrc.json'), join(dir, '.oxlintrc.json'));
  const oxlint = join(PROJECT_DIR, 'node_modules', '.bin', 'oxlint');
  const { stdout } = await execa(process.execPath, [oxlint, file], { cwd: dir, reject: false });
  return stdout;
}
