import { Command } from 'commander';
import { Failed } from '../errors.ts';
import { withJson } from '../options.ts';
import { count, print, printJson, styled, table } from '../output.ts';

/** `sitewright doctor` */
export function doctorCommand(): Command {
  const command = new Command('doctor').description('what this machine has, what it lacks, and how to get it');
  return withJson(command).action(async ({ json }: { json: boolean }) => {
    const { examine } = await import('../../sandbox/doctor.ts');
    const checks = examine();
    const colours = { ok: 'green', 'made when needed': 'yellow', missing: 'red' } as const;
    if (json) printJson(checks);
    else {
      const rows = checks.map(({ what, state, detail }) => [what, styled(colours[state], state), detail]);
      print(table(['what', 'state', 'detail'], rows));
    }
    const missing = checks.filter(({ state }) => state === 'missing');
    if (missing.length > 0) throw new Failed(`${count(missing.length, 'thing')} missing for a sandbox on this machine`);
  });
}
