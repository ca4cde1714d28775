import { CONTENDERS, type Contender, type Writer } from './contenders.ts';
import type { Usage } from './measure.ts';

/** One run of each contender, one directly after the other. */
export type Round = Readonly<Record<Contender, Usage>>;

/** All rounds with one number of clusters. */
export interface Size {
  readonly clusters: number;
  readonly objects: number;
  readonly rounds: readonly Round[];
}

type Ratio = readonly [above: Writer, below: Writer];

const RATIOS: readonly Ratio[] = [
  ['sitewright', 'floor'],
  ['stock', 'floor'],
  ['sitewright', 'stock'],
];
const NAMES: Readonly<Record<Contender, string>> = {
  start: 'Node',
  floor: 'floor',
  sitewright: 'Sitewright',
  stock: 'stock',
};

/** Most that Sitewright may take of the floor's time, beyond Node's start. */
const MOST_OF_FLOOR = 1.3;
/** Most that the time may grow from the second largest size to the largest, which has four times the clusters. */
const MOST_GROWTH = 4.4;

/** The report, in Markdown. */
export function toReport(sizes: readonly Size[]): string {
  return [
    toGoals(sizes),
    toRatios("Time beyond Node's start", sizes, 'wallMs'),
    toRatios("Processor time beyond Node's start", sizes, 'cpuMs'),
    toRatios('Peak memory of the largest process', sizes, 'peakMiB'),
    toTable(
      'For scale: medians with Node in them',
      ['clusters', ...CONTENDERS.map((contender) => NAMES[contender])],
      sizes.map((size) => [size.clusters, ...CONTENDERS.map((contender) => toMedians(size, contender))]),
    ),
  ].join('\n\n');
}

function toRatios(title: string, sizes: readonly Size[], key: keyof Usage): string {
  return toTable(
    title,
    ['clusters', 'objects', ...RATIOS.map(([above, below]) => `${NAMES[above]} / ${NAMES[below]}`)],
    sizes.map((size) => [size.clusters, size.objects, ...RATIOS.map((ratio) => toSpread(ratiosOf(size, ratio, key)))]),
  );
}

/** The goals, and with how many clusters they are met. */
function toGoals(sizes: readonly Size[]): string {
  const [smaller, larger] = sizes.slice(-2);
  const medianOf = (size: Size | undefined) =>
    size === undefined ? Number.NaN : median(valuesOf(size, 'sitewright', 'wallMs'));
  const growth = medianOf(larger) / medianOf(smaller);
  const isMet = (ratio: Ratio, most: number) => (size: Size) => median(ratiosOf(size, ratio, 'wallMs')) <= most;
  return toTable(
    'Goals',
    ['goal', 'met with', 'missed with'],
    [
      [`at most ${MOST_OF_FLOOR} times the floor`, ...split(sizes, isMet(['sitewright', 'floor'], MOST_OF_FLOOR))],
      ['ahead of stock cdk8s', ...split(sizes, isMet(['sitewright', 'stock'], 1))],
      [
        `${larger?.clusters} over ${smaller?.clusters} clusters at most ${MOST_GROWTH} times`,
        ...(growth <= MOST_GROWTH ? [growth.toFixed(2), ''] : ['', growth.toFixed(2)]),
      ],
    ],
  );
}

/** The numbers of clusters for which something holds, and the others. */
function split(sizes: readonly Size[], holds: (size: Size) => boolean): string[] {
  const list = (some: readonly Size[]) => some.map(({ clusters }) => clusters).join(', ');
  return [list(sizes.filter(holds)), list(sizes.filter((size) => !holds(size)))];
}

/** A ratio in each round, since what runs beside it slows down a whole round rather than one of its runs. */
function ratiosOf(size: Size, [above, below]: Ratio, key: keyof Usage): number[] {
  const denominators = valuesOf(size, below, key);
  return valuesOf(size, above, key).map((value, round) => value / (denominators[round] ?? Number.NaN));
}

/** Times without what Node itself takes; memory as it is. */
function valuesOf({ rounds }: Size, writer: Writer, key: keyof Usage): number[] {
  const start = key === 'peakMiB' ? 0 : median(rounds.map((round) => round.start[key]));
  return rounds.map((round) => round[writer][key] - start);
}

/** The median, and the quartiles that half of all rounds lie between. */
function toSpread(values: readonly number[]): string {
  return `${median(values).toFixed(2)} (${quantile(values, 0.25).toFixed(2)}–${quantile(values, 0.75).toFixed(2)})`;
}

function toMedians({ rounds }: Size, contender: Contender): string {
  const of = (key: keyof Usage) => median(rounds.map((round) => round[contender][key])).toFixed(0);
  return `${of('wallMs')} ms, ${of('peakMiB')} MiB`;
}

function toTable(title: string, head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [head, head.map(() => '--:'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return `**${title}**\n\n${lines.join('\n')}`;
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN;
}
