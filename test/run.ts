import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { terminalProgress } from '../cli/progress.ts';
import { canRunNodes } from '../sandbox/plan.ts';
import { ensureTools, SANDBOX_TOOLS } from '../sandbox/tools.ts';
import { PROJECT_DIR } from '../tools/cache.ts';
import { resolveTool } from '../tools/resolve.ts';

/** Outcome of a run of the tests. */
export interface TestReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Tools that the end-to-end tests wanted and did not find. */
  readonly missingTools: readonly string[];
}

/**
 * Runs the tests with vitest.
 * @param e2e get the tools that the end-to-end tests need first
 */
export async function runTests(filters: readonly string[], e2e: boolean): Promise<TestReport> {
  const names = SANDBOX_TOOLS[canRunNodes() ? 'nodes' : 'kwok'];
  const dir = mkdtempSync(join(tmpdir(), 'sitewright-test-'));
  try {
    if (e2e) {
      await terminalProgress().step(
        'Tools',
        (say) => ensureTools(names, join(dir, 'bin'), say),
        ({ reports }) => `${reports.length} found`,
      );
    }
    const missingTools = names.filter((name) => resolveTool(name).from === 'missing');
    const results = join(dir, 'results.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
    const vitest = join(PROJECT_DIR, 'node_modules', 'vitest', 'vitest.mjs');
    await execa(process.execPath, [vitest, 'run', ...reporters, ...filters], {
      cwd: PROJECT_DIR,
      stdio: ['ignore', 'inherit', 'inherit'],
      reject: false,
    });
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, success, numFailedTestSuites } = JSON.parse(
      readFileSync(results, 'utf8'),
    ) as Record<string, number> & { success: boolean };
    // A file that does not even load has no test that could fail.
    const failed = Math.max(
      numFailedTests ?? 0,
      success ? 0 : 1,
      (numFailedTests ?? 0) === 0 ? (numFailedTestSuites ?? 0) : 0,
    );
    return { passed: numPassedTests ?? 0, failed, skipped: (numPendingTests ?? 0) + (numTodoTests ?? 0), missingTools };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
