import { z } from 'zod';

// Zod makes code of a schema when it is first used, which takes longer than it saves below hundreds of clusters.
z.config({ jitless: true });

/**
 * A string of one form.
 * @param rule how an error message names the form: "must be <rule>"
 * @param fix what the reader can do about it
 */
function text(pattern: RegExp, rule: string, fix: string): z.ZodString {
  const error = `${rule}; ${fix}`;
  // Editors show this in place of the pattern.
  const patternErrorMessage = `must be ${error}`;
  return z.string({ error }).regex(pattern, { error, abort: true }).meta({ patternErrorMessage });
}

/** A DNS label that leaves room for what is put before and after it in the names of Kubernetes objects. */
export const NAME_PATTERN = /^[a-z]([a-z0-9-]{0,22}[a-z0-9])?$/;
const HOST_PATTERN = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The name of a site, a cluster, a tenant or a part of one. */
export const Name = text(
  NAME_PATTERN,
  'a name of 1 to 24 lower-case letters, digits and hyphens that starts with a letter and ends without a hyphen',
  'use a name like data-1',
).refine((name) => name !== 'constructor', {
  // The constructs library cannot tell it from what each object has.
  error: 'another name than constructor; use a name like data-1',
});

/** A fully qualified DNS name. */
export const Host = text(
  HOST_PATTERN,
  'a DNS name in lower case',
  'write it like harbor.site-b.example.com, without scheme, port or path',
);

/** The DNS name that others lie below. */
export const Domain = text(HOST_PATTERN, 'a DNS name in lower case', 'write it like site-b.example.com');

/** An amount of memory or storage in Kubernetes' binary units. */
export const Size = text(/^[1-9][0-9]{0,5}(Mi|Gi|Ti)$/, 'a size in Mi, Gi or Ti', 'write it like 50Gi');

/** An amount of processor time: cores or millicores. */
export const Cpu = text(/^([1-9][0-9]{0,3}|[1-9][0-9]{0,5}m)$/, 'cores or millicores', 'write it like "2" or 250m');

/** A span of time with one unit. */
export const Period = text(/^[1-9][0-9]{0,4}(m|h|d|w|y)$/, 'a period in m, h, d, w or y', 'write it like 15d');

/** A range of IPv4 addresses. Whether its host bits are zero is checked with the other rules about ranges. */
export const Range = text(
  /^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\/([89]|[12][0-9]|3[0-2])$/,
  'an IPv4 range with a prefix length from 8 to 32',
  'write it like 10.20.0.0/22',
);

/** A reference to a secret. The secret itself never stands in a file. */
export const SecretReference = text(
  /^openbao:[a-z0-9][a-z0-9-]*(\/[a-z0-9][a-z0-9-]*)*#[a-zA-Z0-9][a-zA-Z0-9_.-]*$/,
  'a reference to a secret',
  'put the secret into OpenBao and write openbao:path/of/secret#key',
);

/** A reference to something that a site offers. */
export const ServiceReference = text(
  /^[a-z]([a-z0-9-]{0,22}[a-z0-9])?\/[a-z]([a-z0-9-]{0,22}[a-z0-9])?$/,
  'a reference to an external service',
  'write it as site/service, like site-a/bitbucket',
);

/** A container image with an exact version, a digest, or both. */
export const Image = text(
  /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?(\/[a-z0-9]+([._-]{1,2}[a-z0-9]+)*)+(:(?!latest(@|$))[A-Za-z0-9_][A-Za-z0-9._-]{0,127}(@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$/,
  'an image with registry, path and an exact version or digest',
  'write it like harbor.example.com/team/app:1.4.2, never :latest',
);

/** A mail address. */
export const Mail = text(
  /^[a-zA-Z0-9._%+-]+@([a-z0-9-]+\.)+[a-z]{2,}$/,
  'a mail address',
  'write it like team@example.com',
);

/** An address with a scheme. Plain http is for this machine alone, and credentials are references. */
export const Url = text(
  /^((https|smtps|rediss):\/\/[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?|http:\/\/(127\.0\.0\.1|localhost))(:[0-9]{1,5})?(\/[^\s@?#]*)?$/,
  'an address that starts with https://, smtps:// or rediss:// and holds no user name, password or query',
  'write it like https://sso.example.com/realms/platform, and keep credentials in a secret reference',
).refine((url) => URL.canParse(url), { error: 'an address that exists; check its host and port' });

/** A path of an address, as ingress controllers accept it. */
export const UrlPath = text(
  /^\/([a-zA-Z0-9_-][a-zA-Z0-9._-]*(\/[a-zA-Z0-9_-][a-zA-Z0-9._-]*)*\/?)?$/,
  'a path that starts with / and holds letters, digits and . _ - alone',
  'write it like /api',
);

/** Where a probe asks. */
export const ProbePath = text(
  /^\/\S{0,255}$/,
  'a path that starts with / and holds no space',
  'write it like /healthz',
);

/** A folder of a file server. */
export const Folder = text(
  /^\/\S{0,255}$/,
  'a path that starts with / and holds no space',
  'write it like /export/data',
);

/** Name of an environment variable. */
export const Variable = text(
  /^[A-Z][A-Z0-9_]*$/,
  'a name of an environment variable in upper case',
  'write it like LOG_LEVEL',
);

/** What makes the volumes of a storage class. */
export const Provisioner = text(
  /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?(\/[a-zA-Z0-9._-]{1,63})?$/,
  'the name of a provisioner',
  'write it like ebs.csi.aws.com',
);

/** Path of a git repository below the address of its service. */
export const Repository = text(
  /^[a-zA-Z0-9._-]+(\/[a-zA-Z0-9._-]+)*\.git$/,
  'a path of a repository that ends in .git',
  'write it like platform/manifests.git',
);

/** A git branch. */
export const Branch = text(
  /^(?!.*(\.\.|\/\/|\/\.|\.\/|\.lock))[a-zA-Z0-9]([a-zA-Z0-9._/-]{0,98}[a-zA-Z0-9_-])?$/,
  'a name of a branch',
  'write it like main',
);

/** A group of users in the SSO. */
export const Group = text(
  /^[a-z0-9][a-z0-9-]{1,62}$/,
  'a group of the SSO, in lower-case letters, digits and hyphens',
  'write it like business-a-developers',
);

/** A TCP port. */
export const Port = z.int({ error: 'a port from 1 to 65535; write it like 8080' }).min(1).max(65535);
