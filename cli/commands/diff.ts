import { Command } from 'commander';
import { Failed } from '../errors.ts';
import { type SelectionOptions, toSelection, withJson, withSelection } from '../options.ts';
import { note, print, printJson } from '../output.ts';

/** `sitewright diff` */
export function diffCommand(): Command {
  const command = new Command('diff').description('show what publishing would change in the manifests repositories');
  withJson(withSelection(command)).option('--exit-code', 'exit with 1 where there is a difference', false);
  return command.action(async (options: SelectionOptions & { json: boolean; exitCode: boolean }) => {
    const { diff } = await import('../tree/publish.ts');
    const reports = await diff(toSelection(options), process.stdout.isTTY && !options.json);
    const differs = reports.some(({ patch }) => patch !== '');
    if (options.json) printJson(reports);
    else {
      for (const { repository, branch, patch } of reports) {
        note(`${repository} (${branch}): ${patch === '' ? 'nothing to publish' : 'would change'}`);
        if (patch !== undefined && patch !== '') print(patch);
      }
    }
    if (differs && options.exitCode) throw new Failed('there are differences');
  });
}
