import { note } from './output.ts';

/** Exit codes of a run that was interrupted, as shells have them. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Runs work that Ctrl-C ends in good order: the work's signal is aborted, then what it has started is cleaned up. A
 * second Ctrl-C ends at once.
 * @param cleanUp called when interrupted, while the work may not yet have noticed
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  cleanUp: () => Promise<void>,
): Promise<T> {
  const controller = new AbortController();
  const handlers = Object.entries(EXIT_CODES).map(([name, code]) => {
    const handler = (): void => {
      if (controller.signal.aborted) process.exit(code);
      controller.abort();
      note(`\ninterrupted (${name}): cleaning up`);
      cleanUp().then(
        () => process.exit(code),
        (error: Error) => {
          note(error.message);
          process.exit(code);
        },
      );
    };
    process.on(name, handler);
    return { name, handler };
  });
  try {
    const value = await work(controller.signal);
    return controller.signal.aborted ? await forever() : value;
  } catch (error) {
    if (controller.signal.aborted) return await forever();
    throw error;
  } finally {
    for (const { name, handler } of handlers) process.off(name, handler);
  }
}

/** The clean-up ends the process. */
function forever(): Promise<never> {
  return new Promise(() => {});
}
