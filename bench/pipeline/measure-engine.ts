import { performance } from 'node:perf_hooks';
import { DEFAULT_POLICY } from '../../src/checkpoint/coordinator.ts';
import type { Job } from '../../src/runtime/job.ts';
import { openBenchPlatform, submit } from '../platform.ts';
import { type Counts, type Measurement, Stretch } from './measurement.ts';
import { runOtherQueries } from './other-queries.ts';
import { type EventSource, pipelineSql, scriptOf, type Sink } from './query.ts';

export interface EngineSpec {
  readonly peer: 'engine';
  readonly source: EventSource;
  readonly sink: Sink;
  /** Another query than that of the pipeline, and the columns of its result. */
  readonly query?: { readonly columns: string; readonly select: string };
  /** SET before the query, by key. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly threads: number;
  readonly warmSeconds: number;
  readonly seconds: number;
  /** The least number of events of the warm-up and of the stretch, however long they take. */
  readonly least?: { readonly warm: number; readonly stretch: number };
  /** Small jobs of other types that run first in the same process and threads. */
  readonly otherQueries: number;
  readonly logBytes: number;
  /** Events of the topic: the stretch ends when they are read, at the latest. Infinity is written as null. */
  readonly limit: number | null;
}

/** The engine with its real threads: warm-up, then the stretch, checkpoints every second and soon after output, as by default. */
export async function measureEngine(spec: EngineSpec): Promise<Measurement> {
  const { platform, close } = openBenchPlatform(spec.threads);
  try {
    await runOtherQueries(platform, spec.otherQueries);
    const { source, sink, query, settings } = spec;
    const options = {
      windowSeconds: 10,
      lagMs: 1000,
      intervalMs: 1000,
      minPauseMs: DEFAULT_POLICY.minPause,
      source,
      sink,
      settings,
    };
    const sql = query === undefined ? pipelineSql(options) : scriptOf(options, query.columns, query.select);
    const job = await submit(platform, sql, 'pipeline', spec.threads);
    const limit = spec.limit ?? Infinity;
    const warmUntil = performance.now() + spec.warmSeconds * 1000;
    const { warm, stretch: least } = spec.least ?? { warm: 0, stretch: 0 };
    let counts = await nextCounts(job);
    while ((performance.now() < warmUntil && counts.events < limit / 4) || counts.events < warm) {
      counts = await nextCounts(job);
    }
    const ends = counts.events + least;
    const stretch = new Stretch(counts);
    let state = 0;
    while ((stretch.seconds(counts) < spec.seconds || counts.events < ends) && counts.events < limit * 0.95) {
      counts = await nextCounts(job);
      stretch.sample();
      state = Math.max(state, stateBytes(job));
    }
    const result = stretch.end(counts, spec.logBytes);
    const images = [...platform.tables.values()].reduce((sum, { image }) => sum + image.bytes(), 0);
    await job.cancel();
    return { ...result, held: { state, images } };
  } finally {
    await close();
  }
}

/** The bench must not be seen in what it measures: a task reports ten times a second. */
const LOOK_EVERY_MS = 5;

/** Waits for each task's next report, so that counts and clock belong together. */
async function nextCounts(job: Job): Promise<Counts> {
  const before = [...job.counters];
  while (job.counters.some((task, i) => task === undefined || task === before[i])) {
    if (job.error !== undefined) throw job.error;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  const tasks = job.counters.filter((task) => task !== undefined);
  const patch = tasks.map((task) => namedSum(task.named, '/patch_ms'));
  return {
    events: tasks.reduce((sum, task) => sum + task.rowsIn, 0),
    // Tasks move their logs on at the same time as one another: wall time loses the mean, not the sum.
    patchMs: patch.reduce((sum, ms) => sum + ms, 0) / tasks.length,
    patchCpuMs: tasks.reduce((sum, task) => sum + namedSum(task.named, '/patch_cpu_ms'), 0),
    epochs: job.epochsCommitted,
    bytesWritten: job.bytesWritten,
  };
}

function stateBytes(job: Job): number {
  return job.counters.reduce((sum, task) => sum + (task?.stateBytes ?? 0), 0);
}

function namedSum(named: Readonly<Record<string, number>>, suffix: string): number {
  return Object.entries(named).reduce((sum, [name, value]) => (name.endsWith(suffix) ? sum + value : sum), 0);
}
