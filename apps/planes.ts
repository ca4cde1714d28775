import type { Cluster, Site } from '../environments/model.ts';
import type { ComponentDefinition } from './component-definition.ts';
import { controlPlane } from './control-plane.ts';
import { dataPlane } from './data-plane.ts';
import { platformPlane } from './platform-plane.ts';

/** Everything that is rendered for a cluster, in order of installation. */
export function clusterComponents(site: Site, cluster: Cluster): ComponentDefinition[] {
  switch (cluster.plane) {
    case 'control':
      return controlPlane();
    case 'data':
      return dataPlane(site, cluster);
    case 'platform':
      return platformPlane();
  }
}
