import { Command } from 'commander';
import { Failed } from '../errors.ts';
import { type SelectionOptions, toSelection, withJson, withOut, withSelection } from '../options.ts';
import { count, note, print, printJson, shortPath } from '../output.ts';
import { clustersTable, findingsList } from '../reports.ts';

/** `sitewright check` */
export function checkCommand(): Command {
  const command = new Command('check').description('check the environment files and the rendered tree; writes nothing');
  withJson(withOut(withSelection(command), 'tree to compare with, where there is one'));
  return command.action(async (options: SelectionOptions & { out: string; json: boolean }) => {
    const isOwn = (name: string) => command.getOptionValueSource(name) === 'default';
    // The tree in dist/ is that of the environment files beside it, not of any others.
    const out = isOwn('out') && !isOwn('environments') ? undefined : options.out;
    const { check } = await import('../tree/check.ts');
    const { clusters, findings, tree } = check(toSelection(options), out);
    if (options.json) printJson({ clusters, findings, tree });
    else {
      print(clustersTable(clusters));
      if (findings.length > 0) print(findingsList(findings));
      const place = shortPath(options.out);
      if (out === undefined) note('\nno tree to compare with: name one with --out');
      else if (tree === 'none') note(`\nno tree in ${place}: nothing to compare with`);
      else if (tree.length === 0) note(`\nthe tree in ${place} is current`);
      else print(tree.map(({ file, state }) => `${shortPath(file)}: ${state}; run sitewright synth`).join('\n'));
    }
    const stale = tree === 'none' ? 0 : tree.length;
    const failures = findings.length + stale;
    if (failures > 0) throw new Failed(count(failures, 'finding'));
  });
}
