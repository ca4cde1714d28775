import { appendFileSync } from 'node:fs';

// Loaded into each process that is measured, with the ones that it starts: a parent only learns their sum, too coarsely.
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage = { cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMiB: maxRSS / 1024 };
  appendFileSync(process.env.BENCH_USAGE_FILE ?? '', `${JSON.stringify(usage)}\n`);
});
