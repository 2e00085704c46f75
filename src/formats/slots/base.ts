import type { Nulls } from '../../data/column.ts';
import type { SqlType } from '../../data/types.ts';

/** The buffer that ranges of a `source` bytes slot refer to: BYTES_SLACK readable bytes follow the last used one, `view` covers exactly `bytes`. */
export interface SourceBytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

export abstract class SlotBase {
  readonly id: number;
  readonly type: SqlType;
  nulls = new Uint8Array(0);
  /** Set by whoever sets a bit of `nulls`. */
  hasNulls = false;
  capacity = 0;

  constructor(id: number, type: SqlType) {
    this.id = id;
    this.type = type;
  }

  /** Makes room for rows 0 .. capacity - 1, keeping what is there. */
  ensure(capacity: number): void {
    if (capacity <= this.capacity) return;
    const grown = Math.max(capacity, this.capacity * 2, 16);
    this.nulls = copyInto(new Uint8Array((grown + 7) >> 3), this.nulls);
    this.resize(grown);
    this.capacity = grown;
  }

  /** Forgets the rows of the last batch. */
  reset(): void {
    if (this.hasNulls) this.nulls.fill(0);
    this.hasNulls = false;
  }

  /** Clears NULL marks of rows >= row, after a record that failed half way. */
  truncate(row: number): void {
    if (!this.hasNulls) return;
    const at = row >> 3;
    if (at < this.nulls.length) this.nulls[at] &= (1 << (row & 7)) - 1;
    this.nulls.fill(0, at + 1);
  }

  protected bitmap(): Nulls {
    return this.hasNulls ? this.nulls : undefined;
  }

  protected abstract resize(capacity: number): void;
}

export function copyInto<T extends { set(source: T): void }>(target: T, source: T): T {
  target.set(source);
  return target;
}
