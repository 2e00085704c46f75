import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { jobOptions } from '../src/cli/open-platform.ts';
import { planText } from '../src/cli/plan-file.ts';
import type { Job } from '../src/runtime/job.ts';
import { Platform } from '../src/runtime/platform.ts';
import { startThreads } from '../src/runtime/threads.ts';
import { benchConnectors } from './connectors.ts';

/** The platform that the command opens, with real threads, and the bench's connectors; state in a temporary folder. */
export function openBenchPlatform(threads: number, dataDir?: string): { platform: Platform; close(): Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-bench-'));
  const platform = new Platform({
    dataDir: dataDir ?? folder,
    stateDir: folder,
    connectors: benchConnectors(),
    threads: startThreads(threads, {
      engine: new URL('./engine-worker.js', import.meta.url),
      store: new URL('../store-worker.js', import.meta.url),
      follower: new URL('../follower-worker.js', import.meta.url),
    }),
    now: () => Date.now(),
    monotonic: () => performance.now(),
    log: (level, message) => process.stderr.write(`${level}: ${message}\n`),
  });
  const close = async (): Promise<void> => {
    await platform.shutdown();
    rmSync(folder, { recursive: true, force: true });
  };
  return { platform, close };
}

export async function submit(platform: Platform, sql: string, name: string, threads: number): Promise<Job> {
  const { plan } = planText(sql, name, platform.options.connectors.registry, new Map());
  if (plan === undefined) throw new Error('the bench query has no INSERT');
  return platform.submit(plan, jobOptions(plan, { threads, fresh: true, acceptChangedState: [] }));
}
