import { expect, test } from 'vitest';
import type { Manifest } from '../apps/site.ts';
import { namesOf, renderConstruct, theOne } from '../test/helpers/render.ts';
import { ServiceWorkload, type ServiceWorkloadProps } from './service-workload.ts';

const MINIMAL: ServiceWorkloadProps = {
  name: 'backend',
  tenant: 'shop',
  serviceAccount: 'workload',
  image: 'harbor.example.com/shop/backend:1.0.0',
  port: 8080,
  scale: { replicas: 2 },
  resources: { cpu: '100m', memory: '128Mi' },
  health: { liveness: '/healthz', readiness: '/readyz' },
};

const EVERYTHING: ServiceWorkloadProps = {
  ...MINIMAL,
  scale: { minReplicas: 3, maxReplicas: 9, targetCpuPercent: 70 },
  ingress: { host: 'shop.example.com', path: '/api', issuer: 'letsencrypt-prod' },
  env: { SECOND: 'on', FIRST: '2' },
  secret: 'backend',
};

function render(change: Partial<ServiceWorkloadProps> = {}): Manifest[] {
  return renderConstruct((scope) => new ServiceWorkload(scope, 'Backend', { ...MINIMAL, ...change }));
}

/** The container of a rendered Deployment. */
function containerOf(manifests: readonly Manifest[]): Record<string, unknown> {
  const { spec } = theOne(manifests, 'Deployment') as unknown as {
    spec: { template: { spec: { containers: [Record<string, unknown>] } } };
  };
  return spec.template.spec.containers[0];
}

test('a minimal service is a Deployment, a Service and a budget for disruptions', () => {
  expect(namesOf(render())).toEqual(['Deployment/backend', 'Service/backend', 'PodDisruptionBudget/backend']);
});

test('a service with everything has an autoscaler and an Ingress as well', () => {
  expect(namesOf(render(EVERYTHING))).toEqual([
    'Deployment/backend',
    'Service/backend',
    'PodDisruptionBudget/backend',
    'HorizontalPodAutoscaler/backend',
    'Ingress/backend',
  ]);
});

test('all objects lie in the namespace of the tenant and say what they are part of', () => {
  for (const { metadata } of render(EVERYTHING)) {
    expect(metadata).toMatchObject({
      namespace: 'shop',
      labels: { 'app.kubernetes.io/name': 'backend', 'app.kubernetes.io/part-of': 'shop' },
    });
  }
});

test('selectors hold nothing that can change, since they are immutable', () => {
  const selector = { 'app.kubernetes.io/name': 'backend', 'app.kubernetes.io/part-of': 'shop' };
  const manifests = render(EVERYTHING);
  const deployment = theOne(manifests, 'Deployment');
  expect(deployment).toHaveProperty('spec.selector', { matchLabels: selector });
  expect(deployment).toHaveProperty('spec.template.metadata.labels', selector);
  expect(theOne(manifests, 'Service')).toHaveProperty('spec.selector', selector);
  expect(theOne(manifests, 'PodDisruptionBudget')).toHaveProperty('spec.selector', { matchLabels: selector });
});

test('pods keep to the restricted Pod Security standard and hold no token', () => {
  const manifests = render();
  expect(theOne(manifests, 'Deployment')).toMatchObject({
    spec: {
      template: {
        spec: {
          serviceAccountName: 'workload',
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          priorityClassName: 'business',
          securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
        },
      },
    },
  });
  expect(containerOf(manifests).securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
});

test('a container reserves what it asks for; its memory is limited to that, its processor time is not', () => {
  expect(containerOf(render()).resources).toEqual({
    requests: { cpu: '100m', memory: '128Mi' },
    limits: { memory: '128Mi' },
  });
});

test('the container, the Service and the probes use one named port', () => {
  const manifests = render({ port: 9090 });
  const container = containerOf(manifests);
  expect(container.ports).toEqual([{ name: 'http', containerPort: 9090, protocol: 'TCP' }]);
  expect(theOne(manifests, 'Service')).toHaveProperty('spec.ports', [
    { name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' },
  ]);
  for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
    expect(container).toHaveProperty(`${probe}.httpGet.port`, 'http');
  }
});

test('a slow start is no reason for a restart, a hanging container is', () => {
  const container = containerOf(render()) as Record<string, { periodSeconds: number; failureThreshold: number }>;
  const seconds = ({ periodSeconds = 0, failureThreshold = 0 } = {}) => periodSeconds * failureThreshold;
  expect(seconds(container.startupProbe)).toBe(300);
  expect(seconds(container.livenessProbe)).toBe(30);
  expect(container).toMatchObject({
    startupProbe: { httpGet: { path: '/healthz' } },
    livenessProbe: { httpGet: { path: '/healthz' } },
    readinessProbe: { httpGet: { path: '/readyz' } },
  });
});

test('a rollout never has fewer pods than wanted', () => {
  expect(theOne(render(), 'Deployment')).toHaveProperty('spec.strategy', {
    type: 'RollingUpdate',
    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
  });
});

test.each([0, 1, 2])('%i replicas are written as they are', (replicas) => {
  expect(theOne(render({ scale: { replicas } }), 'Deployment')).toHaveProperty('spec.replicas', replicas);
});

test('the Deployment of an autoscaled service names no replicas, so that a sync does not undo the autoscaler', () => {
  const manifests = render(EVERYTHING);
  expect(theOne(manifests, 'Deployment')).not.toHaveProperty('spec.replicas');
  expect(theOne(manifests, 'HorizontalPodAutoscaler').spec).toMatchInlineSnapshot(`
    {
      "maxReplicas": 9,
      "metrics": [
        {
          "resource": {
            "name": "cpu",
            "target": {
              "averageUtilization": 70,
              "type": "Utilization",
            },
          },
          "type": "Resource",
        },
      ],
      "minReplicas": 3,
      "scaleTargetRef": {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "name": "backend",
      },
    }
  `);
});

test.each([1, 2])('the budget of %i replicas neither blocks a drain nor lets all pods go at once', (replicas) => {
  const budget = theOne(render({ scale: { replicas } }), 'PodDisruptionBudget');
  expect(budget).toHaveProperty('spec.maxUnavailable', 1);
  expect(budget).not.toHaveProperty('spec.minAvailable');
  expect(budget).toHaveProperty('spec.unhealthyPodEvictionPolicy', 'AlwaysAllow');
});

test('an Ingress with an issuer has a certificate of its own', () => {
  const ingress = theOne(render(EVERYTHING), 'Ingress');
  expect(ingress.metadata.annotations).toEqual({ 'cert-manager.io/cluster-issuer': 'letsencrypt-prod' });
  expect(ingress).toHaveProperty('spec.ingressClassName', 'nginx');
  expect(ingress).toHaveProperty('spec.tls', [{ hosts: ['shop.example.com'], secretName: 'backend-tls' }]);
  const backend = { service: { name: 'backend', port: { name: 'http' } } };
  expect(ingress).toHaveProperty('spec.rules', [
    { host: 'shop.example.com', http: { paths: [{ path: '/api', pathType: 'Prefix', backend }] } },
  ]);
});

test('an Ingress without an issuer promises no certificate', () => {
  const ingress = theOne(render({ ingress: { host: 'shop.example.com', path: '/' } }), 'Ingress');
  expect(ingress.metadata).not.toHaveProperty('annotations.cert-manager.io/cluster-issuer');
  expect(ingress).not.toHaveProperty('spec.tls');
});

test('variables keep their order, in which they can refer to each other', () => {
  expect(containerOf(render(EVERYTHING)).env).toEqual([
    { name: 'SECOND', value: 'on' },
    { name: 'FIRST', value: '2' },
  ]);
});

test('secrets come from a Secret as a whole, never as values', () => {
  expect(containerOf(render(EVERYTHING)).envFrom).toEqual([{ secretRef: { name: 'backend' } }]);
});

test('a container without variables and secrets has no empty lists of them', () => {
  const container = containerOf(render({ env: {} }));
  expect(container).not.toHaveProperty('env');
  expect(container).not.toHaveProperty('envFrom');
});
