import { MIN_WATERMARK } from '../data/batch.ts';
import type { Column } from '../data/column.ts';
import { HeadwaterError } from '../data/errors.ts';
import type { KeyBatch } from '../data/hash.ts';
import { Scratch } from '../data/scratch.ts';
import type { Schema } from '../data/types.ts';
import { type Chunk, ChunkFormat } from './chunk.ts';
import { EpochWaiters } from './epoch-waiters.ts';
import type { Features } from './change-feed.ts';
import { FeatureKeyFormat } from './feature-key.ts';
import { featuresOf } from './features.ts';
import { encodeBases } from './fold.ts';
import { APPLY_ROWS, RowTable } from './row-table.ts';
import { type SliceClock, SlicedQueue, type Step } from './sliced-queue.ts';

/** How fresh an answer is. */
export interface Freshness {
  /** The last committed epoch that the image holds in full; 0 before the first. */
  readonly epoch: number;
  /** That epoch's watermark, epoch milliseconds: event time up to which the features are complete. MIN_WATERMARK
   *  before the first, MAX_WATERMARK at the end of a bounded input. */
  readonly watermark: number;
}

/** One entity: its requested columns in their JSON form, and the epoch of its last change. */
export interface FeatureRow {
  readonly epoch: number;
  readonly features: Features;
}

/** Whose memory the chunks of an epoch are in. */
export interface ChunkOwner {
  /** The chunk is not read any more. */
  applied(chunk: Uint8Array): void;
  /** None of the epoch is read any more. */
  allApplied(): void;
}

const LIVE_CLOCK: SliceClock = {
  monotonic: () => performance.now(),
  later: (callback) => void setImmediate(callback),
};

/**
 * The current rows of an output table for lookups, in memory outside V8's heap. Committed chunks are applied in
 * order, in slices of at most about a millisecond: one entity is atomic, and every row carries its epoch.
 */
export class TableImage {
  readonly schema: Schema;
  readonly primaryKey: readonly number[];
  readonly keys: FeatureKeyFormat;
  private readonly format: ChunkFormat;
  private readonly rows: RowTable;
  private readonly scratch = new Scratch();
  private readonly queue: SlicedQueue;
  private readonly waiters = new EpochWaiters();
  private readonly columnOf: ReadonlyMap<string, number>;
  private readonly allColumns: readonly number[];
  private current: Freshness = { epoch: 0, watermark: MIN_WATERMARK };
  private lowest = 0;
  private readonly lookers: (() => void)[] = [];

  constructor(schema: Schema, primaryKey: readonly number[], clock: SliceClock = LIVE_CLOCK) {
    this.schema = schema;
    this.primaryKey = primaryKey;
    this.keys = new FeatureKeyFormat(schema, primaryKey);
    this.format = new ChunkFormat(schema, primaryKey);
    this.rows = new RowTable(schema, primaryKey);
    this.queue = new SlicedQueue(clock);
    this.columnOf = new Map(schema.map((field, i) => [field.name, i]));
    this.allColumns = schema.map((_field, i) => i);
  }

  /** Rows. */
  get size(): number {
    return this.rows.size;
  }
  /** Memory held, in bytes. */
  bytes(): number {
    return this.rows.bytes();
  }
  get freshness(): Freshness {
    return this.current;
  }
  /** The epoch of the first change this image was built from, 0 when it has none. */
  get lowestEpoch(): number {
    return this.lowest;
  }
  /** Chunks that are committed and not yet applied. */
  get pending(): number {
    return this.queue.pending;
  }
  /** Why the image stopped taking in changes (`log-corrupt`, memory), or undefined. It is not ready then. */
  get error(): unknown {
    return this.queue.error;
  }

  /**
   * Builds the image of a table as committed: base blobs, then the chunks since. Call once, before `applyEpoch`;
   * `committed` tells the job's last epoch, which may be later than the last change. Resolves when all is in; rejects
   * with `log-corrupt` or `log-schema`.
   */
  load(
    bases: readonly Uint8Array[],
    chunks: readonly { readonly epoch: number; readonly bytes: Uint8Array }[],
    committed: Freshness = { epoch: 0, watermark: MIN_WATERMARK },
  ): Promise<void> {
    let last = 0;
    const note = (chunk: Chunk): void => {
      last = Math.max(last, chunk.epoch);
    };
    const steps = [...bases, ...chunks.map((chunk) => chunk.bytes)].map((bytes) => this.applyStep(bytes, note));
    const reached: Step = () => {
      this.reach(Math.max(last, committed.epoch), committed.watermark);
      return true;
    };
    this.queue.push([...steps, reached]);
    return this.queue.idle();
  }

  /**
   * Takes in one committed epoch, in the order of epochs; also one without changes, for its freshness. `owner` is told as
   * its chunks are not read any more; of no more of them when an error stopped the image on the way.
   */
  applyEpoch(epoch: number, watermark: number, chunks: readonly Uint8Array[], owner?: ChunkOwner): void {
    const reached: Step = () => {
      this.reach(epoch, watermark);
      owner?.allApplied();
      return true;
    };
    this.queue.push([...chunks.map((bytes) => this.applyStep(bytes, undefined, owner)), reached]);
  }

  /** Resolves when everything handed in so far can be read. */
  settled(): Promise<void> {
    return this.queue.idle();
  }

  private applyStep(bytes: Uint8Array, note?: (chunk: Chunk) => void, owner?: ChunkOwner): Step {
    let chunk: Chunk | undefined;
    let next = 0;
    return () => {
      if (chunk === undefined) {
        // Steps come one after another: the chunk before this one is applied.
        this.scratch.reset();
        chunk = this.format.decode(bytes, this.scratch.make);
        note?.(chunk);
        if (this.lowest === 0) this.lowest = chunk.epoch;
      } else {
        const end = Math.min(chunk.count, next + APPLY_ROWS);
        this.rows.apply(chunk, next, end);
        next = end;
      }
      if (next < chunk.count) return false;
      owner?.applied(bytes);
      return true;
    };
  }

  private reach(epoch: number, watermark: number): void {
    this.current = { epoch: Math.max(epoch, this.current.epoch), watermark };
    this.waiters.reached(this.current.epoch);
    for (const look of this.lookers.splice(0)) look();
  }

  /**
   * Calls back at a moment when the image stands exactly at its epoch, with nothing of a later one: at once, or when the next
   * one is whole; not at all after an error. `look` is short and does not throw.
   */
  atEpoch(look: () => void): void {
    if (this.queue.pending === 0) look();
    else this.lookers.push(look);
  }

  /** True at once or as soon as `epoch` can be read; false when that took longer than `timeoutMs`. */
  waitForEpoch(epoch: number, timeoutMs: number): Promise<boolean> | true {
    return this.current.epoch >= epoch ? true : this.waiters.wait(epoch, timeoutMs);
  }

  /** Column indexes of names, for `get`; all columns when undefined. Throws `unknown-column`. */
  resolveColumns(names: readonly string[] | undefined): readonly number[] {
    if (names === undefined) return this.allColumns;
    return names.map((name) => {
      const index = this.columnOf.get(name);
      if (index !== undefined) return index;
      throw new HeadwaterError(
        'unknown-column',
        `there is no column '${name}': expected one of ${[...this.columnOf.keys()].join(', ')}`,
      );
    });
  }

  /** The row of a key text (feature-key.ts), or undefined. Throws `bad-feature-key`. */
  get(keyText: string, columns: readonly number[] = this.allColumns): FeatureRow | undefined {
    return this.lookup(this.keys.encode(keyText), columns);
  }

  /** The row of one row of key columns, or undefined. */
  getByColumns(key: readonly Column[], columns: readonly number[] = this.allColumns): FeatureRow | undefined {
    return this.lookup(this.keys.encodeColumns(key), columns);
  }

  /** The row of encoded key bytes (row 0 of `key`), or undefined. */
  lookup(key: KeyBatch, columns: readonly number[] = this.allColumns): FeatureRow | undefined {
    const slot = this.rows.find(key);
    if (slot < 0) return undefined;
    const features = featuresOf(this.schema, columns, (column) => this.rows.value(column, slot));
    return { epoch: this.rows.epochOf(slot), features };
  }

  /** All rows as plain values (data/read.ts), in no order, with everything handed in so far. Blocks: for audits and tests. */
  allRows(): unknown[][] {
    this.queue.drain();
    return [...this.rows.slots()].map((slot) => this.allColumns.map((column) => this.rows.value(column, slot)));
  }

  /** All rows as base blobs, one per key group; `load` takes them back. */
  snapshotBases(): Uint8Array[] {
    return encodeBases(this.rows, this.format);
  }
}
