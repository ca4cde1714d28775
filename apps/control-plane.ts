import type { ComponentDefinition } from './component-definition.ts';
import { everyPlane } from './every-plane.ts';

/** What a control plane gets. Argo CD itself is there first: the site's stack registers with it. */
export function controlPlane(): ComponentDefinition[] {
  return everyPlane();
}
