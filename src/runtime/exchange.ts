import { selectedRows } from '../data/row-numbers.ts';
import type { Batch, Element } from '../data/batch.ts';
import { makeBatch } from '../data/batch.ts';
import type { ConstColumn } from '../data/column.ts';
import { columnBytes, gatherColumn } from '../data/gather.ts';
import { KEY_GROUPS, type KeyBatch, keyGroupOf, taskOfKeyGroup } from '../data/hash.ts';
import { type Room, roomFor } from '../data/room.ts';
import type { Schema } from '../data/types.ts';
import { compileKeyEncoder, type KeyEncoder, newKeyBatch } from '../expressions/index.ts';

/** Sends elements of one edge to one task. */
export interface ChannelSender {
  /** Memory for the rows of the next element; undefined: they have memory of their own. */
  readonly room: Room | undefined;
  send(element: Element, bytes: number): void;
  /** More bytes are on their way than the channel's credit allows. */
  readonly blocked: boolean;
}

/**
 * The output side of a keyed exchange: rows go to the task that owns their key group, copied column by column into
 * memory of the channel. Keys and hashes are those of the state behind the exchange.
 */
export class Exchange {
  private readonly senders: readonly ChannelSender[];
  private readonly keys: readonly number[];
  private readonly encoder: KeyEncoder;
  private readonly keyBatch: KeyBatch = newKeyBatch(1024);
  private readonly taskOf: Uint8Array;
  /** Where the rows of each target begin in their order, and the end. */
  private readonly starts: Int32Array;
  private targets = new Uint8Array(0);
  private order = new Int32Array(0);

  constructor(schema: Schema, keys: readonly number[], senders: readonly ChannelSender[]) {
    this.senders = senders;
    this.keys = keys;
    this.encoder = compileKeyEncoder(keys.map((key) => schema[key].type));
    this.taskOf = Uint8Array.from({ length: KEY_GROUPS }, (_, group) => taskOfKeyGroup(group, senders.length));
    this.starts = new Int32Array(senders.length + 1);
  }

  get blocked(): boolean {
    return this.senders.some((sender) => sender.blocked);
  }

  emit(batch: Batch): void {
    const count = batch.selectedCount;
    if (count === 0) return;
    const { senders, starts } = this;
    const rows = this.keys.length === 0 ? this.toTheFirst(batch, count) : this.byTarget(batch, count);
    for (let target = 0; target < senders.length; target++) {
      const size = starts[target + 1] - starts[target];
      if (size === 0) continue;
      const { copy, bytes } = copyRows(
        batch,
        rows.subarray(starts[target], starts[target + 1]),
        size,
        senders[target].room,
      );
      senders[target].send({ type: 'batch', batch: copy }, bytes);
    }
  }

  private toTheFirst(batch: Batch, count: number): Int32Array {
    this.starts.fill(count, 1);
    return selectedRows(batch);
  }

  /** The selected rows, stably sorted by their targets. */
  private byTarget(batch: Batch, count: number): Int32Array {
    this.reserve(count);
    const { targets, starts, order, taskOf } = this;
    const columns = this.keys.map((key) => batch.columns[key]);
    this.encoder.encode(columns, batch, this.keyBatch);
    const { hashes } = this.keyBatch;
    starts.fill(0);
    for (let i = 0; i < count; i++) {
      const target = taskOf[keyGroupOf(hashes[i])];
      targets[i] = target;
      starts[target] += 1;
    }
    // Ends first: filled from behind, they become the beginnings.
    for (let t = 1; t < starts.length; t++) starts[t] += starts[t - 1];
    const rows = selectedRows(batch);
    for (let i = count - 1; i >= 0; i--) order[--starts[targets[i]]] = rows[i];
    return order;
  }

  private reserve(count: number): void {
    if (this.targets.length >= count) return;
    this.targets = new Uint8Array(count * 2);
    this.order = new Int32Array(count * 2);
  }

  broadcast(element: Element): void {
    for (const sender of this.senders) sender.send(element, 0);
  }
}

const FIRST_ROW = new Int32Array(1);

/** A dense copy of some rows. */
function copyRows(
  batch: Batch,
  rows: Int32Array,
  count: number,
  room: Room | undefined,
): { copy: Batch; bytes: number } {
  const columns = batch.columns.map((column) =>
    column.layout === 'const' ? ownConst(column, room) : gatherColumn(column, rows, count, room),
  );
  let bytes = columns.reduce((sum, column) => sum + columnBytes(column), 0);
  let kinds: Uint8Array | undefined;
  if (batch.kinds !== undefined) {
    kinds = roomFor(Uint8Array, count, room);
    for (let i = 0; i < count; i++) kinds[i] = batch.kinds[rows[i]];
    bytes += kinds.byteLength;
  }
  return { copy: makeBatch(columns, count, kinds), bytes };
}

function ownConst(column: ConstColumn, room: Room | undefined): ConstColumn {
  return { ...column, value: gatherColumn(column.value, FIRST_ROW, 1, room) };
}
