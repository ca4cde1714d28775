import { SERVICE_KINDS, ServiceWorkload, type ServiceWorkloadProps } from '../constructs/service-workload.ts';
import { TENANT_KINDS, Tenant, WORKLOAD_SERVICE_ACCOUNT } from '../constructs/tenant.ts';
import type { Cluster, Placement, ServiceSettings, Site, TenantSettings } from '../environments/model.ts';
import { type ComponentDefinition, PLATFORM_PROJECT } from './component-definition.ts';
import { everyPlane } from './every-plane.ts';

/** What a data plane gets: its tenants, and their services. */
export function dataPlane(site: Site, cluster: Cluster): ComponentDefinition[] {
  const tenants = Object.entries(cluster.tenants).flatMap(([name, placement]) => {
    const settings = site.tenants[name];
    // The checks of the environment have made sure of it; this tells the compiler.
    if (settings === undefined) throw new Error(`${site.file}: tenant ${name} of ${cluster.name} is not declared`);
    return tenantComponents(cluster, name, settings, placement);
  });
  return [...everyPlane(), ...tenants];
}

function tenantComponents(
  cluster: Cluster,
  name: string,
  settings: TenantSettings,
  { quota, services }: Placement,
): ComponentDefinition[] {
  const tenancy: ComponentDefinition = {
    name: `${name}-tenancy`,
    layer: 3,
    project: PLATFORM_PROJECT,
    namespaces: [name],
    kinds: TENANT_KINDS,
    cascade: true,
    build: (scope) =>
      new Tenant(scope, 'Tenant', {
        name,
        owner: settings.owner,
        group: settings.group,
        quota,
        externalSecrets: cluster.components['external-secrets'] !== undefined,
        services: Object.entries(services).map(([service, { port, ingress, egress, secrets }]) => ({
          name: service,
          port,
          exposed: ingress !== undefined,
          egress,
          secrets,
        })),
      }),
  };
  const workloads: ComponentDefinition = {
    name: `${name}-services`,
    layer: 3,
    step: 1,
    project: name,
    namespaces: [name],
    kinds: SERVICE_KINDS,
    cascade: true,
    build: (scope) => {
      for (const [service, details] of Object.entries(services)) {
        new ServiceWorkload(scope, service, toWorkload(cluster, name, service, details));
      }
    },
  };
  return Object.keys(services).length > 0 ? [tenancy, workloads] : [tenancy];
}

function toWorkload(cluster: Cluster, tenant: string, name: string, service: ServiceSettings): ServiceWorkloadProps {
  const { image, port, replicas, autoscaling, resources, health, ingress, env, secrets } = service;
  const issuer = cluster.components['cert-manager']?.issuer;
  return {
    name,
    tenant,
    serviceAccount: WORKLOAD_SERVICE_ACCOUNT,
    image,
    port,
    scale: autoscaling ?? { replicas: replicas ?? 1 },
    resources,
    health,
    env,
    ...(ingress === undefined ? {} : { ingress: { ...ingress, ...(issuer === undefined ? {} : { issuer }) } }),
    ...(Object.keys(secrets).length > 0 ? { secret: name } : {}),
  };
}
