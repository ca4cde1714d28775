import { type Alias, type Document, isAlias, isMap, isNode, isPair, isSeq, type Node, visit } from 'yaml';
import type { Path, Problem } from './problem.ts';
import { isMerge, keyOf, type SourceFile } from './source.ts';

/** Most levels of maps and lists in each other; an environment file has nine. Recursion over them is safe. */
export const MAX_LEVELS = 32;
/** Most problems of a kind that are reported of a file. */
export const MAX_PROBLEMS = 20;

/** What is nested too deep, found without recursion: the parser itself gives up somewhere, depending on its stack. */
export function nestingProblems(source: SourceFile, document: Document): Problem[] {
  const open: [node: unknown, level: number][] = [[document.contents, 0]];
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    const [node, level] = entry;
    if (level > MAX_LEVELS) {
      const fix = 'use fewer, or close the brackets that are open';
      return [source.problemAt(startOf(node), [], `nest at most ${MAX_LEVELS} levels`, 'more', fix)];
    }
    // The first one last, so that it is taken first.
    for (const child of childrenOf(node).toReversed()) open.push([child, level + 1]);
  }
  return [];
}

/** What is wrong with the keys, aliases and merges of a file whose YAML is right. The parser has a word for few of it. */
export function structureProblems(source: SourceFile, document: Document): Problem[] {
  const problems: Problem[] = [];
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  const add = (node: unknown, path: Path, rule: string, value: string, fix: string) => {
    problems.push(source.problemAt(startOf(node), path, rule, value, fix));
  };
  visit(document, {
    Node(_, node, ancestors) {
      if (!isAlias(node)) {
        if ('anchor' in node && node.anchor !== undefined) anchors.set(node.anchor, node);
        return undefined;
      }
      const path = () => pathOf([...ancestors, node]);
      const target = anchors.get(node.source);
      if (target === undefined) {
        add(node, path(), 'repeat an anchor that stands above it', 'an alias of none', 'correct the name behind the *');
      } else if (ancestors.includes(target)) {
        add(node, path(), 'not repeat what it is in', 'an alias of itself', 'write out what is meant');
      } else targets.set(node, target);
      return problems.length < MAX_PROBLEMS ? undefined : visit.BREAK;
    },
  });
  const target = (node: unknown) => (isAlias(node) ? targets.get(node) : node);
  visit(document, {
    Map(_, map, ancestors) {
      // The parser compares each key with each other one, which takes minutes for a file of keys.
      const keys = new Set<string>();
      for (const pair of map.items) {
        const key = keyOf(pair);
        const path = () => [...pathOf([...ancestors, map]), key];
        if (isMerge(pair)) {
          const merged = target(pair.value);
          const sources = isSeq(merged) ? merged.items : [merged];
          if (sources.every((item) => item === undefined || isMap(target(item)))) continue;
          add(pair.key, path(), 'merge maps alone', 'something else', 'write <<: *name with the anchor of a map');
        } else if (keys.has(key)) {
          add(pair.key, path(), 'stand once in its map', 'it again', 'keep one of the two');
        } else if (key === '__proto__') {
          // Each object has a property of this name, so the schema would not see the key.
          add(pair.key, path(), 'be a known key', '"__proto__"', 'remove it');
        }
        keys.add(key);
        if (problems.length >= MAX_PROBLEMS) return visit.BREAK;
      }
      return undefined;
    },
  });
  return problems;
}

function childrenOf(node: unknown): unknown[] {
  if (isMap(node)) return node.items.flatMap(({ key, value }) => [key, value]);
  return isSeq(node) ? node.items : [];
}

function startOf(node: unknown): number {
  return (isNode(node) ? node.range?.[0] : undefined) ?? 0;
}

/** The path of the last of some nodes, each of which is in the one before. */
function pathOf(nodes: readonly unknown[]): Path {
  return nodes.flatMap((node, index): Path => {
    const parent = nodes[index - 1];
    if (isPair(node)) return [keyOf(node)];
    return isSeq(parent) ? [parent.items.indexOf(node)] : [];
  });
}
