import { describe, expect, test } from 'vitest';
import { deployment, GOOD_CONTAINER, manifest } from '../../test/helpers/manifests.ts';
import type { Manifest, Rule } from '../rule.ts';
import { containerResources, pinnedImages, probes, restrictedPods } from './containers.ts';

const AT = 'spec.template.spec.containers[0]';
const DIGEST = `sha256:${'0'.repeat(64)}`;

/** Each violation as one line. */
function check(rule: Rule, object: Manifest): string[] {
  return rule.check(object).map(({ path, message }) => `${path} ${message}`);
}

test.each([pinnedImages, containerResources, probes, restrictedPods])(
  '$name has nothing against a good one',
  (rule) => {
    expect(check(rule, deployment())).toEqual([]);
    expect(check(rule, manifest('Service', { spec: { ports: [] } }))).toEqual([]);
  },
);

test.each([
  ['Pod', { spec: { containers: [{}] } }, 'spec.containers[0]'],
  ['Deployment', { spec: { template: { spec: { containers: [{}] } } } }, AT],
  ['ReplicaSet', { spec: { template: { spec: { containers: [{}] } } } }, AT],
  ['ReplicationController', { spec: { template: { spec: { containers: [{}] } } } }, AT],
  ['StatefulSet', { spec: { template: { spec: { containers: [{}] } } } }, AT],
  ['DaemonSet', { spec: { template: { spec: { initContainers: [{}] } } } }, 'spec.template.spec.initContainers[0]'],
  ['Job', { spec: { template: { spec: { containers: [{}] } } } }, AT],
  [
    'CronJob',
    { spec: { jobTemplate: { spec: { template: { spec: { containers: [{}] } } } } } },
    `spec.jobTemplate.${AT}`,
  ],
])('pods are found wherever they are made: %s', (kind, fields, path) => {
  expect(pinnedImages.check(manifest(kind, fields)).map((violation) => violation.path)).toEqual([`${path}.image`]);
});

describe('pinned-images', () => {
  test.each([
    'app:1.0.0',
    'host:5000/team/app:v1',
    `host/app@${DIGEST}`,
    `host/app:latest@${DIGEST}`,
    `host/app:1.0@${DIGEST}`,
  ])('takes %s', (image) => expect(check(pinnedImages, deployment({ image }))).toEqual([]));

  test.each(['app', 'app:latest', 'host:5000/team/app', 'host/app@sha256:123', ''])('refuses "%s"', (image) => {
    expect(check(pinnedImages, deployment({ image }))).toEqual([
      `${AT}.image must have an exact version or a digest, got ${image}; add one`,
    ]);
  });
});

describe('container-resources', () => {
  test.each([
    ['nothing', undefined, 'no cpu, no memory, no memory limit'],
    ['a limit alone', { limits: { memory: '1Gi' } }, 'no cpu, no memory'],
    ['no limit', { requests: { cpu: '1', memory: '1Gi' } }, 'no memory limit'],
  ])('refuses a container with %s', (_, resources, missing) => {
    expect(check(containerResources, deployment({ resources }))).toEqual([
      `${AT}.resources must be set, got ${missing}; add it`,
    ]);
  });

  test('does not ask for a limit of processor time', () => {
    const resources = { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '1Gi' } };
    expect(check(containerResources, deployment({ resources }))).toEqual([]);
  });

  test('looks at init containers, and not at ephemeral ones, which cannot have any', () => {
    const pod = { initContainers: [{ name: 'init' }], ephemeralContainers: [{ name: 'debug' }] };
    expect(containerResources.check(deployment({}, pod)).map(({ path }) => path)).toEqual([
      'spec.template.spec.initContainers[0].resources',
    ]);
  });
});

describe('probes', () => {
  test.each(['livenessProbe', 'readinessProbe'])('refuses a server without a %s', (probe) => {
    expect(check(probes, deployment({ [probe]: undefined }))).toEqual([
      `${AT}.${probe} must be set, got nothing; add it`,
    ]);
  });

  test('asks for none where pods come to an end', () => {
    const container = { ...GOOD_CONTAINER, livenessProbe: undefined, readinessProbe: undefined };
    const spec = { template: { spec: { containers: [container] } } };
    expect(check(probes, manifest('Job', { spec }))).toEqual([]);
    expect(check(probes, deployment({}, { initContainers: [container] }))).toEqual([]);
  });
});

describe('restricted-pods', () => {
  const good = GOOD_CONTAINER.securityContext as object;

  test.each([
    ['runAsNonRoot', { runAsNonRoot: undefined }, 'be true'],
    ['runAsNonRoot', { runAsNonRoot: false }, 'be true'],
    ['runAsUser', { runAsUser: 0 }, 'not be 0'],
    ['privileged', { privileged: true }, 'not be true'],
    ['allowPrivilegeEscalation', { allowPrivilegeEscalation: undefined }, 'be false'],
    ['allowPrivilegeEscalation', { allowPrivilegeEscalation: true }, 'be false'],
    ['readOnlyRootFilesystem', { readOnlyRootFilesystem: undefined }, 'be true'],
    ['capabilities.drop', { capabilities: { drop: ['NET_RAW'] } }, 'hold ALL'],
    ['capabilities.add', { capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } }, 'hold at most NET_BIND_SERVICE'],
    ['procMount', { procMount: 'Unmasked' }, 'be Default'],
    ['seccompProfile.type', { seccompProfile: undefined }, 'be RuntimeDefault'],
    ['seccompProfile.type', { seccompProfile: { type: 'Unconfined' } }, 'be RuntimeDefault'],
  ])('refuses a container by its %s: %o', (field, change, rule) => {
    expect(check(restrictedPods, deployment({ securityContext: { ...good, ...change } }))).toEqual([
      `${AT}.securityContext.${field} must ${rule}, got something else; change it`,
    ]);
  });

  test.each([
    ['hostNetwork', { hostNetwork: true }, 'not be true'],
    ['hostPID', { hostPID: true }, 'not be true'],
    ['hostIPC', { hostIPC: true }, 'not be true'],
    [
      'volumes[1]',
      {
        volumes: [
          { name: 'fine', emptyDir: {} },
          { name: 'node', hostPath: { path: '/' } },
        ],
      },
      'be one of configMap, csi, downwardAPI, emptyDir, ephemeral, persistentVolumeClaim, projected, secret',
    ],
  ])('refuses a pod by its %s', (field, pod, rule) => {
    expect(check(restrictedPods, deployment({}, pod))).toEqual([
      `spec.template.spec.${field} must ${rule}, got something else; change it`,
    ]);
  });

  test('refuses a port of the node', () => {
    const ports = [{ containerPort: 8080 }, { containerPort: 8081, hostPort: 8081 }];
    expect(check(restrictedPods, deployment({ ports }))).toEqual([
      `${AT}.ports[1].hostPort must not be set, got something else; change it`,
    ]);
  });

  test('takes what the pod says for its containers, and what a container says before that', () => {
    const { runAsNonRoot, seccompProfile, ...own } = good as Record<string, unknown>;
    const pod = { securityContext: { runAsNonRoot, seccompProfile } };
    expect(check(restrictedPods, deployment({ securityContext: own }, pod))).toEqual([]);
    const opened = { ...own, runAsNonRoot: false, seccompProfile: { type: 'Unconfined' } };
    expect(check(restrictedPods, deployment({ securityContext: opened }, pod))).toHaveLength(2);
    expect(
      check(
        restrictedPods,
        deployment({ securityContext: own }, { securityContext: { ...pod.securityContext, runAsUser: 0 } }),
      ),
    ).toEqual([`${AT}.securityContext.runAsUser must not be 0, got something else; change it`]);
  });

  test('looks at every container of every list', () => {
    const pod = { initContainers: [{ name: 'init' }], ephemeralContainers: [{ name: 'debug' }] };
    const paths = new Set(
      restrictedPods.check(deployment({}, pod)).map(({ path }) => path.split('.securityContext')[0]),
    );
    expect([...paths]).toEqual(['spec.template.spec.initContainers[0]', 'spec.template.spec.ephemeralContainers[0]']);
  });

  test('a server of a low port may bind it', () => {
    const capabilities = { drop: ['ALL'], add: ['NET_BIND_SERVICE'] };
    expect(check(restrictedPods, deployment({ securityContext: { ...good, capabilities } }))).toEqual([]);
  });
});
