import { join } from 'node:path';
import type { Inputs } from './inputs.ts';

/** Those that write objects. */
export const WRITERS = ['floor', 'sitewright', 'stock'] as const;
/** All that is measured. `start` is Node itself. */
export const CONTENDERS = ['start', ...WRITERS] as const;
export type Writer = (typeof WRITERS)[number];
export type Contender = (typeof CONTENDERS)[number];

/** Arguments of Node with which a contender reads its input and writes its objects to a folder. */
export function toArgs(contender: Contender, inputs: Inputs, out: string): string[] {
  switch (contender) {
    case 'start':
      return [ownFile('start.ts')];
    case 'floor':
      return [ownFile('floor.ts'), inputs.objects, out];
    case 'sitewright':
      return [ownFile('../../cli/main.ts'), 'synth', '--environments', inputs.environments, '--out', out];
    case 'stock': {
      const app = `exec "${process.execPath}" "${ownFile('stock.ts')}" "${inputs.sites}"`;
      const cdk8s = ownFile('../../node_modules/cdk8s-cli/bin/cdk8s');
      // Without asking the registry for a newer version of itself.
      return [cdk8s, 'synth', '--check-upgrade=false', '--app', app, '--output', out];
    }
  }
}

function ownFile(name: string): string {
  return join(import.meta.dirname, name);
}
