import yoctoSpinner from 'yocto-spinner';
import type { Progress } from '../sandbox/progress.ts';
import { note, styledError } from './output.ts';

/** How often a step without a terminal may print a line, in milliseconds. */
const LINE_INTERVAL_MS = 10_000;

/** Shows steps on standard error: a spinner on a terminal, else lines, few enough for the log of a CI run. */
export function terminalProgress(): Progress {
  return {
    async step(title, work, outcome) {
      const start = Date.now();
      const seconds = () => `${((Date.now() - start) / 1000).toFixed(1)} s`;
      const finished = (value: Parameters<NonNullable<typeof outcome>>[0]) =>
        `${title}: ${outcome === undefined ? 'done' : outcome(value)} ${styledError('dim', `(${seconds()})`)}`;
      if (!process.stderr.isTTY) {
        let last = { time: 0, text: '' };
        const value = await work((text) => {
          if (text === last.text || Date.now() - last.time < LINE_INTERVAL_MS) return;
          last = { time: Date.now(), text };
          note(`  ${title}: ${text}`);
        });
        note(finished(value));
        return value;
      }
      // Ctrl-C is handled in one place, which also cleans up.
      const spinner = yoctoSpinner({ text: title, stream: process.stderr, handleSignals: false }).start();
      try {
        const value = await work((text) => {
          spinner.text = `${title}: ${text}`;
        });
        spinner.success(finished(value));
        return value;
      } catch (error) {
        spinner.error(title);
        throw error;
      }
    },
  };
}
