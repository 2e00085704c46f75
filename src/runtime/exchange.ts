import { selectedRows } from '../data/row-numbers.ts';
import type { Batch, Element } from '../data/batch.ts';
import { makeBatch } from '../data/batch.ts';
import type { ConstColumn } from '../data/column.ts';
import { columnBytes, gatherColumn } from '../data/gather.ts';
import { type KeyBatch, keyGroupOf, taskOfKeyGroup } from '../data/hash.ts';
import type { Schema } from '../data/types.ts';
import { compileKeyEncoder, type KeyEncoder, newKeyBatch } from '../expressions/index.ts';

/** Sends elements of one edge to one task. */
export interface ChannelSender {
  send(element: Element, bytes: number): void;
  /** More bytes are on their way than the channel's credit allows. */
  readonly blocked: boolean;
}

/** Bytes that a channel may have on their way before its sender's source pauses. */
export const CHANNEL_CREDIT = 4 << 20;

/**
 * The output side of a keyed exchange: rows go to the task that owns their key group, copied column by column into
 * buffers of their own. Keys and hashes are those of the state behind the exchange.
 */
export class Exchange {
  private readonly senders: readonly ChannelSender[];
  private readonly keys: readonly number[];
  private readonly encoder: KeyEncoder;
  private keyBatch: KeyBatch = newKeyBatch(1024);
  private targets = new Uint8Array(0);

  constructor(schema: Schema, keys: readonly number[], senders: readonly ChannelSender[]) {
    this.senders = senders;
    this.keys = keys;
    this.encoder = compileKeyEncoder(keys.map((key) => schema[key].type));
  }

  get blocked(): boolean {
    return this.senders.some((sender) => sender.blocked);
  }

  emit(batch: Batch): void {
    const rows = selectedRows(batch);
    const count = batch.selectedCount;
    if (count === 0) return;
    const counts = this.assignTargets(batch, count);
    for (let target = 0; target < this.senders.length; target++) {
      if (counts[target] > 0) this.sendRows(batch, rows, count, target, counts[target]);
    }
  }

  private assignTargets(batch: Batch, count: number): Int32Array {
    const parallelism = this.senders.length;
    const counts = new Int32Array(parallelism);
    if (this.targets.length < count) this.targets = new Uint8Array(count * 2);
    if (this.keys.length === 0) {
      this.targets.fill(0, 0, count);
      counts[0] = count;
      return counts;
    }
    const columns = this.keys.map((key) => batch.columns[key]);
    this.encoder.encode(columns, batch, this.keyBatch);
    const { hashes } = this.keyBatch;
    for (let i = 0; i < count; i++) {
      const target = taskOfKeyGroup(keyGroupOf(hashes[i]), parallelism);
      this.targets[i] = target;
      counts[target] += 1;
    }
    return counts;
  }

  private sendRows(batch: Batch, rows: Int32Array, count: number, target: number, size: number): void {
    const chosen = new Int32Array(size);
    let at = 0;
    for (let i = 0; i < count; i++) if (this.targets[i] === target) chosen[at++] = rows[i];
    const { copy, bytes } = copyRows(batch, chosen, size);
    this.senders[target].send({ type: 'batch', batch: copy }, bytes);
  }

  broadcast(element: Element): void {
    for (const sender of this.senders) sender.send(element, 0);
  }
}

const FIRST_ROW = new Int32Array(1);

/** A dense copy of some rows in buffers of their own. */
function copyRows(batch: Batch, rows: Int32Array, count: number): { copy: Batch; bytes: number } {
  const columns = batch.columns.map((column) =>
    column.layout === 'const' ? ownConst(column) : gatherColumn(column, rows, count),
  );
  let bytes = columns.reduce((sum, column) => sum + columnBytes(column), 0);
  let kinds: Uint8Array | undefined;
  if (batch.kinds !== undefined) {
    kinds = new Uint8Array(count);
    for (let i = 0; i < count; i++) kinds[i] = batch.kinds[rows[i]];
    bytes += kinds.byteLength;
  }
  return { copy: makeBatch(columns, count, kinds), bytes };
}

function ownConst(column: ConstColumn): ConstColumn {
  return { ...column, value: gatherColumn(column.value, FIRST_ROW, 1) };
}
