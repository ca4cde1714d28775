/** Names of settings and variables that hold secrets. */
const SECRET_NAME = /(password|passwd|secret|token|api[_-]?key|private[_-]?key|credential)s?$/i;
/**
 * Forms of well-known credentials: private keys, JSON web tokens, addresses with a password, tokens of clouds, forges,
 * messengers and OpenBao. A text of megabytes is matched in one pass.
 */
const SECRET_VALUE =
  /-----BEGIN [A-Z ]*PRIVATE KEY|(?<![\w-])eyJ[\w-]{10,}\.eyJ|:\/\/[^\s/:@]*:[^\s/@]+@|(AKIA|ASIA)[A-Z0-9]{16}|(gh[opsu]_|github_pat_|glpat-|xox[abprs]-|hv[bs]\.|ATBB|ATATT|ATCTT)[\w-]{16,}/;

/** What a reference to a secret begins with. */
export const SECRET_SCHEME = 'openbao:';

/** Whether a text has the form of a well-known credential. */
export function looksSecret(value: string): boolean {
  return SECRET_VALUE.test(value);
}

/** Whether a setting or variable is named like one that holds a secret. */
export function namedSecret(name: string | number | undefined): boolean {
  return SECRET_NAME.test(String(name));
}

/** How a message calls the rule, and what to do. */
export const PLAIN_SECRET = {
  rule: 'not hold a secret in plain text',
  fix: 'put it into OpenBao and refer to it: openbao:path#key',
  envFix: 'put it into OpenBao and refer to it under secrets: openbao:path#key',
} as const;
