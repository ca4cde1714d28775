import type { ComponentDefinition } from './component-definition.ts';
import { everyPlane } from './every-plane.ts';

/** What a platform plane gets. */
export function platformPlane(): ComponentDefinition[] {
  return everyPlane();
}
