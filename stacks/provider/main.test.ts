import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { lives, poll } from '../../test/helpers/processes.ts';

const PLUGIN = join(import.meta.dirname, 'pulumi-resource-sitewright');

test('the plugin ends by itself once the engine that started it is gone', async () => {
  // The shell stands where the engine stands: it starts the plugin with its own address, and reads its port.
  const script = `"${PLUGIN}" 127.0.0.1:1 & echo $!; wait`;
  const engine = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: engine.stdout })[Symbol.asyncIterator]();
  const pid = Number((await lines.next()).value);
  onTestFinished(() => {
    engine.kill('SIGKILL');
    if (lives(pid)) process.kill(pid, 'SIGKILL');
  });
  expect(Number((await lines.next()).value)).toBeGreaterThan(0);
  expect(lives(pid)).toBe(true);
  engine.kill('SIGKILL');
  await once(engine, 'exit');
  await poll(() => lives(pid)).toBe(false);
});
