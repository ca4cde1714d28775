import { BASELINE_KINDS, Baseline } from '../constructs/baseline.ts';
import { type ComponentDefinition, PLATFORM_PROJECT } from './component-definition.ts';

/** What every cluster gets, whatever its plane. */
export function everyPlane(): ComponentDefinition[] {
  return [
    {
      name: 'baseline',
      layer: 1,
      project: PLATFORM_PROJECT,
      namespaces: ['default'],
      kinds: BASELINE_KINDS,
      cascade: false,
      build: (scope) => new Baseline(scope, 'Baseline'),
    },
  ];
}
