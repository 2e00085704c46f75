import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { formatChangelogValue } from '../../src/data/json-value.ts';
import type { PhysicalPlan, SinkNode } from '../../src/planner/physical.ts';
import { builtinConnectors } from '../../src/runtime/builtin-connectors.ts';
import { decodeCollected } from '../../src/runtime/collected-rows.ts';
import type { Job, JobOptions } from '../../src/runtime/job.ts';
import { Platform } from '../../src/runtime/platform.ts';
import { inlineThreads } from '../../src/runtime/threads.ts';
import type { JsonValue } from '../harness/json-values.ts';
import { planWith, testJobOptions } from '../harness/test-platform.ts';

/** A folder with files in it, and a data directory beside it. */
export class Folder {
  readonly root = mkdtempSync(join(tmpdir(), 'headwater-files-'));

  path(name: string): string {
    return join(this.root, 'in', name);
  }

  write(name: string, text: string | Uint8Array): string {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  get dataDir(): string {
    return join(this.root, 'data');
  }
}

export interface FileRun {
  readonly platform: Platform;
  readonly job: Job;
  /** Rows of a SELECT as they are committed, `[op, ...values]`. */
  readonly rows: JsonValue[][];
  kill(): void;
}

/** Starts a script with one query on the calling thread, with every operator and edge checked. */
export async function start(sql: string, dataDir: string, options: Partial<JobOptions> = {}): Promise<FileRun> {
  const connectors = builtinConnectors();
  const plan = planWith(sql, connectors);
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  const threads = inlineThreads(2, connectors, clock, true);
  const platform = new Platform({ dataDir, connectors, threads, ...clock, log: () => undefined });
  const rows = collect(platform, plan);
  const kill = (): void => {
    threads.kill();
    platform.dir.close();
  };
  try {
    const job = await platform.submit(plan, testJobOptions(options));
    return { platform, job, rows, kill };
  } catch (error) {
    await platform.shutdown();
    throw error;
  }
}

function collect(platform: Platform, plan: PhysicalPlan): JsonValue[][] {
  const rows: JsonValue[][] = [];
  const sink = plan.nodes.find((node): node is SinkNode => node.op === 'sink');
  const schema = sink?.schema ?? [];
  platform.events.on('committed', (_job, _commit, snapshots) => {
    for (const part of snapshots.flatMap((snapshot) => snapshot.collected)) {
      for (const row of decodeCollected(schema, part.bytes)) {
        rows.push([row.op, ...row.values.map((value, i) => formatChangelogValue(schema[i].type, value) as JsonValue)]);
      }
    }
  });
  return rows;
}

/** Runs a bounded script to its end: its rows without their kinds. Throws what ended it. */
export async function runToEnd(
  sql: string,
  dataDir: string,
  options: Partial<JobOptions> = {},
): Promise<JsonValue[][]> {
  const run = await start(sql, dataDir, options);
  try {
    const end = await run.job.done;
    if (end.error !== undefined) throw end.error;
    return run.rows.map(([, ...values]) => values);
  } finally {
    await run.platform.shutdown();
  }
}

/** What went wrong, as `code: message`. */
export async function failureOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'nothing went wrong';
  } catch (error) {
    return error instanceof Error && 'code' in error ? `${String(error.code)}: ${error.message}` : String(error);
  }
}
