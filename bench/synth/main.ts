import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CONTENDERS, type Contender, toArgs, WRITERS } from './contenders.ts';
import { type Inputs, writeInputs } from './inputs.ts';
import { measure } from './measure.ts';
import { assertSameObjects } from './outputs.ts';
import { type Round, type Size, toReport } from './report.ts';

/** Numbers of clusters, and how often each contender runs with them. */
const SIZES: readonly (readonly [clusters: number, rounds: number])[] = [
  [1, 15],
  [10, 15],
  [50, 11],
  [200, 7],
];
const README = join(import.meta.dirname, '../README.md');
/** What stands around the generated part of the README. */
const MARKED = /(<!-- begin: node bench\/synth\/main\.ts --write -->\n).*(<!-- end -->)/s;

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
const folder = mkdtempSync(join(tmpdir(), 'sitewright-bench-'));
try {
  const report = toReport(SIZES.map(([clusters, rounds]) => runSize(clusters, rounds)));
  console.log(report);
  if (values.write) {
    writeFileSync(
      README,
      readFileSync(README, 'utf8').replace(MARKED, (_, begin, end) => `${begin}\n${report}\n\n${end}`),
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function runSize(clusters: number, count: number): Size {
  const inputs = writeInputs(join(folder, `${clusters}-clusters`), clusters);
  runRound(inputs); // Fills the compile cache.
  const rounds = Array.from({ length: count }, () => runRound(inputs));
  assertSameObjects(WRITERS.map(outputOf), inputs.count);
  console.error(`${clusters} clusters: ${count} rounds with ${inputs.count} objects, all in the same bytes`);
  return { clusters, objects: inputs.count, rounds };
}

function runRound(inputs: Inputs): Round {
  const runs = CONTENDERS.map((contender) => {
    rmSync(outputOf(contender), { recursive: true, force: true });
    return [contender, measure(toArgs(contender, inputs, outputOf(contender)), folder)] as const;
  });
  return Object.fromEntries(runs) as Round;
}

function outputOf(contender: Contender): string {
  return join(folder, contender);
}
