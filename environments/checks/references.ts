import { type Problem, suggest } from '../problem.ts';
import { type Check, clustersOf, type Draft, entriesOf, isUnsure } from './draft.ts';

interface Reference {
  readonly path: readonly string[];
  readonly target: string | undefined;
  readonly kind: string;
}

/** References to external services lead to one of the right kind. */
export const checkReferences: Check = (sites) => {
  const offered = new Map<string, string | undefined>(
    sites.flatMap(({ name, site }) =>
      entriesOf(site.externalServices).map(([service, settings]) => [`${name}/${service}`, settings?.kind] as const),
    ),
  );
  const unsure = new Set(sites.filter((site) => isUnsure(site, 'externalServices')).map(({ name }) => name));
  const named = (kind: string) => [...offered].filter(([, candidate]) => candidate === kind).map(([name]) => name);
  return sites.flatMap((draft) =>
    referencesOf(draft).flatMap(({ path, target, kind }): Problem[] => {
      if (target === undefined) return [];
      const none = `add a service with kind: ${kind} to externalServices of a site`;
      const fix = suggest(target, named(kind), none);
      if (!offered.has(target)) {
        if (unsure.has(target.split('/')[0] ?? '')) return [];
        const rule = 'be an external service that a site of the environment offers';
        return [draft.source.problem(path, rule, target, fix)];
      }
      const found = offered.get(target);
      if (found === undefined || found === kind) return [];
      return [draft.source.problem(path, `refer to a service of kind ${kind}`, `${target}, of kind ${found}`, fix)];
    }),
  );
};

function referencesOf(draft: Draft): Reference[] {
  const { manifests } = draft.site;
  return [
    { path: ['manifests', 'service'], target: manifests?.service, kind: 'git' },
    ...clustersOf(draft).flatMap(({ path, cluster }): Reference[] => {
      const at = (...keys: string[]) => [...path, 'components', ...keys];
      const { components } = cluster;
      return [
        { path: at('argocd', 'sso'), target: components?.argocd?.sso, kind: 'sso' },
        { path: at('argo-workflows', 'sso'), target: components?.['argo-workflows']?.sso, kind: 'sso' },
        { path: at('notify-agent', 'messenger'), target: components?.['notify-agent']?.messenger, kind: 'messenger' },
      ];
    }),
  ];
}
