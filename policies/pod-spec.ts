import { type Fields, fieldsAt, listAt, type Manifest } from './rule.ts';

/** Where each kind that makes pods has its pod template. */
const POD_SPEC_PATHS: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec'],
  Deployment: ['spec', 'template', 'spec'],
  ReplicationController: ['spec', 'template', 'spec'],
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

/** The lists of a pod's containers. */
const LISTS = ['containers', 'initContainers', 'ephemeralContainers'] as const;

/** A container with its path, and the list that it stands in. */
interface PlacedContainer {
  readonly container: Fields;
  readonly path: string;
  readonly list: (typeof LISTS)[number];
}

/** All containers of an object that makes pods. */
export function containersOf(manifest: Manifest): PlacedContainer[] {
  const pod = podSpecOf(manifest);
  if (pod === undefined) return [];
  return LISTS.flatMap((list) =>
    listAt(pod.spec, list).map((container, index) => ({
      container: fieldsAt(container),
      path: `${pod.path}.${list}[${index}]`,
      list,
    })),
  );
}
