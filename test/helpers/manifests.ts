import type { Manifest } from '../../policies/index.ts';

/** Fields of an object, as plain data. */
type Fields = Readonly<Record<string, unknown>>;

/** An object with the labels of a component. */
export function manifest(kind: string, fields: Fields = {}, metadata: Fields = {}): Manifest {
  const labels = {
    'sitewright.dev/environment': 'stg',
    'sitewright.dev/site': 'site-b',
    'sitewright.dev/cluster': 'data-1',
  };
  return { apiVersion: 'v1', kind, metadata: { name: 'it', labels, ...metadata }, ...fields };
}

/** A container that no rule has anything against. */
export const GOOD_CONTAINER: Fields = {
  name: 'it',
  image: 'harbor.example.com/shop/backend:1.0.0',
  resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '128Mi' } },
  livenessProbe: { httpGet: { path: '/healthz' } },
  readinessProbe: { httpGet: { path: '/readyz' } },
  securityContext: {
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  },
};

/** A Deployment of one container, good but for `container` and `pod`. */
export function deployment(container: Fields = {}, pod: Fields = {}): Manifest {
  const spec = { containers: [{ ...GOOD_CONTAINER, ...container }], ...pod };
  return manifest('Deployment', { spec: { template: { spec } } });
}
