import { ApiObject, type ApiObjectProps } from 'cdk8s';
import { Construct } from 'constructs';

/** Store that every ExternalSecret reads from: the OpenBao of the site. */
export const SECRET_STORE = 'openbao';

/**
 * What the cluster fills in where it is not written. Argo CD applies on the server, where it takes a list as a whole: it
 * would find a difference, and heal it, for ever.
 * @see https://github.com/argoproj/argo-cd/issues/13004
 */
const REMOTE_REF_DEFAULTS = { conversionStrategy: 'Default', decodingStrategy: 'None', metadataPolicy: 'None' };

/** Options for {@link ExternalSecret}. */
export interface ExternalSecretProps {
  /** Name of the ExternalSecret and of the Secret that comes from it. */
  readonly name: string;
  readonly namespace: string;
  /** Key in the Secret to reference, `openbao:path#key`. */
  readonly data: Readonly<Record<string, string>>;
  /** Type of the Secret. @default Opaque */
  readonly type?: string;
}

/** A Secret whose values stay in OpenBao; git holds their addresses alone. */
export class ExternalSecret extends Construct {
  constructor(scope: Construct, id: string, props: ExternalSecretProps) {
    super(scope, id);
    new ApiObject(this, 'ExternalSecret', toExternalSecret(props));
  }
}

/** @see https://external-secrets.io/latest/api/externalsecret/ */
export function toExternalSecret({ name, namespace, data, type }: ExternalSecretProps): ApiObjectProps {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name, namespace },
    spec: {
      refreshInterval: '1h',
      secretStoreRef: { kind: 'ClusterSecretStore', name: SECRET_STORE },
      target: { name, creationPolicy: 'Owner', ...(type === undefined ? {} : { template: { type } }) },
      data: Object.entries(data).map(([secretKey, reference]) => {
        const [key, property] = reference.replace(/^openbao:/, '').split('#');
        return { secretKey, remoteRef: { key, property, ...REMOTE_REF_DEFAULTS } };
      }),
    },
  };
}
