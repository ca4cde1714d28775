import type { ComponentName } from '../components.ts';
import type { Problem } from '../problem.ts';
import { type Check, clustersOf, type Draft, servicesOf } from './draft.ts';

/** A DNS name and where it leads. */
interface Route {
  readonly draft: Draft;
  /** Path in the file. */
  readonly path: readonly string[];
  readonly host: string;
  /** Path in the address, without a slash at its end. */
  readonly prefix: string;
  /** Whether services may share the name, each with a path of its own. */
  readonly shared: boolean;
}

/** DNS names lie in the domain of their site and lead to one place only. */
export const checkHosts: Check = (sites) => {
  const problems: Problem[] = [];
  const hosts = new Map<string, Route[]>();
  for (const route of sites.flatMap(routesOf)) {
    const { draft, path, host } = route;
    const { domain } = draft.site;
    if (domain !== undefined && !host.endsWith(`.${domain}`)) {
      const fix = `let it end with .${domain}`;
      problems.push(draft.source.problem(path, 'lie in the domain of the site', host, fix));
    }
    const others = hosts.get(host) ?? [];
    hosts.set(host, [...others, route]);
    const other = others.find((candidate) => conflict(route, candidate));
    if (other === undefined) continue;
    const value = `${host}${other.prefix === route.prefix ? route.prefix : ''} as in ${other.draft.source.place(other.path)}`;
    const fix = isSameCluster(route, other) && other.shared ? 'choose another name or path' : 'choose another name';
    problems.push(draft.source.problem(path, 'lead to one place', value, fix));
  }
  return problems;
};

function conflict(a: Route, b: Route): boolean {
  return !a.shared || !b.shared || a.prefix === b.prefix || !isSameCluster(a, b);
}

function isSameCluster(a: Route, b: Route): boolean {
  return a.draft === b.draft && a.path[1] === b.path[1];
}

function routesOf(draft: Draft): Route[] {
  const components = clustersOf(draft).flatMap(({ path, cluster }) =>
    (Object.keys(cluster.components ?? {}) as ComponentName[]).map((component) => {
      const settings = cluster.components?.[component] as { host?: string } | undefined;
      return { path: [...path, 'components', component, 'host'], host: settings?.host, prefix: '', shared: false };
    }),
  );
  const services = servicesOf(draft).map(({ path, service }) => ({
    path: [...path, 'ingress', 'host'],
    host: service.ingress?.host,
    prefix: (service.ingress?.path ?? '/').replace(/\/$/, ''),
    shared: true,
  }));
  return [...components, ...services].flatMap(({ host, ...rest }) =>
    host === undefined ? [] : [{ draft, host, ...rest }],
  );
}
