import ipaddr from 'ipaddr.js';
import type { Path, Problem } from '../problem.ts';
import { type Check, clustersOf, type Draft, servicesOf } from './draft.ts';

/** A range with the place it is written at. */
interface PlacedRange {
  readonly draft: Draft;
  readonly path: Path;
  readonly text: string;
  /** First and last address as numbers. */
  readonly first: number;
  readonly last: number;
}

/** Ranges begin at their first address, do not overlap in an environment, and load balancers lie among the nodes. */
export const checkRanges: Check = (sites) => {
  const problems: Problem[] = [];
  const separate: PlacedRange[] = [];
  const pools: PlacedRange[] = [];
  const destinations = sites.flatMap(destinationsOf);
  for (const draft of sites) {
    for (const { path, cluster } of clustersOf(draft)) {
      const place = (key: 'nodes' | 'pods' | 'services' | 'loadBalancers'): PlacedRange | undefined => {
        const text = cluster.network?.[key];
        return text === undefined ? undefined : toRange(draft, [...path, 'network', key], text);
      };
      const nodes = place('nodes');
      const pool = place('loadBalancers');
      for (const range of [nodes, place('pods'), place('services')]) if (range !== undefined) separate.push(range);
      if (pool === undefined) continue;
      pools.push(pool);
      if (nodes !== undefined && (pool.first < nodes.first || pool.last > nodes.last)) {
        problems.push(
          draft.source.problem(pool.path, 'lie in the nodes range', pool.text, `take a part of ${nodes.text}`),
        );
      }
    }
  }
  for (const { draft, path, text } of [...separate, ...pools, ...destinations]) {
    const network = ipaddr.IPv4.networkAddressFromCIDR(text).toString();
    if (text.startsWith(`${network}/`)) continue;
    const corrected = `${network}/${text.split('/')[1]}`;
    problems.push(draft.source.problem(path, 'begin at the first address of the range', text, `write ${corrected}`));
  }
  return [...problems, ...overlaps(separate), ...overlaps(pools)];
};

/**
 * Ranges that overlap, each reported once, at the place that was read last. Sorted by address first, so that thousands
 * of ranges take no time.
 */
function overlaps(ranges: readonly PlacedRange[]): Problem[] {
  const order = new Map(ranges.map((range, index) => [range, index]));
  const problems = new Map<PlacedRange, Problem>();
  let widest: PlacedRange | undefined;
  for (const range of ranges.toSorted((a, b) => a.first - b.first || b.last - a.last)) {
    if (widest !== undefined && range.first <= widest.last) {
      const [first, last] = (order.get(widest) ?? 0) < (order.get(range) ?? 0) ? [widest, range] : [range, widest];
      const other = `${first.text} of ${first.path.join('.')} (${first.draft.source.place(first.path)})`;
      const fix = 'choose a range of its own';
      if (!problems.has(last)) {
        problems.set(last, last.draft.source.problem(last.path, `not overlap ${other}`, last.text, fix));
      }
    }
    if (widest === undefined || range.last > widest.last) widest = range;
  }
  return [...problems.values()];
}

/** Where services may connect to. These may overlap. */
function destinationsOf(draft: Draft): PlacedRange[] {
  return servicesOf(draft).flatMap(({ path, service }) =>
    (service.egress ?? []).flatMap((egress, index) =>
      egress?.to === undefined ? [] : [toRange(draft, [...path, 'egress', index, 'to'], egress.to)],
    ),
  );
}

function toRange(draft: Draft, path: Path, text: string): PlacedRange {
  const number = (address: ipaddr.IPv4): number => address.octets.reduce((value, octet) => value * 256 + octet, 0);
  return {
    draft,
    path,
    text,
    first: number(ipaddr.IPv4.networkAddressFromCIDR(text)),
    last: number(ipaddr.IPv4.broadcastAddressFromCIDR(text)),
  };
}
