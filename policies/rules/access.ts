import { fieldsAt, listAt, type Rule, type Violation } from '../rule.ts';

/** What Argo CD takes for a pattern. */
const WILDCARD = /[*?[\]{}]/;

export const noWildcardRoles: Rule = {
  name: 'no-wildcard-roles',
  description: 'A wildcard grants what does not exist yet.',
  check: (manifest) => {
    if (manifest.kind !== 'Role' && manifest.kind !== 'ClusterRole') return [];
    return listAt(manifest, 'rules').flatMap((rule, index) =>
      ['apiGroups', 'resources', 'verbs', 'nonResourceURLs']
        .filter((key) => listAt(rule, key).some((value) => String(value).includes('*')))
        .map((key) => ({ path: `rules[${index}].${key}`, message: 'must be listed, got *; name what is needed' })),
    );
  },
};

export const noPlainSecrets: Rule = {
  name: 'no-plain-secrets',
  description: 'What is in git is read by everyone who reads git.',
  check: (manifest) => {
    if (manifest.kind !== 'Secret') return [];
    return ['data', 'stringData']
      .filter((key) => Object.keys(fieldsAt(manifest, key)).length > 0)
      .map((key) => ({ path: key, message: 'must not be in git, got values; use an ExternalSecret' }));
  },
};

export const closedProjects: Rule = {
  name: 'closed-projects',
  description: 'An AppProject with a wildcard lets any push do anything.',
  check: (manifest) => {
    if (manifest.kind !== 'AppProject') return [];
    const fields: Record<string, (entry: unknown) => unknown[]> = {
      sourceRepos: (entry) => [entry],
      sourceNamespaces: (entry) => [entry],
      destinations: (entry) => Object.values(fieldsAt(entry)),
      clusterResourceWhitelist: (entry) => Object.values(fieldsAt(entry)),
      namespaceResourceWhitelist: (entry) => Object.values(fieldsAt(entry)),
    };
    return Object.entries(fields).flatMap(([key, values]): Violation[] => {
      const entries = fieldsAt(manifest, 'spec')[key];
      const path = `spec.${key}`;
      if (key === 'sourceNamespaces' && entries === undefined) return [];
      if (!Array.isArray(entries)) return [{ path, message: 'must be listed, got nothing; name what is needed' }];
      const open = listAt(entries).some((entry) => values(entry).some((value) => WILDCARD.test(String(value))));
      return open ? [{ path, message: 'must be listed, got a wildcard; name what is needed' }] : [];
    });
  },
};

export const ownProject: Rule = {
  name: 'own-project',
  description: 'The default project is closed; a destination by address breaks when the cluster moves.',
  check: (manifest) => {
    if (manifest.kind !== 'Application') return [];
    const spec = fieldsAt(manifest, 'spec');
    const violations: Violation[] = [];
    if ([undefined, '', 'default'].includes(spec.project as string | undefined)) {
      violations.push({ path: 'spec.project', message: 'must be a project of its own, got default; name one' });
    }
    if ([undefined, ''].includes(fieldsAt(spec, 'destination').name as string | undefined)) {
      violations.push({ path: 'spec.destination', message: 'must name a cluster, got no name; use destination.name' });
    }
    return violations;
  },
};
