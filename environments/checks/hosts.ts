import type { ComponentName } from '../components.ts';
import type { Problem } from '../problem.ts';
import { type Check, clustersOf, type Draft, servicesOf } from './draft.ts';

/** DNS names lie in the domain of their site and lead to one place only. */
export const checkHosts: Check = (sites) => {
  const problems: Problem[] = [];
  const seen = new Map<string, string>();
  for (const draft of sites) {
    const { source, site } = draft;
    for (const { path, host, route } of hostsOf(draft)) {
      if (site.domain !== undefined && !host.endsWith(`.${site.domain}`)) {
        problems.push(source.problem(path, 'lie in the domain of the site', host, `let it end with .${site.domain}`));
      }
      const first = seen.get(route);
      if (first !== undefined) {
        problems.push(
          source.problem(path, 'lead to one place', `${route} as in ${first}`, 'choose another name or path'),
        );
      }
      seen.set(route, source.place(path));
    }
  }
  return problems;
};

function hostsOf(draft: Draft): { path: string[]; host: string; route: string }[] {
  const components = clustersOf(draft).flatMap(({ path, cluster }) =>
    (Object.keys(cluster.components ?? {}) as ComponentName[]).map((component) => {
      const settings = cluster.components?.[component] as { host?: string } | undefined;
      return { path: [...path, 'components', component, 'host'], host: settings?.host, prefix: '/' };
    }),
  );
  const services = servicesOf(draft).map(({ path, service }) => ({
    path: [...path, 'ingress', 'host'],
    host: service.ingress?.host,
    prefix: service.ingress?.path ?? '/',
  }));
  return [...components, ...services].flatMap(({ path, host, prefix }) =>
    host === undefined ? [] : [{ path, host, route: `${host}${prefix}` }],
  );
}
