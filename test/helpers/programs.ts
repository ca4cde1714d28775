import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { temporaryFolder } from './folders.ts';

/** A folder with programs, each a shell script by its name. */
export function programs(scripts: Readonly<Record<string, string>>, folder = temporaryFolder()): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** Sets variables of this process until the test is finished. */
export function useEnv(variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
}

/** Has this process find programs in these folders only, until the test is finished. */
export function usePath(...folders: string[]): void {
  useEnv({ PATH: folders.join(delimiter) });
}

/** An empty cache of tools of the test's own; returns its folder. */
export function useCache(): string {
  const cache = temporaryFolder();
  useEnv({ SITEWRIGHT_CACHE: cache });
  return cache;
}
