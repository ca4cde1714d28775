import { basename } from 'node:path';
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import { type Path, type Problem, showPath } from './problem.ts';

/** A parsed file in which paths can be turned into places. */
export class SourceFile {
  readonly file: string;
  private readonly document: Document;
  /** Offsets that lines begin at. The parser's own counter loses lines in what it cannot read. */
  private readonly lines: readonly number[];
  /** Lookups that the library makes by searching, which adds up over thousands of places. */
  private readonly pairs = new WeakMap<YAMLMap, Map<string, Pair>>();
  private readonly targets = new WeakMap<Alias, Node | undefined>();

  constructor(file: string, document: Document, text: string) {
    this.file = file;
    this.document = document;
    this.lines = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
  }

  /** Problem about the value at `path`, or, with `at: 'key'`, about its key. Where it is missing: its closest parent. */
  problem(path: Path, rule: string, value: string, fix: string, at: 'key' | 'value' = 'value'): Problem {
    return this.problemAt(this.offset(path, at), path, rule, value, fix);
  }

  /** Problem at a place in the text. */
  problemAt(offset: number, path: Path, rule: string, value: string, fix: string): Problem {
    return { file: this.file, ...this.position(offset), path: showPath(path), rule, value, fix };
  }

  /** `file:line` of a path, to point at the other half of a conflict in the same folder. */
  place(path: Path): string {
    return `${basename(this.file)}:${this.position(this.offset(path, 'key')).line}`;
  }

  private position(offset: number): { line: number; column: number } {
    let [line, behind] = [0, this.lines.length];
    while (behind - line > 1) {
      const middle = (line + behind) >> 1;
      if ((this.lines[middle] ?? 0) <= offset) line = middle;
      else behind = middle;
    }
    return { line: line + 1, column: offset - (this.lines[line] ?? 0) + 1 };
  }

  private offset(path: Path, at: 'key' | 'value'): number {
    let node: unknown = this.document.contents;
    let offset = startOf(node) ?? 0;
    for (const [index, key] of path.entries()) {
      const last = index === path.length - 1;
      const found = this.child(node, key);
      if (found === undefined) break;
      const { keyNode, value } = found;
      // The key of a map names it better than the first key inside of it, which is where the map begins.
      const start = (last && at === 'value' && !isMap(value) ? startOf(value) : startOf(keyNode)) ?? startOf(value);
      offset = start ?? startOf(keyNode) ?? offset;
      node = value;
    }
    return offset;
  }

  private child(node: unknown, key: string | number): { keyNode: unknown; value: unknown } | undefined {
    const resolved = this.resolve(node);
    if (isSeq(resolved)) {
      const value = resolved.items[Number(key)];
      return value === undefined ? undefined : { keyNode: value, value };
    }
    const pair = isMap(resolved) ? this.pairsOf(resolved).get(String(key)) : undefined;
    return pair === undefined ? undefined : { keyNode: pair.key, value: pair.value };
  }

  /** The entries of a map by key, those that it merges included. */
  private pairsOf(map: YAMLMap): Map<string, Pair> {
    const known = this.pairs.get(map);
    if (known !== undefined) return known;
    const pairs = new Map<string, Pair>();
    this.pairs.set(map, pairs);
    for (const pair of map.items) if (!isMerge(pair)) pairs.set(keyOf(pair), pair);
    for (const pair of map.items.filter(isMerge)) {
      const merged = this.resolve(pair.value);
      for (const item of isSeq(merged) ? merged.items : [merged]) {
        const source = this.resolve(item);
        if (!isMap(source)) continue;
        for (const [key, entry] of this.pairsOf(source)) if (!pairs.has(key)) pairs.set(key, entry);
      }
    }
    return pairs;
  }

  private resolve(node: unknown): unknown {
    if (!isAlias(node)) return node;
    if (!this.targets.has(node)) this.targets.set(node, node.resolve(this.document));
    return this.targets.get(node);
  }
}

/** Whether an entry merges other maps into its own. */
export function isMerge(pair: Pair): boolean {
  return isScalar(pair.key) && pair.key.type === 'PLAIN' && keyOf(pair) === '<<';
}

/** The key of an entry as text. */
export function keyOf({ key }: Pair): string {
  const value = isScalar(key) ? key.value : key;
  return typeof value === 'symbol' ? (value.description ?? '') : String(value ?? '');
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node.range?.[0] ?? undefined) : undefined;
}
