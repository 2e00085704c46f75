import { performance } from 'node:perf_hooks';
import { BYTES_SLACK } from '../src/data/column.ts';
import type { SourceConnector } from '../src/connectors/contracts.ts';
import { RecordReader } from '../src/connectors/kafka/reader.ts';
import { type HeldRun, ReadySignal, type RunSource } from '../src/connectors/kafka/run-source.ts';
import { createDecoder } from '../src/formats/index.ts';
import { buildEvents, EVENT_SCHEMA } from './event.ts';
import { LoopedLog } from './looped-log.ts';

/** Nothing of the memory source is a network, a disk or a checksum: it feeds record batch bytes as fast as they are taken. */
const RUN_BATCHES = 8;
const SCHEMA_ID = 7;

/**
 * The bench's source: record batches in memory, replayed for ever; before each pass every event's time is moved on by
 * the span of the log (in place; that time is counted apart, `patch_ms`, and taken off by the bench).
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
      events: { required: true, description: 'events per split and pass' },
      keys: { required: true, description: 'distinct users' },
      splits: { default: '1', description: 'splits' },
      format: { required: true, description: 'avro-confluent' },
    },
  },
  discover: (spec) =>
    Promise.resolve(
      Array.from({ length: Number(spec.table.options.splits ?? 1) }, (_, i) => ({
        split: { id: `memory-${i}` },
        start: { offset: '0' },
      })),
    ),
  open: (spec, splits, context) => {
    const options = spec.table.options;
    const logs = splits.map(
      (_split, i) =>
        new LoopedLog(
          buildEvents({
            events: Number(options.events),
            keys: Number(options.keys),
            perSecond: 100_000,
            schemaId: SCHEMA_ID,
            seed: 42 + Number(splits[i].split.id.slice(7)),
          }),
        ),
    );
    const decoder = createDecoder('avro-confluent', {
      schema: spec.schema,
      columns: spec.columns,
      filter: spec.filter,
      options,
      onError: 'fail',
    });
    decoder.addSchema?.(SCHEMA_ID, JSON.stringify(EVENT_SCHEMA));
    const source = new MemoryRuns(logs, (ms) => context.count('patch_ms', ms));
    const ranges = splits.map((_split, i) => ({ partition: i, offset: 0, end: Infinity }));
    return Promise.resolve(new RecordReader('memory', ranges, source, decoder, undefined, context));
  },
};

class MemoryRuns implements RunSource {
  private readonly logs: readonly LoopedLog[];
  private readonly onPatch: (ms: number) => void;
  private readonly ready = new ReadySignal();
  private turn = 0;

  constructor(logs: readonly LoopedLog[], onPatch: (ms: number) => void) {
    this.logs = logs;
    this.onPatch = onPatch;
  }

  take(): HeldRun | undefined {
    if (this.logs.length === 0) return undefined;
    const partition = this.turn++ % this.logs.length;
    const log = this.logs[partition];
    if (log.atEnd) {
      const before = performance.now();
      log.nextPass();
      this.onPatch(performance.now() - before);
    }
    const { at, end, offset } = log.take(RUN_BATCHES);
    return {
      run: {
        topic: 'memory',
        partition,
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
      },
      release: () => undefined,
    };
  }
  onReady(callback: () => void): void {
    this.ready.wait(callback);
    setImmediate(() => this.ready.fire());
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

export const SLACK = BYTES_SLACK;
