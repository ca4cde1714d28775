import { runtime } from '@pulumi/pulumi';

/** How Pulumi marks a value as secret. */
const SECRET_KEY = '4dabf18193072939515e22adb298388d';

/** A resource as a program has registered it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  /** Its inputs; what is secret is marked, see {@link isSecret} and {@link reveal}. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Name of its parent, empty at the top. */
  readonly parent: string;
  /** Name of its provider, empty where it has the default one. */
  readonly provider: string;
  /** Names of what it depends on. */
  readonly dependencies: readonly string[];
  readonly retainOnDelete: boolean;
  /** What it has registered as its outputs. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** What Pulumi's engine is asked to register, as far as tests look at it. */
interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProvider(): string;
  getDependenciesList(): string[];
  getRetainondelete(): boolean;
}

/**
 * Runs a program without an engine.
 * @param stack name of the stack
 * @param outputs what a provider adds to the inputs of a resource
 * @returns what it has registered, sorted by name and type, and what it returns
 */
export async function runProgram<T>(
  stack: string,
  program: () => T | Promise<T>,
  outputs: (type: string, name: string) => Record<string, unknown> = () => ({}),
): Promise<{ registered: Registered[]; result: T }> {
  const found: Registered[] = [];
  const inputsOf = new Map<string, Readonly<Record<string, unknown>>>();
  await runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        inputsOf.set(`${type} ${name}`, inputs as Record<string, unknown>);
        return { id: `${name}-id`, state: { ...inputs, ...outputs(type, name) } };
      },
      call: ({ inputs }) => inputs as Record<string, unknown>,
    },
    'sitewright',
    stack,
  );
  const monitor = runtime.getMonitor() as unknown as {
    registerResource: (request: Request, ...rest: unknown[]) => unknown;
    registerResourceOutputs: (
      request: { getUrn(): string; getOutputs(): { toJavaScript(): object } },
      ...rest: unknown[]
    ) => unknown;
  };
  const { registerResource, registerResourceOutputs } = monitor;
  monitor.registerResource = (request, ...rest) => {
    const [type, name] = [request.getType(), request.getName()];
    found.push({
      type,
      name,
      parent: nameOf(request.getParent()),
      provider: request.getProvider().split('::').at(-2) ?? '',
      dependencies: request.getDependenciesList().map(nameOf).sort(),
      retainOnDelete: request.getRetainondelete(),
      get inputs() {
        return inputsOf.get(`${type} ${name}`) ?? {};
      },
      outputs: {},
    });
    return registerResource.call(monitor, request, ...rest);
  };
  monitor.registerResourceOutputs = (request, ...rest) => {
    const at = found.findIndex(
      ({ name, type }) => name === nameOf(request.getUrn()) && request.getUrn().includes(`${type}::`),
    );
    const one = found[at];
    if (one !== undefined) Object.assign(one.outputs, request.getOutputs().toJavaScript());
    return registerResourceOutputs.call(monitor, request, ...rest);
  };
  try {
    const result = await program();
    return { registered: found, result };
  } finally {
    // What was registered before a failure is still under way.
    await runtime.disconnect();
    found.sort((a, b) => (a.name + a.type < b.name + b.type ? -1 : 1));
  }
}

/** Whether a value is marked as secret. */
export function isSecret(value: unknown): boolean {
  return typeof value === 'object' && value !== null && SECRET_KEY in value;
}

/** A value without its marks. */
export function reveal(value: unknown): unknown {
  return runtime.unwrapRpcSecret(value);
}

function nameOf(urn: string): string {
  return urn.split('::').at(-1) ?? '';
}
