import { type Batch, withSelection } from '../data/batch.ts';
import type { Column } from '../data/column.ts';
import type { KeyBatch } from '../data/hash.ts';
import type { SqlType } from '../data/types.ts';
import { compileKeyEncoder, type KeyEncoder, newKeyBatch } from '../expressions/index.ts';
import type { WindowAggregateNode } from '../planner/physical.ts';
import { rowAt } from './cells.ts';
import { subsetKeys } from './key-rows.ts';
import { ensureI32 } from './rows.ts';
import { assignWindows } from './window-assign.ts';
import type { WindowClock } from './window-clock.ts';
import { constantTime } from './window-emitter.ts';
import { NO_WINDOW, WindowPartition } from './window-partition.ts';

/** The rows of a batch by window, with their keys. */
export class KeyedWindows {
  /** Keys of the part that was asked for last. */
  keys: KeyBatch;
  private readonly node: WindowAggregateNode;
  private readonly clock: WindowClock;
  private readonly encoder: KeyEncoder;
  private readonly partition = new WindowPartition();
  private readonly allKeys = newKeyBatch(1024);
  private readonly partKeys = newKeyBatch(1024);
  private rows: Int32Array = new Int32Array(0);
  private rowEnds: Float64Array = new Float64Array(0);

  constructor(node: WindowAggregateNode, keyTypes: readonly SqlType[], clock: WindowClock) {
    this.node = node;
    this.clock = clock;
    this.encoder = compileKeyEncoder(keyTypes);
    this.keys = this.allKeys;
  }

  /** Splits a batch; returns the ends of its windows, NO_WINDOW for rows without a time. */
  split(batch: Batch): readonly number[] {
    this.encoder.encode(
      this.node.keys.map((key) => batch.columns[key]),
      batch,
      this.allKeys,
    );
    assignWindows(this.partition, batch, this.node, this.clock);
    return this.partition.ends;
  }

  /** Rows of a window. */
  size(window: number): number {
    return this.partition.offsets[window + 1] - this.partition.offsets[window];
  }

  /** All rows of the batch that was split, but those without a time, with the end of each one's window; valid as in `part`. */
  withEnds(batch: Batch): { readonly batch: Batch; readonly ends: Column } {
    const { ends, endsByPosition } = this.partition;
    if (ends.length === 1 && ends[0] !== NO_WINDOW) return { batch, ends: constantTime(ends[0]) };
    if (this.rowEnds.length < batch.length) this.rowEnds = new Float64Array(batch.length * 2);
    this.rows = ensureI32(this.rows, batch.selectedCount);
    let count = 0;
    for (let i = 0; i < batch.selectedCount; i++) {
      if (endsByPosition[i] === NO_WINDOW) continue;
      const row = rowAt(batch, i);
      this.rowEnds[row] = endsByPosition[i];
      this.rows[count++] = row;
    }
    const column: Column = { layout: 'ts', values: this.rowEnds, nanos: undefined, nulls: undefined };
    return { batch: withSelection(batch, this.rows, count), ends: column };
  }

  /** The rows of a window of the batch that was split; valid, as are their keys, until the next call. */
  part(batch: Batch, window: number): Batch {
    const { ends, positions, offsets } = this.partition;
    this.keys = this.allKeys;
    if (ends.length === 1) return batch;
    const count = this.size(window);
    const from = offsets[window];
    this.rows = ensureI32(this.rows, count);
    for (let i = 0; i < count; i++) this.rows[i] = rowAt(batch, positions[from + i]);
    this.keys = subsetKeys(this.allKeys, positions, from, count, this.partKeys);
    return withSelection(batch, this.rows, count);
  }
}
