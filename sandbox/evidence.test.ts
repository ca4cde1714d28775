import { expect, test, vi } from 'vitest';
import { loadEnvironments } from '../environments/load.ts';
import { ENVIRONMENTS } from '../test/helpers/environments.ts';
import { temporaryFolder } from '../test/helpers/folders.ts';
import { programs } from '../test/helpers/programs.ts';
import { testState } from '../test/helpers/sandbox-state.ts';
import { collectEvidence } from './evidence.ts';
import type { Mode } from './state.ts';

/** Deployments as kubectl lists them: of a tenant's, ready and not, and of somebody else's. */
const DEPLOYMENTS = {
  items: [
    { metadata: { name: 'backend', namespace: 'business-a' }, spec: { replicas: 2 }, status: { readyReplicas: 2 } },
    { metadata: { name: 'backend', namespace: 'business-b' }, spec: { replicas: 1 } },
    { metadata: { name: 'coredns', namespace: 'kube-system' }, spec: { replicas: 1 }, status: { readyReplicas: 1 } },
  ],
};

/** Stands where kubectl stands: knows the deployments, and answers for one tenant. */
const FAKE_KUBECTL = `
case "$*" in
  *deployments*) echo '${JSON.stringify(DEPLOYMENTS)}' ;;
  *namespaces/business-a/services/backend:http/proxy/) echo "answer from $2" ;;
  *) echo 'Error from server (ServiceUnavailable): no endpoints' >&2; exit 1 ;;
esac`;

async function collect(mode: Mode) {
  const [environment] = loadEnvironments({ dir: ENVIRONMENTS, environment: 'sandbox' });
  if (environment === undefined) throw new Error('no environment');
  const bin = programs({ kubectl: FAKE_KUBECTL });
  const contexts = { control: 'the-control', 'data-1': 'the-first', 'data-2': 'the-second' };
  const state = testState(temporaryFolder(), { mode, contexts });
  const found = { bin: (name: string) => `${bin}/${name}`, file: vi.fn<() => string>(), path: bin };
  return collectEvidence(state, found, environment);
}

test('each service of a tenant is asked on each data plane, and answers or says why not', async () => {
  const reason = 'no answer: Error from server (ServiceUnavailable): no endpoints';
  const backend = { service: 'backend' };
  expect(await collect('nodes')).toEqual(
    ['first', 'second'].flatMap((which, index) => [
      {
        ...backend,
        cluster: `data-${index + 1}`,
        namespace: 'business-a',
        ready: '2/2',
        answer: `answer from --context=the-${which}`,
      },
      { ...backend, cluster: `data-${index + 1}`, namespace: 'business-b', ready: '0/1', answer: reason },
    ]),
  );
});

test('simulated pods are not asked, and it is said so', async () => {
  const evidence = await collect('kwok');
  expect(evidence).toHaveLength(4);
  expect(new Set(evidence.map(({ answer }) => answer))).toEqual(new Set(['simulated: the pod does not run']));
});
