import { type Batch, DELETE, INSERT, makeBatch } from '../data/batch.ts';
import { columnFromValues } from '../data/builder.ts';
import type { Column } from '../data/column.ts';
import { DOUBLE, notNull } from '../data/types.ts';
import { compileKeyEncoder, KeyDecoder, type KeyEncoder, newKeyBatch } from '../expressions/index.ts';
import type { LimitNode } from '../planner/physical.ts';
import { KeyLog } from '../state/key-log.ts';
import { isRetraction } from './cells.ts';
import type { Operator, OperatorContext, Output } from './operator.ts';
import { RowQueue } from './row-queue.ts';
import { ensureU8 } from './rows.ts';

/** The number of a row that comes (see RowQueue). */
const NUMBER = notNull(DOUBLE);
const NO_NUMBER: Column = { layout: 'const', value: columnFromValues(NUMBER, [0]), nulls: undefined };

/**
 * LIMIT over rows that change: of those that are there, the first in order of arrival. When one of them goes away, the
 * first of those that wait takes the free place: -D, then +I. A row that changes goes away and comes again, as the last.
 * Rows taken back that are not there are ignored.
 */
export class RetractableLimit implements Operator {
  private readonly node: LimitNode;
  private readonly output: Output;
  private readonly now: () => number;
  /** Those before OFFSET. */
  private readonly skipped: RowQueue;
  private readonly given: RowQueue;
  /** The rest; only these are forgotten after the TTL. */
  private readonly waiting: RowQueue;
  private readonly encoder: KeyEncoder;
  private readonly decoder: KeyDecoder;
  private readonly keys = newKeyBatch(1024);
  private readonly row = new KeyLog();
  private readonly moved = new KeyLog();
  private readonly changes = new KeyLog();
  private kinds: Uint8Array = new Uint8Array(0);

  constructor(node: LimitNode, context: OperatorContext) {
    const types = [...node.schema.map((field) => field.type), NUMBER];
    this.node = node;
    this.output = context.output;
    this.now = context.now;
    this.skipped = new RowQueue(context.state, 'skipped');
    this.given = new RowQueue(context.state, 'given');
    this.waiting = new RowQueue(context.state, 'waiting', node.ttl > 0 ? node.ttl : undefined);
    this.encoder = compileKeyEncoder(types);
    this.decoder = new KeyDecoder(types);
  }

  process(_input: number, batch: Batch): void {
    const count = batch.selectedCount;
    if (count === 0 || this.node.count === 0) return;
    const { keys, row, changes } = this;
    const now = this.node.ttl > 0 ? this.now() : undefined;
    this.encoder.encode([...batch.columns, NO_NUMBER], batch, keys);
    // One row changes two at most.
    this.kinds = ensureU8(this.kinds, 2 * count);
    changes.clear();
    for (let i = 0; i < count; i++) {
      row.clear();
      row.add(keys.bytes, keys.starts[i], keys.ends[i], keys.hashes[i]);
      if (isRetraction(batch, i)) this.remove(now);
      else this.add(now);
    }
    this.emit();
  }

  watermark(time: number): void {
    this.output.watermark(time);
  }

  private add(now: number | undefined): void {
    const { node, row } = this;
    if (this.skipped.size < node.offset) this.skipped.add(row);
    else if (this.given.size < node.count) this.give(row);
    else this.waiting.add(row, now);
  }

  private remove(now: number | undefined): void {
    const { row, moved } = this;
    if (this.skipped.remove(row)) {
      if (!this.given.shift(moved)) return;
      this.note(DELETE, moved);
      this.skipped.add(moved);
    } else if (this.given.remove(row)) {
      this.note(DELETE, row);
    } else {
      this.waiting.remove(row, now);
      return;
    }
    if (this.waiting.shift(moved, now)) this.give(moved);
  }

  private give(row: KeyLog): void {
    this.given.add(row);
    this.note(INSERT, row);
  }

  private note(kind: number, row: KeyLog): void {
    this.kinds[this.changes.length] = kind;
    this.changes.add(row.bytes, row.starts[0], row.ends[0], 0);
  }

  private emit(): void {
    const count = this.changes.length;
    if (count === 0) return;
    const columns = this.decoder.decode(this.changes.column(), count).slice(0, this.node.schema.length);
    this.output.emit(makeBatch(columns, count, this.kinds.slice(0, count)));
  }
}
