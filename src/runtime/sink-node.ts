import { selectedRows } from '../data/row-numbers.ts';
import type { OutputRow } from '../checkpoint/epoch-commit.ts';
import { type Batch, MIN_WATERMARK } from '../data/batch.ts';
import { encodeColumns } from '../data/codec.ts';
import type { Column } from '../data/column.ts';
import { gatherColumn } from '../data/gather.ts';
import type { SlabPool } from '../data/slab-pool.ts';
import { type Schema, TINYINT } from '../data/types.ts';
import type { SinkNode as SinkPlan } from '../planner/physical.ts';
import { CHUNKS_PER_TASK } from '../connectors/kafka/sink/chunk-index.ts';
import { AppendBuffer } from '../store/append-buffer.ts';
import type { SinkWriter } from '../connectors/contracts.ts';
import { ChangeBuffer } from '../store/change-buffer.ts';
import type { Receiver } from './input-gate.ts';
import type { CollectedRows } from './messages.ts';

/** What a sink hands to the epoch that a barrier closes. */
export interface SinkOutput {
  readonly outputs: readonly OutputRow[];
  readonly collected: readonly CollectedRows[];
}

/** Where the rows of a sink node go until the barrier. */
export interface SinkTarget {
  write(batch: Batch): void;
  stagedBytes(): number;
  take(epoch: number): SinkOutput;
  close(): void;
}

const NOTHING: SinkOutput = { outputs: [], collected: [] };

/** A feature table: net changes per primary key, written to the committed log. */
export class FeatureTarget implements SinkTarget {
  private readonly buffer: ChangeBuffer;
  private readonly table: string;
  private readonly task: number;
  private readonly slabs: SlabPool;

  constructor(
    { table, schema, primaryKey, distinct }: SinkPlan,
    task: number,
    enforcer: 'error' | 'drop',
    slabs: SlabPool,
  ) {
    this.slabs = slabs;
    this.buffer = new ChangeBuffer(schema, primaryKey, enforcer, distinct, slabs.allocate);
    this.table = table.name;
    this.task = task;
  }
  write(batch: Batch): void {
    this.buffer.add(batch);
  }
  stagedBytes(): number {
    return this.buffer.size === 0 ? 0 : this.buffer.bytes();
  }
  take(epoch: number): SinkOutput {
    const chunks = this.buffer.take(epoch);
    this.slabs.seal(epoch, chunks);
    return { outputs: chunkRows(this.table, this.task, chunks), collected: [] };
  }
  close(): void {}
}

/** A topic that is appended to: all rows, in order, written to the committed log. */
export class AppendTarget implements SinkTarget {
  private readonly buffer: AppendBuffer;
  private readonly table: string;
  private readonly task: number;

  constructor(table: string, schema: Schema, task: number, enforcer: 'error' | 'drop') {
    this.buffer = new AppendBuffer(schema, enforcer);
    this.table = table;
    this.task = task;
  }
  write(batch: Batch): void {
    this.buffer.add(batch);
  }
  stagedBytes(): number {
    return this.buffer.bytes();
  }
  take(epoch: number): SinkOutput {
    return { outputs: chunkRows(this.table, this.task, this.buffer.take(epoch)), collected: [] };
  }
  close(): void {}
}

/** Tasks own disjoint rows, so the order between their chunks does not matter; indexes only have to be unique. */
function chunkRows(table: string, task: number, chunks: readonly Uint8Array[]): OutputRow[] {
  return chunks.map((bytes, i) => ({ table, index: task * CHUNKS_PER_TASK + i, bytes }));
}

/** Rows shown to somebody (SELECT, print): kept as they came, kinds included, and shown once their epoch is committed. */
export class CollectTarget implements SinkTarget {
  private readonly node: number;
  private readonly types: Schema;
  private parts: Uint8Array[] = [];
  private size = 0;

  constructor(node: number, schema: Schema) {
    this.node = node;
    this.types = schema;
  }
  write(batch: Batch): void {
    const rows = selectedRows(batch);
    const count = batch.selectedCount;
    const kinds = new Int8Array(count);
    if (batch.kinds !== undefined) for (let i = 0; i < count; i++) kinds[i] = batch.kinds[rows[i]];
    const columns: Column[] = [
      { layout: 'i8', values: kinds, nulls: undefined },
      ...batch.columns.map((column) => gatherColumn(column, rows, count)),
    ];
    const bytes = encodeColumns([TINYINT, ...this.types.map((field) => field.type)], columns, count);
    this.parts.push(bytes);
    this.size += bytes.length;
  }
  stagedBytes(): number {
    return this.size;
  }
  take(): SinkOutput {
    const collected = this.parts.map((bytes) => ({ node: this.node, bytes }));
    this.parts = [];
    this.size = 0;
    return { outputs: [], collected };
  }
  close(): void {}
}

/** A sink of its own kind (blackhole). */
export class WriterTarget implements SinkTarget {
  private readonly writer: SinkWriter;

  constructor(writer: SinkWriter) {
    this.writer = writer;
  }
  write(batch: Batch): void {
    this.writer.write(batch);
  }
  stagedBytes(): number {
    return 0;
  }
  take(): SinkOutput {
    this.writer.flush();
    return NOTHING;
  }
  close(): void {
    this.writer.close();
  }
}

export class SinkNode implements Receiver {
  readonly id: string;
  readonly target: SinkTarget;
  lastWatermark = MIN_WATERMARK;
  private readonly onBarrier: (epoch: number, output: SinkOutput) => void;

  constructor(id: string, target: SinkTarget, onBarrier: (epoch: number, output: SinkOutput) => void) {
    this.id = id;
    this.target = target;
    this.onBarrier = onBarrier;
  }
  batch(_input: number, batch: Batch): void {
    this.target.write(batch);
  }
  watermark(time: number): void {
    this.lastWatermark = time;
  }
  barrier(epoch: number): void {
    this.onBarrier(epoch, this.target.take(epoch));
  }
}
