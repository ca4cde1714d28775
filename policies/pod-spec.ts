import { type Fields, fieldsAt, listAt, type Manifest } from './rule.ts';

/** Where each kind that makes pods has its pod template. */
const POD_SPEC_PATHS: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec'],
  Deployment: ['spec', 'template', 'spec'],
  ReplicaSet: ['spec', 'template', 'spec'],
  StatefulSet: ['spec', 'template', 'spec'],
  DaemonSet: ['spec', 'template', 'spec'],
  Job: ['spec', 'template', 'spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
};

/** The pod spec of an object that makes pods, with its path; `undefined` for any other object. */
export function podSpecOf(manifest: Manifest): { spec: Fields; path: string } | undefined {
  const path = POD_SPEC_PATHS[manifest.kind];
  return path === undefined ? undefined : { spec: fieldsAt(manifest, ...path), path: path.join('.') };
}

/** All containers of an object that makes pods, with their paths. */
export function containersOf(manifest: Manifest): { container: Fields; path: string; init: boolean }[] {
  const pod = podSpecOf(manifest);
  if (pod === undefined) return [];
  return ['containers', 'initContainers', 'ephemeralContainers'].flatMap((list) =>
    listAt(pod.spec, list).map((container, index) => ({
      container: fieldsAt(container),
      path: `${pod.path}.${list}[${index}]`,
      init: list !== 'containers',
    })),
  );
}
