import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';

/** What a component is part of; becomes labels on each of its objects. */
export interface ComponentProps {
  readonly environment: string;
  readonly site: string;
  readonly cluster: string;
}

/** Prefix of our own labels and annotations. */
export const LABEL_PREFIX = 'sitewright.dev';

/** Something installed on a cluster: its objects go to one folder of the rendered tree and to one Application. */
export class Component extends Chart {
  constructor(scope: Construct, name: string, props: ComponentProps) {
    super(scope, name, { labels: { ...toLabels(props), [`${LABEL_PREFIX}/component`]: name } });
  }
}

/** The labels that keep environments, sites and clusters apart wherever objects and telemetry come together. */
export function toLabels({ environment, site, cluster }: ComponentProps): Record<string, string> {
  return {
    'app.kubernetes.io/managed-by': 'sitewright',
    [`${LABEL_PREFIX}/environment`]: environment,
    [`${LABEL_PREFIX}/site`]: site,
    [`${LABEL_PREFIX}/cluster`]: cluster,
  };
}
