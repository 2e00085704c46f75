import type { RecordProducer } from '../../connectors/produce.ts';
import { partitionOf } from '../../connectors/record-batch/index.ts';
import type { EventSource } from './event-source.ts';
import type { Pace } from './pace.ts';
import type { ValueEncoder } from './value-encoder.ts';

/** Events between looks at the clock, the target and what else the process has to do. */
const CHUNK = 1000;
const IDLE_MS = 2;

export interface ProduceRun {
  readonly source: EventSource;
  readonly target: RecordProducer;
  readonly pace: Pace;
  /** Stop after so many events, or so many milliseconds. */
  readonly count: number;
  readonly duration: number;
  /** Milliseconds between commits; undefined without transactions. */
  readonly commitEvery: number | undefined;
  /** The encoder to go on with, or undefined for the same one. */
  readonly nextEncoder: (events: number, elapsed: number) => Promise<ValueEncoder> | undefined;
  readonly stopped: () => boolean;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** A clock in milliseconds that never goes back. */
  readonly monotonic: () => number;
  readonly progress: (soFar: Produced) => void;
}

export interface Produced {
  events: number;
  /** Of keys and values, uncompressed. */
  bytes: number;
  firstTime: number | undefined;
  lastTime: number | undefined;
  /** Milliseconds. */
  elapsed: number;
}

/** Produces until the source, the count or the duration ends, or a stop is asked for; everything is durable then. */
export async function produce(run: ProduceRun, first: ValueEncoder): Promise<Produced> {
  const { source, target, pace, count, duration, commitEvery, monotonic } = run;
  const start = monotonic();
  const produced: Produced = { events: 0, bytes: 0, firstTime: undefined, lastTime: undefined, elapsed: 0 };
  let encoder = first;
  let staged = false;
  let committed = 0;
  let pushed = 0;
  let turn = 0;
  const { partitions } = target;
  for (;;) {
    const elapsed = monotonic() - start;
    produced.elapsed = elapsed;
    run.progress(produced);
    if (elapsed >= duration || produced.events >= count || run.stopped()) break;
    encoder = (await run.nextEncoder(produced.events, elapsed)) ?? encoder;
    if (!staged && !source.ready && !(await source.load())) break;
    const until = Math.min(count, produced.events + CHUNK);
    let waiting = false;
    // Not the event time: brokers delete records, and forget which batches they have, by the age of these.
    const timestamp = run.now();
    while (produced.events < until && (staged || source.ready)) {
      if (!staged) source.next(pace.eventTime(produced.events, elapsed));
      staged = !pace.due(produced.events, source.time, elapsed);
      waiting = staged;
      if (staged) break;
      const { key, time } = source;
      const value = encoder.encode(source.row);
      target.append(key === null ? turn++ % partitions : partitionOf(key, partitions), key, value, timestamp);
      produced.events++;
      produced.bytes += value.length + (key === null ? 0 : key.length);
      produced.firstTime ??= time;
      produced.lastTime = time;
    }
    if (commitEvery !== undefined && elapsed - committed >= commitEvery) {
      await target.commit();
      committed = elapsed;
    }
    if (elapsed - pushed >= target.linger) {
      target.push();
      pushed = elapsed;
    }
    await target.room();
    await (waiting ? sleep(IDLE_MS) : breathe());
  }
  await target.commit();
  produced.elapsed = monotonic() - start;
  return produced;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Lets sockets be read. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
