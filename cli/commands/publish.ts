import { Command } from 'commander';
import { type SelectionOptions, toSelection, withJson, withSelection } from '../options.ts';
import { print, printJson } from '../output.ts';
import { repositoriesTable } from '../reports.ts';

/** `sitewright publish` */
export function publishCommand(): Command {
  const command = new Command('publish').description('push the rendered tree to the manifests repositories');
  withJson(withSelection(command)).addHelpText(
    'after',
    '\nOne commit per repository; none where nothing has changed. Credentials are those of git itself.',
  );
  return command.action(async (options: SelectionOptions & { json: boolean }) => {
    const { publish } = await import('../tree/publish.ts');
    const reports = await publish(toSelection(options));
    if (options.json) printJson(reports);
    else print(repositoriesTable(reports));
  });
}
