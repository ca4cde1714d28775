/** A Kubernetes object as plain data. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [key: string]: unknown;
}

/** What a rule found in an object. */
export interface Violation {
  /** Where in the object, such as `spec.template.spec.containers[0].image`. */
  readonly path: string;
  /** What must be, what is, and what to do: `must <rule>, got <value>; <fix>`. */
  readonly message: string;
}

/** A rule over single objects: pure, so that it runs alike at synth, in a preview and in tests. */
export interface Rule {
  /** Name in reports and waivers. */
  readonly name: string;
  /** What it is for, in one sentence. */
  readonly description: string;
  readonly check: (manifest: Manifest) => Violation[];
}

/** A part of an object whose type is not known. */
export type Fields = Readonly<Record<string, unknown>>;

/** A map at a path below an object; empty where there is none. */
export function fieldsAt(value: unknown, ...path: readonly string[]): Fields {
  let at = value;
  for (const key of path) at = isFields(at) ? at[key] : undefined;
  return isFields(at) ? at : {};
}

/** A list at a path below an object; empty where there is none. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const last = path.at(-1);
  const at = last === undefined ? value : fieldsAt(value, ...path.slice(0, -1))[last];
  return Array.isArray(at) ? at : [];
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
