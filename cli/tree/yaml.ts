import { Yaml } from 'cdk8s';
import type { Manifest } from '../../apps/site.ts';

/** A text that is written as it is, wherever it stands. What is longer may not be a key on one line. */
const PLAIN = /^(?:[A-Za-z/](?:[\w./:@=-]{0,250}[\w/])?|[1-9][0-9]*[A-Za-z]+)$/;
/** Texts of that form that YAML 1.1 takes for something else. */
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null|e-?[0-9]+)$/i;
/** A text that looks different in different places: one of several lines, a mark of YAML itself, one too long for a key. */
const DEPENDS_ON_PLACE = /[\n\r]|^(?:%|---|\.\.\.|<<$)|[\s\S]{150}/;
/** Stands for such a text. The library escapes it, so it is in no other one. */
const UNKNOWN = '\0';

/** Scalars by their values. They repeat: a site has thousands of objects of few kinds. */
const scalars = new Map<unknown, string>();

/**
 * An object as YAML, in the bytes that cdk8s writes. The library makes a document of nodes first and matches each text
 * with each type, which is most of the work of a synth. So maps, lists and plain texts are written here, other scalars
 * by the library, and the few objects that need more than that by the library as a whole.
 */
export function toYaml(manifest: Manifest): string {
  const text = `${toBlock(manifest, '')}\n`;
  return text.includes(UNKNOWN) ? Yaml.stringify(manifest) : text;
}

/** A map or list in lines. The first one is not indented, since it may stand behind a dash. */
function toBlock(value: object, indent: string): string {
  const below = `${indent}  `;
  const items = Array.isArray(value)
    ? value.map((item) => `- ${isBlock(item) ? toBlock(item, below) : toInline(item)}`)
    : Object.entries(value).map(([key, child]) => {
        const text = isBlock(child) ? `\n${below}${toBlock(child, below)}` : ` ${toInline(child)}`;
        return `${toInline(key)}:${text}`;
      });
  return items.join(`\n${indent}`);
}

function isBlock(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

/** A scalar, or a map or list with nothing in it. */
function toInline(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? '[]' : '{}';
  const known = scalars.get(value);
  if (known !== undefined) return known;
  const text = toScalar(value);
  scalars.set(value, text);
  return text;
}

function toScalar(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value ?? null);
  if (PLAIN.test(value) && !RESERVED.test(value)) return value;
  if (DEPENDS_ON_PLACE.test(value)) return UNKNOWN;
  // In a list, because a document that is one scalar has rules of its own.
  return Yaml.stringify([value]).slice('- '.length, -1);
}
