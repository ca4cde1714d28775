import type { ComponentName } from '../components.ts';
import { type Problem, suggest } from '../problem.ts';
import {
  type Check,
  clustersOf,
  type Draft,
  type DraftCluster,
  type DraftPlacement,
  type DraftService,
  entriesOf,
  isUnsure,
  lacks,
  servicesOf,
} from './draft.ts';

/** Secret with the credentials for the container registry, in every namespace of a tenant. */
const REGISTRY_SECRET = 'registry';

/** Tenants are known to their site and live on data planes; their services are consistent. */
export const checkTenants: Check = (sites) =>
  sites.flatMap((draft) => [
    ...clustersOf(draft).flatMap(({ path, cluster }) =>
      entriesOf(cluster.tenants).flatMap(([tenant, placement]) =>
        checkPlacement(draft, [...path, 'tenants', tenant], cluster, tenant, placement),
      ),
    ),
    ...servicesOf(draft).flatMap(({ path, cluster, service }) => [
      ...checkService(draft, path, service),
      ...checkNeeds(draft, path, cluster, service),
    ]),
  ]);

function checkPlacement(
  draft: Draft,
  path: readonly string[],
  { plane }: DraftCluster,
  tenant: string,
  placement: DraftPlacement | undefined,
): Problem[] {
  // Its name was refused, or it is no placement.
  if (placement === undefined) return [];
  const { source, site } = draft;
  const problems: Problem[] = [];
  if (!Object.hasOwn(site.tenants ?? {}, tenant) && !isUnsure(draft, 'tenants')) {
    const fix = suggest(tenant, Object.keys(site.tenants ?? {}), 'add it to tenants of the site');
    problems.push(source.problem(path, 'be a tenant of the site', tenant, fix, 'key'));
  }
  if (plane !== undefined && plane !== 'data') {
    problems.push(source.problem(path, 'be on a data plane', `a ${plane} plane`, 'move it to such a cluster', 'key'));
  }
  const services = entriesOf(placement.services);
  const certificates = services.flatMap(([name, service]) => (service?.ingress === undefined ? [] : [`${name}-tls`]));
  for (const [name, service] of services) {
    if (entriesOf(service?.secrets).length === 0 || ![REGISTRY_SECRET, ...certificates].includes(name)) continue;
    const of = name === REGISTRY_SECRET ? 'the container registry' : `the certificate of ${name.slice(0, -4)}`;
    const rule = 'not be named like another Secret of the tenant';
    problems.push(source.problem([...path, 'services', name], rule, `${name}, that of ${of}`, 'rename it', 'key'));
  }
  return problems;
}

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
    if (!Object.hasOwn(env ?? {}, name)) continue;
    problems.push(source.problem([...path, 'env', name], 'be in env or in secrets', 'both', 'keep one of them', 'key'));
  }
  return problems;
}

/** What a service asks for is done by a component of its cluster. */
function checkNeeds(
  { source }: Draft,
  path: readonly string[],
  cluster: DraftCluster,
  { secrets, autoscaling, ingress }: DraftService,
): Problem[] {
  const { infrastructure = 'aws' } = cluster;
  const components = lacks(cluster, 'components') ? {} : cluster.components;
  const controllers: ComponentName[] =
    infrastructure === 'aws' ? ['ingress-nginx', 'aws-load-balancer-controller'] : ['ingress-nginx'];
  const needs: [key: string, needed: boolean, components: ComponentName[]][] = [
    ['secrets', entriesOf(secrets).length > 0, ['external-secrets']],
    ['autoscaling', autoscaling !== undefined, ['metrics-server']],
    ['ingress', ingress !== undefined, controllers],
  ];
  return needs.flatMap(([key, needed, candidates]): Problem[] => {
    if (!needed || !candidates.every((candidate) => lacks(components, candidate))) return [];
    const rule = `be on a cluster with ${candidates.join(' or ')}`;
    const fix = `add ${candidates[0]}: {} to its components`;
    return [source.problem([...path, key], rule, 'one without', fix, 'key')];
  });
}
