import { BYTES_SLACK, type BytesColumn, isNull } from '../data/column.ts';
import { hashBytes, type KeyBatch, NULL_KEY_HASH } from '../data/hash.ts';

/** A growable key batch of its own bytes: tombstones, and keys on their way into a table. */
export class KeyLog implements KeyBatch {
  length = 0;
  bytes = new Uint8Array(64);
  view = new DataView(this.bytes.buffer);
  starts: Int32Array = new Int32Array(8);
  ends: Int32Array = new Int32Array(8);
  hashes: Int32Array = new Int32Array(8);
  private used = 0;

  /** Copies a key; an end of start - 1 is the NULL key. Returns its row. */
  add(source: Uint8Array, start: number, end: number, hash: number): number {
    const size = Math.max(0, end - start);
    const row = this.reserve(size, end < start ? -1 : size, hash);
    const at = this.starts[row];
    for (let i = 0; i < size; i++) this.bytes[at + i] = source[start + i];
    return row;
  }

  /** Adds a key whose bytes the caller writes at `starts[row]`. */
  reserve(size: number, length: number, hash: number): number {
    const row = this.length++;
    if (row === this.starts.length) this.growRows();
    if (this.used + size + BYTES_SLACK > this.bytes.length) this.growBytes(size);
    this.starts[row] = this.used;
    this.ends[row] = this.used + length;
    this.hashes[row] = hash;
    this.used += size;
    return row;
  }

  /** The keys as a column (views). */
  column(): BytesColumn {
    const { length, bytes, view } = this;
    const starts = this.starts.slice(0, length);
    const ends = this.ends.slice(0, length);
    let nulls: Uint8Array | undefined;
    for (let i = 0; i < length; i++) {
      if (ends[i] >= starts[i]) continue;
      ends[i] = starts[i];
      nulls ??= new Uint8Array((length + 7) >> 3);
      nulls[i >> 3] |= 1 << (i & 7);
    }
    return { layout: 'bytes', bytes, view, starts, ends, nulls };
  }

  clear(): void {
    this.length = 0;
    this.used = 0;
  }

  get usedBytes(): number {
    return this.used;
  }

  memory(): number {
    return this.bytes.byteLength + 3 * this.starts.byteLength;
  }

  private growRows(): void {
    const size = this.starts.length * 2;
    const grow = (old: Int32Array): Int32Array => {
      const next = new Int32Array(size);
      next.set(old);
      return next;
    };
    this.starts = grow(this.starts);
    this.ends = grow(this.ends);
    this.hashes = grow(this.hashes);
  }

  private growBytes(extra: number): void {
    const next = new Uint8Array(Math.max(this.bytes.length * 2, this.used + extra + BYTES_SLACK));
    next.set(this.bytes.subarray(0, this.used));
    this.bytes = next;
    this.view = new DataView(next.buffer);
  }
}

/** Rows from .. to - 1 of a bytes column as a key batch: its bytes are the column's. */
export function keysOfColumn(column: BytesColumn, from: number, to: number): KeyBatch {
  const length = to - from;
  const batch: KeyBatch = {
    length,
    bytes: column.bytes,
    view: column.view,
    starts: new Int32Array(length),
    ends: new Int32Array(length),
    hashes: new Int32Array(length),
  };
  readKeys(column, from, to, batch);
  return batch;
}

/** The same into a batch that has room for them. */
export function readKeys(column: BytesColumn, from: number, to: number, into: KeyBatch): void {
  const length = to - from;
  const { starts, ends, hashes } = into;
  into.length = length;
  into.bytes = column.bytes;
  into.view = column.view;
  for (let i = 0; i < length; i++) {
    starts[i] = column.starts[from + i];
    if (isNull(column.nulls, from + i)) {
      ends[i] = starts[i] - 1;
      hashes[i] = NULL_KEY_HASH;
    } else {
      ends[i] = column.ends[from + i];
      hashes[i] = hashBytes(column.view, starts[i], ends[i]);
    }
  }
}
