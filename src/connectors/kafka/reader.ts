import type { Batch } from '../../data/batch.ts';
import { HeadwaterError, runtimeError } from '../../data/errors.ts';
import { DecodeError, NeedSchema, type RecordDecoder, type RecordFrames } from '../../formats/contracts.ts';
import type { ConnectorContext, SourcePoll, SourceReader, SplitPosition } from '../contracts.ts';
import type { BatchRun } from '../record-batch/batch-run.ts';
import { FrameAssembler } from '../record-batch/assembler.ts';
import { DirectReading } from '../record-batch/direct.ts';
import { BatchWalker } from '../record-batch/walker.ts';
import { describeRow } from './describe-row.ts';
import type { PartitionDiscovery } from './partition-discovery.ts';
import { encodePosition, splitId } from './position.ts';
import { type HeldRun, type PartitionRange, ReadySignal, type RunSource } from './run-source.ts';
import type { WriterSchemas } from './writer-schemas.ts';

/** After a refusal, so that a topic that is never plain does not pay for the attempts. */
const FRAMED_TURNS = 4;

/** Errors that say of a writer schema itself that nothing can be read with it. */
const SCHEMA_REFUSALS = new Set(['schema-mismatch', 'invalid-avro-schema', 'unsupported-schema', 'unknown-schema-id']);

/** Record batches of a broker or of the embedded log, decoded into row batches. */
export class RecordReader implements SourceReader {
  private readonly source: RunSource;
  private readonly decoder: RecordDecoder;
  private readonly schemas: WriterSchemas | undefined;
  private readonly context: ConnectorContext;
  private readonly walker = new BatchWalker();
  private readonly assembler = new FrameAssembler(this.walker);
  private readonly direct: DirectReading | undefined;
  /** Times that records are framed before they are read directly again. */
  private framedTurns = 0;
  private readonly ready = new ReadySignal();
  private readonly discovery: PartitionDiscovery | undefined;
  /** Splits that are not at their ends. */
  private readonly open = new Map<string, PartitionRange>();
  /** Next offset of every split. */
  private readonly progress = new Map<string, number>();
  private readonly ended: string[] = [];
  private held: HeldRun | undefined;
  private from = 0;
  private bytesPerRecord = 0;
  private skippedBefore = 0;
  private loading = false;
  private failure: unknown;

  constructor(
    ranges: readonly PartitionRange[],
    source: RunSource,
    decoder: RecordDecoder,
    schemas: WriterSchemas | undefined,
    discovery: PartitionDiscovery | undefined,
    context: ConnectorContext,
  ) {
    this.source = source;
    this.decoder = decoder;
    this.direct = decoder.direct && new DirectReading(this.walker, decoder.direct);
    this.schemas = schemas;
    this.discovery = discovery;
    this.context = context;
    for (const range of ranges) this.begin(range);
  }

  private begin(range: PartitionRange): string {
    const split = splitId(range.topic, range.partition);
    this.open.set(split, range);
    this.advance(split, range.offset);
    return split;
  }

  poll(maxRows: number): SourcePoll {
    if (this.failure !== undefined) throw this.failure;
    if (this.loading) return { type: 'wait' };
    for (;;) {
      const frames = this.assembler.frames;
      if (this.held !== undefined && this.from < frames.count) return this.rows(this.held, frames, maxRows);
      const ended = this.ended.shift();
      if (ended !== undefined) return { type: 'split-finished', splitId: ended };
      const found = this.discovery?.take();
      if (found !== undefined) return this.addSplit(found);
      const direct = this.directRows(maxRows);
      if (direct !== undefined) return direct;
      if (this.ended.length > 0) continue;
      if (this.nextFrames(maxRows)) continue;
      return this.open.size === 0 && this.discovery === undefined ? { type: 'finished' } : this.nothingYet();
    }
  }

  private nothingYet(): SourcePoll {
    return (this.lag() ?? 0) > 0 ? { type: 'wait', behind: true } : { type: 'wait' };
  }

  private addSplit(range: PartitionRange): SourcePoll {
    const split = this.begin(range);
    this.source.add(range);
    return { type: 'split-found', splitId: split, position: encodePosition({ ...range, end: null, leaderEpoch: -1 }) };
  }

  onReady(callback: () => void): void {
    this.ready.wait(callback);
    if (this.failure !== undefined) queueMicrotask(() => this.ready.fire());
    else if (!this.loading) {
      this.source.onReady(() => this.ready.fire());
      this.discovery?.onFound(() => this.ready.fire());
    }
  }

  bytes(): number {
    return this.source.bytes();
  }

  lag(): number | undefined {
    let lag = 0;
    for (const [split, range] of this.open) {
      const end = this.source.endOffset(split);
      if (end === undefined) return undefined;
      lag += Math.max(0, Math.min(end, range.end) - (this.progress.get(split) ?? 0));
    }
    return lag;
  }

  async close(): Promise<void> {
    this.schemas?.close();
    this.discovery?.close();
    await this.source.close();
  }

  /** Rows read without framing; undefined when none are there to be read so. */
  private directRows(maxRows: number): SourcePoll | undefined {
    const { direct } = this;
    if (direct === undefined) return undefined;
    if (this.framedTurns > 0) {
      this.framedTurns--;
      return undefined;
    }
    while (this.open.size > 0 && this.ended.length === 0) {
      this.held ??= this.source.take();
      if (this.held === undefined) return undefined;
      const { run } = this.held;
      const before = run.at;
      const batch = direct.next(run, maxRows);
      if (direct.refused) this.framedTurns = FRAMED_TURNS;
      if (batch !== undefined) return this.directPoll(direct, run, batch);
      if (direct.refused) return undefined;
      this.passRun(run, before);
    }
    return undefined;
  }

  private directPoll(direct: DirectReading, run: BatchRun, batch: Batch): SourcePoll {
    const nextOffset = run.partOffset ?? run.nextOffset;
    const split = splitId(run.topic, run.partition);
    this.advance(split, nextOffset);
    const where = `topic ${run.topic}, partition ${run.partition}`;
    return {
      type: 'rows',
      splitId: split,
      batch,
      position: positionOf(run, nextOffset),
      bytes: Math.round(direct.bytes),
      describeRow: (row) => `${where}, offset ${direct.offsetOf(row)}`,
    };
  }

  /** Frames the next records; false when none are there now. What `poll` returned before is given up here. */
  private nextFrames(maxRows: number): boolean {
    while (this.open.size > 0) {
      this.held ??= this.source.take();
      if (this.held === undefined) return false;
      const { run } = this.held;
      const before = run.at;
      const frames = this.assembler.next(run, maxRows);
      this.from = 0;
      if (frames.count > 0) {
        this.bytesPerRecord = (run.at - before) / frames.count;
        return true;
      }
      this.passRun(run, before);
      if (this.ended.length > 0) return true;
    }
    return false;
  }

  private rows(held: HeldRun, frames: RecordFrames, maxRows: number): SourcePoll {
    const { run } = held;
    const from = this.from;
    const to = Math.min(frames.count, from + maxRows);
    const batch = this.decode(frames, from, to, run);
    if (batch === undefined) return { type: 'wait' };
    this.from = to;
    const nextOffset = to < frames.count ? frames.offsets[to] : run.nextOffset;
    const split = splitId(run.topic, run.partition);
    this.advance(split, nextOffset);
    return {
      type: 'rows',
      splitId: split,
      batch,
      position: positionOf(run, nextOffset),
      bytes: Math.round(this.bytesPerRecord * (to - from)),
      describeRow: describeRow(run.topic, run.partition, frames, from, to, batch.length),
    };
  }

  private decode(frames: RecordFrames, from: number, to: number, run: BatchRun): Batch | undefined {
    for (;;) {
      try {
        const batch = this.decoder.decode(frames, from, to);
        this.countSkipped();
        return batch;
      } catch (error) {
        if (error instanceof NeedSchema) {
          if (this.addKnownSchema(error.schemaId)) continue;
          return undefined;
        }
        if (!(error instanceof DecodeError)) throw error;
        const where = `topic ${run.topic}, partition ${run.partition}, offset ${frames.offsets[error.record]}`;
        throw runtimeError(error.code, `${where}: the record cannot be decoded: ${error.reason}`, error);
      }
    }
  }

  /** True when the schema was at hand; else it is asked for and polling waits. */
  private addKnownSchema(id: number): boolean {
    const { schemas } = this;
    if (schemas === undefined || this.decoder.addSchema === undefined) {
      throw new Error('a format without a registry asked for a schema');
    }
    const known = schemas.known(id);
    if (known !== undefined) {
      this.take(id, known);
      return true;
    }
    this.loading = true;
    schemas
      .load(id)
      .then((text) => this.take(id, text))
      .catch((error: unknown) => this.refuse(id, error))
      .catch((error: unknown) => (this.failure = error))
      .finally(() => {
        this.loading = false;
        this.ready.fire();
      });
    return false;
  }

  private take(id: number, text: string): void {
    try {
      this.decoder.addSchema?.(id, text);
    } catch (error) {
      this.refuse(id, error);
    }
  }

  /** A schema that cannot be read with makes its records undecodable: the next decoding says where they are. */
  private refuse(id: number, error: unknown): void {
    if (!(error instanceof HeadwaterError) || !SCHEMA_REFUSALS.has(error.code)) throw error;
    if (this.decoder.refuseSchema === undefined) throw error;
    this.decoder.refuseSchema(id, { code: error.code, reason: error.message });
  }

  private countSkipped(): void {
    const skipped = this.decoder.skipped - this.skippedBefore;
    if (skipped === 0) return;
    this.skippedBefore = this.decoder.skipped;
    this.context.count('records_skipped', skipped);
  }

  private advance(split: string, offset: number): void {
    this.progress.set(split, offset);
    const range = this.open.get(split);
    if (range === undefined || offset < range.end) return;
    this.open.delete(split);
    this.ended.push(split);
  }

  /** Nothing visible was found: control records, aborted transactions, a batch cut off by the end of the fetch. */
  private passRun(run: BatchRun, before: number): void {
    this.advance(splitId(run.topic, run.partition), run.nextOffset);
    if (run.at === before || run.at >= run.end || run.nextOffset >= run.toOffset) this.releaseRun();
  }

  private releaseRun(): void {
    this.held?.release();
    this.held = undefined;
  }
}

/** The position after records before `nextOffset`. */
function positionOf(run: BatchRun, nextOffset: number): SplitPosition {
  const end = Number.isFinite(run.toOffset) ? run.toOffset : null;
  return encodePosition({ offset: Math.min(nextOffset, run.toOffset), end, leaderEpoch: run.leaderEpoch });
}
