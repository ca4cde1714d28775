import { type Problem, suggest } from '../problem.ts';
import { type Check, clustersOf, type Draft, type DraftService, entriesOf, servicesOf } from './draft.ts';

/** Tenants are known to their site and live on data planes; their services are consistent. */
export const checkTenants: Check = (sites) =>
  sites.flatMap((draft) => [
    ...clustersOf(draft).flatMap(({ path, cluster }) =>
      Object.keys(cluster.tenants ?? {}).flatMap((tenant): Problem[] => {
        const at = [...path, 'tenants', tenant];
        const known = Object.keys(draft.site.tenants ?? {});
        if (!known.includes(tenant)) {
          return [draft.source.problem(at, 'be a tenant of the site', tenant, suggest(tenant, known), 'key')];
        }
        if (cluster.plane === undefined || cluster.plane === 'data') return [];
        return [
          draft.source.problem(
            at,
            'be on a data plane',
            `a ${cluster.plane} plane`,
            'move it to such a cluster',
            'key',
          ),
        ];
      }),
    ),
    ...servicesOf(draft).flatMap(({ path, service }) => checkService(draft, path, service)),
  ]);

function checkService({ source }: Draft, path: readonly string[], service: DraftService): Problem[] {
  const problems: Problem[] = [];
  const { replicas, autoscaling, env, secrets } = service;
  if (replicas !== undefined && autoscaling !== undefined) {
    const fix = 'keep one: a fixed number, or a range to scale in';
    problems.push(source.problem([...path, 'replicas'], 'not be set beside autoscaling', String(replicas), fix, 'key'));
  }
  const { minReplicas, maxReplicas } = autoscaling ?? {};
  if (minReplicas !== undefined && maxReplicas !== undefined && minReplicas > maxReplicas) {
    const at = [...path, 'autoscaling', 'maxReplicas'];
    const fix = `raise it to ${minReplicas} or more`;
    problems.push(source.problem(at, `be at least minReplicas, which is ${minReplicas}`, String(maxReplicas), fix));
  }
  for (const [name] of entriesOf(secrets)) {
    if (env === undefined || !Object.hasOwn(env, name)) continue;
    problems.push(source.problem([...path, 'env', name], 'be in env or in secrets', 'both', 'keep one of them', 'key'));
  }
  return problems;
}
