import { expect, test } from 'vitest';
import { namesOf, renderConstruct, theOne } from '../test/helpers/render.ts';
import { BASELINE_KINDS, Baseline } from './baseline.ts';

const render = () => renderConstruct((scope) => new Baseline(scope, 'Baseline'));

test('a cluster gets two priorities and a closed default namespace', () => {
  expect(namesOf(render())).toEqual([
    'PriorityClass/platform',
    'PriorityClass/business',
    'NetworkPolicy/deny-all',
    'ResourceQuota/no-pods',
  ]);
});

test('its kinds are listed, so that its project can allow just them', () => {
  const kinds = new Set(render().map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual(BASELINE_KINDS.map(({ kind }) => kind).sort());
});

test('business never takes the place of anything; the platform may take that of business, not that of Kubernetes', () => {
  const manifests = render();
  const platform = theOne(manifests, 'PriorityClass', 'platform');
  const business = theOne(manifests, 'PriorityClass', 'business');
  expect(business.preemptionPolicy).toBe('Never');
  expect(business.value).toBeLessThan(platform.value as number);
  // The highest value that Kubernetes leaves to users; its own two classes lie above.
  expect(platform.value).toBeLessThan(1_000_000_000);
  for (const manifest of [platform, business]) expect(manifest).not.toHaveProperty('globalDefault', true);
});

test('nothing can run in the default namespace or be reached there', () => {
  const manifests = render();
  expect(theOne(manifests, 'ResourceQuota')).toMatchObject({
    metadata: { namespace: 'default' },
    spec: { hard: { pods: '0' } },
  });
  expect(theOne(manifests, 'NetworkPolicy')).toMatchObject({
    metadata: { namespace: 'default' },
    spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
  });
});
