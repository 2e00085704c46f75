import type { SourceConnector } from '../src/connectors/contracts.ts';
import { RecordReader } from '../src/connectors/kafka/reader.ts';
import { type HeldRun, ReadySignal, type RunSource } from '../src/connectors/kafka/run-source.ts';
import { createDecoder } from '../src/formats/index.ts';
import { EVENT_SCHEMA, SCHEMA_ID } from './event.ts';
import { LoopedLog } from './looped-log.ts';

/** Batches of 1000 records handed on at a time. */
export const RUN_BATCHES = 8;

/**
 * The bench's source: record batches in memory, replayed for ever; no network, no disk, no checksum. Before each pass
 * every event's time is moved on by the span of the log, in place; that time is counted apart (`patch_ms`) and taken
 * off by the bench. Split i reads the file `path` + i.
 */
export const memoryConnector: SourceConnector = {
  descriptor: {
    name: 'memory',
    source: {
      formats: ['avro-confluent'],
      mode: 'append',
      projectionPushDown: true,
      filterPushDown: false,
      bounded: () => false,
    },
    sink: undefined,
    options: {
      path: { required: true, description: 'files of record batches, without their number' },
      splits: { default: '1', description: 'splits' },
      format: { required: true, description: 'avro-confluent' },
    },
  },
  discover: (spec) =>
    Promise.resolve(
      Array.from({ length: Number(spec.table.options.splits ?? 1) }, (_, i) => ({
        split: { id: `memory/${i}` },
        start: { offset: '0' },
      })),
    ),
  open: (spec, splits, context) => {
    const { options } = spec.table;
    const partitions = splits.map(({ split }) => Number(split.id.slice('memory/'.length)));
    const logs = partitions.map((partition) => new LoopedLog(`${options.path}${partition}`));
    const decoder = createDecoder('avro-confluent', {
      schema: spec.table.columns,
      columns: spec.columns,
      filter: spec.filter,
      options,
      onError: 'fail',
    });
    decoder.addSchema?.(SCHEMA_ID, JSON.stringify(EVENT_SCHEMA));
    const source = new MemoryRuns(logs, partitions, (ms, cpuMs) => {
      context.count('patch_ms', ms);
      context.count('patch_cpu_ms', cpuMs);
    });
    const ranges = partitions.map((partition) => ({ topic: 'memory', partition, offset: 0, end: Infinity }));
    return Promise.resolve(new RecordReader(ranges, source, decoder, undefined, undefined, context));
  },
};

class MemoryRuns implements RunSource {
  private readonly logs: readonly LoopedLog[];
  private readonly partitions: readonly number[];
  private readonly onPatch: (ms: number, cpuMs: number) => void;
  private readonly ready = new ReadySignal();
  private turn = 0;

  constructor(logs: readonly LoopedLog[], partitions: readonly number[], onPatch: (ms: number, cpuMs: number) => void) {
    this.logs = logs;
    this.partitions = partitions;
    this.onPatch = onPatch;
  }

  take(): HeldRun | undefined {
    if (this.logs.length === 0) return undefined;
    const index = this.turn++ % this.logs.length;
    const log = this.logs[index];
    if (log.atEnd) {
      const before = { ...log.patch };
      log.nextPass();
      this.onPatch(log.patch.ms - before.ms, log.patch.cpuMs - before.cpuMs);
    }
    const { at, end, offset } = log.take(RUN_BATCHES);
    return {
      run: {
        topic: 'memory',
        partition: this.partitions[index],
        bytes: log.bytes,
        view: log.view,
        at,
        end,
        nextOffset: offset,
        toOffset: Infinity,
        leaderEpoch: 0,
        whole: true,
        taken: false,
        aborted: undefined,
        trusted: true,
      },
      release: () => undefined,
    };
  }
  onReady(callback: () => void): void {
    this.ready.wait(callback);
    setImmediate(() => this.ready.fire());
  }
  add(): void {
    throw new Error('the partitions in memory are as many as at the start');
  }
  bytes(): number {
    return 0;
  }
  endOffset(): undefined {
    return undefined;
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}
