import { performance } from 'node:perf_hooks';
import { planText } from '../../src/cli/plan-file.ts';
import { builtinConnectors } from '../../src/runtime/builtin-connectors.ts';
import type { Job, JobOptions } from '../../src/runtime/job.ts';
import { Platform } from '../../src/runtime/platform.ts';
import { inlineThreads } from '../../src/runtime/threads.ts';
import { testJobOptions } from '../harness/test-platform.ts';

/** A platform with the real connectors on the calling thread; `stateDir` may lie on another disk than the log. */
export function openEngine(dataDir: string, stateDir = dataDir): { platform: Platform; logged: string[] } {
  const connectors = builtinConnectors();
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  const threads = inlineThreads(2, connectors, clock);
  const logged: string[] = [];
  const log = (level: string, message: string): void => void logged.push(`${level}: ${message}`);
  try {
    return { platform: new Platform({ dataDir, stateDir, connectors, threads, ...clock, log }), logged };
  } catch (error) {
    threads.kill();
    throw error;
  }
}

/** Submits the INSERTs of a text as the job `job`. */
export function submitText(platform: Platform, text: string, change: Partial<JobOptions> = {}): Promise<Job> {
  const { plan } = planText(text, 'job', platform.options.connectors.registry, new Map());
  if (plan === undefined) throw new Error('expected an INSERT');
  return platform.submit(plan, testJobOptions({ maxRows: 100, ...change }));
}

/** Rows of an output table by their first column, as JSON text. */
export function tableRows(platform: Platform, table: string): Map<string, string> {
  const rows = [...(platform.tables.get(table)?.image.allRows() ?? [])];
  return new Map(
    rows.map((row) => [
      String(row[0]),
      JSON.stringify(row, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
    ]),
  );
}
