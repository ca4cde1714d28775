import type { Path } from './problem.ts';

/** Names of settings and variables that hold secrets. */
const SECRET_NAME = /(password|passwd|secret|token|api[_-]?key|private[_-]?key|credential)s?$/i;
/** Forms of well-known credentials: private keys, JSON web tokens, tokens of clouds, forges and messengers. */
const SECRET_VALUE =
  /-----BEGIN [A-Z ]*PRIVATE KEY|\beyJ[\w-]{10,}\.eyJ|\b(AKIA|ASIA)[A-Z0-9]{16}\b|\b(ghp|gho|ghs|glpat|xox[abprs]|hvs|ATBB|ATCTT)[-_]?[\w-]{16,}|:\/\/[^\s/:@]+:[^\s/@]+@/;

/** Whether a text has the form of a well-known credential. */
export function looksSecret(value: string): boolean {
  return SECRET_VALUE.test(value);
}

/** Whether a setting is named like one that holds a secret. */
export function namedSecret(path: Path): boolean {
  return SECRET_NAME.test(String(path.at(-1)));
}
