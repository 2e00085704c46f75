import type { KeyBatch } from '../data/hash.ts';
import { ensureI32 } from './rows.ts';

/** Keys of some positions of another key batch, sharing its bytes. */
export function subsetKeys(
  from: KeyBatch,
  positions: Int32Array,
  offset: number,
  count: number,
  into: KeyBatch,
): KeyBatch {
  into.length = count;
  into.bytes = from.bytes;
  into.view = from.view;
  into.starts = ensureI32(into.starts, count);
  into.ends = ensureI32(into.ends, count);
  into.hashes = ensureI32(into.hashes, count);
  const { starts, ends, hashes } = into;
  for (let i = 0; i < count; i++) {
    const position = positions[offset + i];
    starts[i] = from.starts[position];
    ends[i] = from.ends[position];
    hashes[i] = from.hashes[position];
  }
  return into;
}

/** Equal keys: the same bytes, or both the NULL key. */
export function sameKey(a: KeyBatch, i: number, b: KeyBatch, j: number): boolean {
  if (a.hashes[i] !== b.hashes[j]) return false;
  const length = a.ends[i] - a.starts[i];
  if (length !== b.ends[j] - b.starts[j]) return false;
  return sameBytes(a.bytes, a.starts[i], b.bytes, b.starts[j], length);
}

export function sameBytes(a: Uint8Array, from: number, b: Uint8Array, to: number, length: number): boolean {
  for (let k = 0; k < length; k++) if (a[from + k] !== b[to + k]) return false;
  return true;
}
