import { Command } from 'commander';
import { note, print } from '../output.ts';

/** `sitewright test` */
export function testCommand(): Command {
  return new Command('test')
    .description('run the tests; the end-to-end ones too where the tools that they need are there')
    .argument('[filter...]', 'only test files whose path holds one of these')
    .option('--e2e', 'build the tools that are missing and skip nothing', false)
    .action(async (filters: string[], { e2e }: { e2e: boolean }) => {
      const { runTests } = await import('../../test/run.ts');
      const { passed, failed, skipped, missingTools } = await runTests(filters, e2e);
      if (missingTools.length > 0) {
        note(`\nskipped for want of ${missingTools.join(', ')}: ./sitewright test --e2e gets them and runs everything`);
      }
      print(`${passed} passed, ${failed} failed, ${skipped} skipped`);
      // Nothing is printed after the counts: programs read the last line.
      if (failed > 0) process.exitCode = 1;
    });
}
