import { describe, expect, test, vi } from 'vitest';
import { type ApplicationStatus, isWell, listApplications } from './applications.ts';
import type { Kubectl } from './kubectl.ts';

const WELL: ApplicationStatus = {
  name: 'it',
  destination: 'sandbox-site-b-data-1',
  sync: 'Synced',
  health: 'Healthy',
  revision: 'abcdef1',
  message: '',
};

test.each<[boolean, Partial<ApplicationStatus>, string | undefined]>([
  [true, {}, undefined],
  [true, {}, 'abcdef1234567890'],
  [false, {}, '1234567890abcdef'],
  [true, { revision: '' }, undefined],
  [false, { revision: '' }, 'abcdef1234567890'],
  [false, { sync: 'OutOfSync' }, undefined],
  [false, { sync: 'Unknown' }, undefined],
  [false, { health: 'Progressing' }, undefined],
  [false, { health: 'Degraded' }, 'abcdef1234567890'],
  [false, { health: 'Missing' }, undefined],
  [false, { health: 'Suspended' }, undefined],
])('that all is well is %s with %j at %s', (well, change, commit) => {
  expect(isWell({ ...WELL, ...change }, commit)).toBe(well);
});

describe('what Argo CD reports', () => {
  const kubectl = (...items: unknown[]) => vi.fn<Kubectl>(async () => JSON.stringify({ items }));
  const application = (name: string, status?: unknown) => ({
    metadata: { name },
    spec: { destination: { name: 'data-1' } },
    ...(status === undefined ? {} : { status }),
  });

  test('is asked in its namespace, and sorted by name', async () => {
    const run = kubectl(application('b'), application('a'));
    expect((await listApplications(run)).map(({ name }) => name)).toEqual(['a', 'b']);
    expect(run).toHaveBeenCalledExactlyOnceWith(['get', 'applications.argoproj.io', '-o', 'json', '-n', 'argocd']);
  });

  test('is given as it is, with a short revision', async () => {
    const status = {
      sync: { status: 'Synced', revision: 'abcdef1234567890' },
      health: { status: 'Healthy' },
      operationState: { phase: 'Succeeded', message: 'successfully synced (all tasks run)' },
    };
    const { name: _, ...rest } = WELL;
    expect(await listApplications(kubectl(application('it', status)))).toEqual([
      { ...rest, name: 'it', destination: 'data-1' },
    ]);
  });

  test('is unknown as long as it has not looked', async () => {
    expect(await listApplications(kubectl(application('it')))).toMatchObject([
      { sync: 'Unknown', health: 'Unknown', revision: '', message: '' },
    ]);
  });

  test.each([
    [{ operationState: { phase: 'Failed', message: 'one object is invalid' } }, 'one object is invalid'],
    [{ operationState: { phase: 'Running', message: 'waiting for a hook' } }, 'waiting for a hook'],
    [
      { conditions: [{ message: 'cluster is away' }], operationState: { phase: 'Failed', message: 'x' } },
      'cluster is away',
    ],
    [{ conditions: [], operationState: { phase: 'Error' } }, ''],
  ])('tells what keeps it from being well: %j', async (status, message) => {
    expect(await listApplications(kubectl(application('it', status)))).toMatchObject([{ message }]);
  });
});
