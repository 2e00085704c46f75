import { assert } from './errors.ts';
import type { SqlType } from './types.ts';

/**
 * Columns as bytes, for state blobs, committed logs and messages. Little-endian; every array starts at a multiple of
 * eight from the start of the encoding, so that decoding an aligned buffer makes views and copies nothing.
 *
 *     version u8, 3 bytes 0, count u32, then each column:
 *       flags u8, width u8, 2 bytes 0, length u32, [null bitmap], values by layout
 *     bytes: lengths i32[], total u32, bytes, BYTES_SLACK zeros     list, map: lengths i32[], total u32, children
 *
 * A constant has one value for all rows. Packed i64 and f64 values are all integers that fit into `width` bytes; packed
 * bytes all have `length`, and neither lengths nor total follow.
 */
export const CODEC_VERSION = 2;

/** Flags of a column. */
export const HAS_NULLS = 1;
export const HAS_NANOS = 2;
export const CONSTANT = 4;
export const PACKED = 8;

/** The next multiple of eight. */
export const padded = (size: number): number => (size + 7) & ~7;

/** The two child types of MAP and MULTISET (whose value is the count). */
export function entryTypes(type: SqlType): readonly [SqlType, SqlType] {
  if (type.kind === 'MAP') return [type.key, type.value];
  assert(type.kind === 'MULTISET', `a map column for type ${type.kind}`);
  return [type.element, { kind: 'INT', nullable: false }];
}
