import { Command } from 'commander';
import { Failed } from '../errors.ts';
import { type SelectionOptions, toSelection, withJson, withOut, withSelection } from '../options.ts';
import { count, note, print, printJson, shortPath } from '../output.ts';
import { clustersTable, findingsList } from '../reports.ts';

/** What a synth needs to know. */
export interface SynthOptions extends SelectionOptions {
  readonly out: string;
  readonly json: boolean;
}

/** `sitewright synth` */
export function synthCommand(): Command {
  const command = new Command('synth').description('render and check the manifests of every environment');
  withJson(withOut(withSelection(command), 'folder that the tree is written to'));
  return command.action((options: SynthOptions) => runSynth(options));
}

/** Renders the selected sites and reports on it. */
export async function runSynth(options: SynthOptions): Promise<void> {
  const { synth } = await import('../tree/synth.ts');
  const report = synth(toSelection(options), options.out);
  if (options.json) printJson({ out: options.out, ...report });
  else {
    print(clustersTable(report.clusters));
    const { added, changed, removed } = report.files;
    const objects = report.clusters.reduce((sum, cluster) => sum + cluster.objects, 0);
    note(
      `\n${count(objects, 'object')} in ${shortPath(options.out)}: ${added} added, ${changed} changed, ${removed} removed`,
    );
    if (report.findings.length > 0) print(findingsList(report.findings));
  }
  if (report.findings.length > 0) throw new Failed(count(report.findings.length, 'finding'));
}
