#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { checkCommand } from './commands/check.ts';
import { diffCommand } from './commands/diff.ts';
import { doctorCommand } from './commands/doctor.ts';
import { publishCommand } from './commands/publish.ts';
import { sandboxCommand } from './commands/sandbox.ts';
import { synthCommand } from './commands/synth.ts';
import { testCommand } from './commands/test.ts';
import { describeError, errorReport, Failed, UsageError } from './errors.ts';
import { note, printJson, styledError } from './output.ts';

/** Exit codes: everything is fine, there are findings or something failed, the command line is wrong. */
const EXIT = { fine: 0, failed: 1, usage: 2 } as const;

const program = new Command('sitewright')
  .description('builds and runs a multi-site internal developer platform from environment files')
  .version(packageJson.version)
  .showHelpAfterError('(--help lists what there is)')
  .addHelpText('after', '\nExit codes: 0 fine, 1 findings or failure, 2 wrong usage.')
  .addCommand(synthCommand())
  .addCommand(diffCommand())
  .addCommand(checkCommand())
  .addCommand(publishCommand())
  .addCommand(sandboxCommand())
  .addCommand(doctorCommand())
  .addCommand(testCommand());
for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) {
  command.exitOverride();
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  // Help and version end with an error that is none; usage errors have printed themselves.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  if (process.env.SITEWRIGHT_DEBUG !== undefined) console.error(error);
  if (process.argv.includes('--json') && !(error instanceof Failed)) printJson(errorReport(error));
  const { details, message } = describeError(error);
  for (const line of details) note(line);
  note(`${styledError('red', 'error:')} ${message}`);
  return error instanceof UsageError ? EXIT.usage : EXIT.failed;
}
