import { HIDDEN, type Path, type Problem } from '../problem.ts';
import { looksSecret, namedSecret, PLAIN_SECRET, SECRET_SCHEME } from '../secrets.ts';
import type { Check, Draft } from './draft.ts';

/** No secret stands in a file in plain text. */
export const checkSecrets: Check = (sites) => sites.flatMap((draft) => walk(draft, [], draft.site));

function walk(draft: Draft, path: Path, value: unknown): Problem[] {
  if (typeof value === 'string') {
    const inEnv = path.at(-2) === 'env';
    if (inEnv && value.startsWith(SECRET_SCHEME)) {
      const fix = 'move it to secrets, or the container gets the reference itself';
      return [draft.source.problem(path, 'be no reference to a secret', value, fix)];
    }
    if (!looksSecret(value) && !(inEnv && namedSecret(path.at(-1)))) return [];
    const { rule, fix, envFix } = PLAIN_SECRET;
    return [draft.source.problem(path, rule, HIDDEN, inEnv ? envFix : fix)];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => walk(draft, [...path, key], child));
}
