import { containersOf, podSpecOf } from '../pod-spec.ts';
import { fieldsAt, listAt, type Rule, type Violation } from '../rule.ts';

/** The kinds of volumes that the restricted Pod Security standard allows. */
const VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];
const DIGEST = /^sha256:[0-9a-f]{64}$/;
/** Kinds whose pods serve until they are replaced. */
const SERVING_KINDS = ['Deployment', 'StatefulSet', 'DaemonSet'];

export const pinnedImages: Rule = {
  name: 'pinned-images',
  description: 'An image without an exact version changes without a review.',
  check: (manifest) =>
    containersOf(manifest).flatMap(({ container, path }): Violation[] => {
      const image = String(container.image ?? '');
      const [name = '', digest] = image.split('@');
      const tag = /:(\w[\w.-]*)$/.exec(name.slice(name.lastIndexOf('/') + 1))?.[1];
      const pinned = digest === undefined ? tag !== undefined && tag !== 'latest' : DIGEST.test(digest);
      if (pinned) return [];
      return [{ path: `${path}.image`, message: `must have an exact version or a digest, got ${image}; add one` }];
    }),
};

export const containerResources: Rule = {
  name: 'container-resources',
  description: 'Without requests the scheduler guesses; without a memory limit one pod can take a node down.',
  check: (manifest) =>
    containersOf(manifest).flatMap(({ container, path, list }) => {
      // Kubernetes refuses resources there.
      if (list === 'ephemeralContainers') return [];
      const missing = [
        ...['cpu', 'memory'].filter((name) => fieldsAt(container, 'resources', 'requests')[name] === undefined),
        ...(fieldsAt(container, 'resources', 'limits').memory === undefined ? ['memory limit'] : []),
      ];
      if (missing.length === 0) return [];
      return [{ path: `${path}.resources`, message: `must be set, got no ${missing.join(', no ')}; add it` }];
    }),
};

export const probes: Rule = {
  name: 'probes',
  description: 'Without probes traffic goes to pods that cannot serve, and hanging ones stay.',
  check: (manifest) =>
    SERVING_KINDS.includes(manifest.kind)
      ? containersOf(manifest)
          .filter(({ list }) => list === 'containers')
          .flatMap(({ container, path }) =>
            ['livenessProbe', 'readinessProbe']
              .filter((probe) => container[probe] === undefined)
              .map((probe) => ({ path: `${path}.${probe}`, message: 'must be set, got nothing; add it' })),
          )
      : [],
};

export const restrictedPods: Rule = {
  name: 'restricted-pods',
  description: 'Pods keep to the restricted Pod Security standard and cannot write to their image.',
  check: (manifest) => {
    const pod = podSpecOf(manifest);
    if (pod === undefined) return [];
    const violations: Violation[] = [];
    const must = (fine: boolean, path: string, rule: string) => {
      if (!fine) violations.push({ path, message: `must ${rule}, got something else; change it` });
    };
    const common = fieldsAt(pod.spec, 'securityContext');
    for (const key of ['hostNetwork', 'hostPID', 'hostIPC']) {
      must(pod.spec[key] !== true, `${pod.path}.${key}`, 'not be true');
    }
    listAt(pod.spec, 'volumes').forEach((volume, index) => {
      const sources = Object.keys(fieldsAt(volume)).filter((key) => key !== 'name');
      const fine = sources.every((source) => VOLUMES.includes(source));
      must(fine, `${pod.path}.volumes[${index}]`, `be one of ${VOLUMES.join(', ')}`);
    });
    for (const { container, path } of containersOf(manifest)) {
      const own = fieldsAt(container, 'securityContext');
      const at = `${path}.securityContext`;
      const seccomp = fieldsAt(own, 'seccompProfile').type ?? fieldsAt(common, 'seccompProfile').type;
      must((own.runAsNonRoot ?? common.runAsNonRoot) === true, `${at}.runAsNonRoot`, 'be true');
      must((own.runAsUser ?? common.runAsUser) !== 0, `${at}.runAsUser`, 'not be 0');
      must(own.privileged !== true, `${at}.privileged`, 'not be true');
      must(own.allowPrivilegeEscalation === false, `${at}.allowPrivilegeEscalation`, 'be false');
      must(own.readOnlyRootFilesystem === true, `${at}.readOnlyRootFilesystem`, 'be true');
      must(listAt(own, 'capabilities', 'drop').includes('ALL'), `${at}.capabilities.drop`, 'hold ALL');
      const added = listAt(own, 'capabilities', 'add');
      must(
        added.every((capability) => capability === 'NET_BIND_SERVICE'),
        `${at}.capabilities.add`,
        'hold at most NET_BIND_SERVICE',
      );
      must((own.procMount ?? 'Default') === 'Default', `${at}.procMount`, 'be Default');
      must(seccomp === 'RuntimeDefault' || seccomp === 'Localhost', `${at}.seccompProfile.type`, 'be RuntimeDefault');
      listAt(container, 'ports').forEach((port, index) => {
        must((fieldsAt(port).hostPort ?? 0) === 0, `${path}.ports[${index}].hostPort`, 'not be set');
      });
    }
    return violations;
  },
};
