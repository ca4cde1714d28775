import { HIDDEN, type Path, type Problem } from '../problem.ts';
import { looksSecret, namedSecret } from '../secrets.ts';
import type { Check, Draft } from './draft.ts';

const FIX = 'put it into OpenBao and refer to it: openbao:path#key';

/** No secret stands in a file in plain text. */
export const checkSecrets: Check = (sites) => sites.flatMap((draft) => walk(draft, [], draft.site));

function walk(draft: Draft, path: Path, value: unknown): Problem[] {
  if (typeof value === 'string') {
    const named = path.at(-2) === 'env' && namedSecret(path);
    if (!named && !looksSecret(value)) return [];
    return [draft.source.problem(path, 'not hold a secret in plain text', HIDDEN, FIX)];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => walk(draft, [...path, key], child));
}
