import ipaddr from 'ipaddr.js';
import type { Problem } from '../problem.ts';
import { type Check, clustersOf, type Draft } from './draft.ts';

/** A range with the place it is written at. */
interface PlacedRange {
  readonly draft: Draft;
  readonly path: readonly string[];
  readonly text: string;
  /** First and last address as numbers. */
  readonly first: number;
  readonly last: number;
}

/** Ranges start at their first address, do not overlap in an environment, and load balancers lie among the nodes. */
export const checkRanges: Check = (sites) => {
  const problems: Problem[] = [];
  const separate: PlacedRange[] = [];
  const pools: PlacedRange[] = [];
  for (const draft of sites) {
    for (const { path, cluster } of clustersOf(draft)) {
      const place = (key: 'nodes' | 'pods' | 'services' | 'loadBalancers'): PlacedRange | undefined => {
        const text = cluster.network?.[key];
        return text === undefined ? undefined : { draft, path: [...path, 'network', key], text, ...bounds(text) };
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
  for (const { draft, path, text } of [...separate, ...pools]) {
    const network = ipaddr.IPv4.networkAddressFromCIDR(text).toString();
    if (text.startsWith(`${network}/`)) continue;
    const corrected = `${network}/${text.split('/')[1]}`;
    problems.push(draft.source.problem(path, 'start at the first address of the range', text, `write ${corrected}`));
  }
  return [...problems, ...overlaps(separate), ...overlaps(pools)];
};

/** Each range that begins before an earlier one has ended. Sorted first, so that thousands of ranges take no time. */
function overlaps(ranges: readonly PlacedRange[]): Problem[] {
  const problems: Problem[] = [];
  let widest: PlacedRange | undefined;
  for (const range of [...ranges].sort((a, b) => a.first - b.first || b.last - a.last)) {
    if (widest !== undefined && range.first <= widest.last) {
      const other = `${widest.text} of ${widest.path.join('.')} (${widest.draft.source.place(widest.path)})`;
      const rule = `not overlap ${other}`;
      problems.push(range.draft.source.problem(range.path, rule, range.text, 'choose a range of its own'));
    }
    if (widest === undefined || range.last > widest.last) widest = range;
  }
  return problems;
}

function bounds(text: string): { first: number; last: number } {
  const number = (address: ipaddr.IPv4): number => address.octets.reduce((value, octet) => value * 256 + octet, 0);
  return {
    first: number(ipaddr.IPv4.networkAddressFromCIDR(text)),
    last: number(ipaddr.IPv4.broadcastAddressFromCIDR(text)),
  };
}
