import { fieldsAt, type Rule } from '../rule.ts';

const POD_SECURITY_LABEL = 'pod-security.kubernetes.io/enforce';
const REQUIRED_LABELS = ['sitewright.dev/environment', 'sitewright.dev/site', 'sitewright.dev/cluster'];

export const namespacePodSecurity: Rule = {
  name: 'namespace-pod-security',
  description: 'A namespace without a Pod Security level lets every pod in.',
  check: (manifest) => {
    if (manifest.kind !== 'Namespace') return [];
    const level = fieldsAt(manifest, 'metadata', 'labels')[POD_SECURITY_LABEL];
    if (level === 'restricted' || level === 'baseline' || level === 'privileged') return [];
    const message = `must be restricted, baseline or privileged, got ${String(level ?? 'nothing')}; set it`;
    return [{ path: `metadata.labels['${POD_SECURITY_LABEL}']`, message }];
  },
};

export const ownLabels: Rule = {
  name: 'own-labels',
  description: 'Labels keep environments, sites and clusters apart where their objects and telemetry come together.',
  check: (manifest) => {
    const labels = fieldsAt(manifest, 'metadata', 'labels');
    return REQUIRED_LABELS.filter((label) => labels[label] === undefined).map((label) => ({
      path: `metadata.labels['${label}']`,
      message: 'must be set, got nothing; build the object inside a Component',
    }));
  },
};
