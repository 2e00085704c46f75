import type { BytesColumn } from '../../src/data/column.ts';
import { makeBatch } from '../../src/data/batch.ts';
import { BYTES } from '../../src/data/types.ts';
import type {
  ConnectorContext,
  SourceConnector,
  SourcePoll,
  SourceReader,
  SourceSpec,
} from '../../src/connectors/contracts.ts';
import { createKafkaConnector } from '../../src/connectors/kafka/kafka-source.ts';
import type { BatchRun } from '../../src/connectors/record-batch/assembler.ts';
import type { AbortedTransactions } from '../../src/connectors/record-batch/aborted.ts';
import { DecodeError, NeedSchema, type RecordDecoder, type RecordFrames } from '../../src/formats/contracts.ts';

/** A generator of numbers in [0, 1) that a printed seed repeats. */
export function seeded(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}

export interface RecordSeen {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
}

export function recordsOf(frames: RecordFrames, partition = 0): RecordSeen[] {
  const text = (start: number, end: number) =>
    end < 0 ? null : Buffer.from(frames.bytes.subarray(start, end)).toString('latin1');
  return Array.from({ length: frames.count }, (_, i) => ({
    partition,
    offset: frames.offsets[i],
    timestamp: frames.timestamps[i],
    key: text(frames.keyStarts[i], frames.keyEnds[i]),
    value: text(frames.valueStarts[i], frames.valueEnds[i]),
  }));
}

export function runOf(
  parts: readonly Uint8Array[],
  options: Partial<BatchRun> & { aborted?: AbortedTransactions } = {},
): BatchRun {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(length + 8);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return {
    topic: 't',
    partition: 0,
    bytes,
    view: new DataView(bytes.buffer),
    at: 0,
    end: length,
    nextOffset: 0,
    toOffset: Infinity,
    leaderEpoch: -1,
    whole: false,
    taken: false,
    aborted: undefined,
    ...options,
  };
}

/** The format `raw`: one BYTES column, the value as it is. Values that begin with `bad` cannot be decoded. */
class RawDecoder implements RecordDecoder {
  skipped = 0;
  private readonly known = new Set<number>();
  private readonly needs: number | undefined;
  readonly onError: 'fail' | 'skip';

  constructor(needs: number | undefined, onError: 'fail' | 'skip') {
    this.needs = needs;
    this.onError = onError;
  }

  addSchema(id: number): void {
    this.known.add(id);
  }

  decode(frames: RecordFrames, from: number, to: number) {
    if (this.needs !== undefined && !this.known.has(this.needs)) throw new NeedSchema(this.needs);
    const rows: number[] = [];
    for (let i = from; i < to; i++) {
      if (frames.valueEnds[i] < 0) continue;
      const text = Buffer.from(frames.bytes.subarray(frames.valueStarts[i], frames.valueEnds[i])).toString('latin1');
      if (!text.startsWith('bad')) rows.push(i);
      else if (this.onError === 'fail') throw new DecodeError(i, 'it begins with bad');
      else this.skipped++;
    }
    const column: BytesColumn = {
      layout: 'bytes',
      bytes: frames.bytes,
      view: frames.view,
      starts: Int32Array.from(rows, (i) => frames.valueStarts[i]),
      ends: Int32Array.from(rows, (i) => frames.valueEnds[i]),
      nulls: undefined,
    };
    return makeBatch([column], rows.length);
  }
}

export const rawConnector: SourceConnector = createKafkaConnector((_, spec) => {
  const needs = spec.options['needs-schema'];
  return new RawDecoder(needs === undefined ? undefined : Number(needs), spec.onError);
});

export function specOf(options: Readonly<Record<string, string>>): SourceSpec {
  const columns = [{ name: 'value', type: BYTES }];
  const all = { 'scan.startup.mode': 'earliest-offset', format: 'json', ...options };
  return {
    table: { name: 'T', columns, primaryKey: [], options: all },
    columns: [0],
    filter: undefined,
    schema: columns,
  };
}

export interface TestContext extends ConnectorContext {
  readonly logged: string[];
  readonly counters: Map<string, number>;
}

export function contextIn(dataDir: string): TestContext {
  const logged: string[] = [];
  const counters = new Map<string, number>();
  const schemas = new Map<string, string>();
  return {
    dataDir,
    logged,
    counters,
    now: () => Date.now(),
    random: () => 0.5,
    log: (level, message) => logged.push(`${level}: ${message}`),
    count: (counter, by) => counters.set(counter, (counters.get(counter) ?? 0) + by),
    resuming: false,
    task: 0,
    knownSplits: [],
    readers: [0],
    schemas: {
      get: (registry, id) => schemas.get(`${registry} ${id}`),
      put: (registry, id, text) => schemas.set(`${registry} ${id}`, text),
    },
  };
}

export type Rows = Extract<SourcePoll, { type: 'rows' }>;

/** Values of a batch of format `raw`. */
export function valuesOf(poll: Rows): string[] {
  const column = poll.batch.columns[0];
  if (column.layout !== 'bytes') throw new Error(column.layout);
  return Array.from({ length: poll.batch.length }, (_, i) =>
    Buffer.from(column.bytes.subarray(column.starts[i], column.ends[i])).toString('latin1'),
  );
}

/** Polls until the reader is finished or `enough` says so; waits as the runtime does. Values by split. */
export async function drain(
  reader: SourceReader,
  options: { maxRows?: number; enough?: (rows: number) => boolean; onRows?: (rows: Rows) => void } = {},
): Promise<Map<string, string[]>> {
  const { maxRows = 1000, enough = () => false, onRows } = options;
  const seen = new Map<string, string[]>();
  let count = 0;
  const deadline = Date.now() + 60_000;
  while (!enough(count)) {
    if (Date.now() > deadline) throw new Error(`not done after 60 s, ${count} rows`);
    const poll = reader.poll(maxRows);
    if (poll.type === 'finished') break;
    if (poll.type === 'wait') {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 10_000);
        reader.onReady(() => {
          clearTimeout(timer);
          resolve();
        });
      });
      continue;
    }
    if (poll.type !== 'rows') continue;
    const values = valuesOf(poll);
    count += values.length;
    seen.set(poll.splitId, [...(seen.get(poll.splitId) ?? []), ...values]);
    onRows?.(poll);
  }
  return seen;
}

/** For what a read_committed reader sees: a broker ends a transaction in its partitions a little after it has said so. */
export const TRANSACTION_ENDS = { timeout: 10_000 };

/** Reads a bounded table to its end with a fresh reader. */
export async function readAll(
  options: Readonly<Record<string, string>>,
  context: ConnectorContext,
  maxRows?: number,
): Promise<Map<string, string[]>> {
  const spec = specOf({ 'scan.bounded.mode': 'latest-offset', ...options });
  const splits = await rawConnector.discover(spec, context);
  const reader = await rawConnector.open(
    spec,
    splits.map(({ split, start }) => ({ split, position: start })),
    context,
  );
  try {
    return await drain(reader, { maxRows });
  } finally {
    await reader.close();
  }
}
