import type { BytesColumn } from './column.ts';

/** Widths of integers, smallest first. */
export type PackedWidth = 1 | 2 | 4;

/** The width into which all of the values fit, or 8. Under NULLs values may be anything: they count like the others. */
export function packedWidthI64(values: BigInt64Array, count: number): PackedWidth | 8 {
  const words = new Int32Array(values.buffer, values.byteOffset, 2 * count);
  let bits = 0;
  for (let i = 0; i < words.length; i += 2) {
    const low = words[i];
    const sign = low >> 31;
    if (words[i + 1] !== sign) return 8;
    // All bits that differ from the sign.
    bits |= low ^ sign;
  }
  return widthOf(bits);
}

/** The same for numbers, 8 when one is no integer (or -0). */
export function packedWidthF64(values: Float64Array, count: number): PackedWidth | 8 {
  let bits = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    const low = value | 0;
    if (low !== value || (low === 0 && 1 / value < 0)) return 8;
    bits |= low ^ (low >> 31);
  }
  return widthOf(bits);
}

function widthOf(bits: number): PackedWidth {
  if (bits < 0x80) return 1;
  return bits < 0x8000 ? 2 : 4;
}

type Integers = Int8Array | Int16Array | Int32Array;

/** The low parts of the values. */
export function packI64(values: BigInt64Array, count: number, width: PackedWidth): Integers {
  const words = new Int32Array(values.buffer, values.byteOffset, 2 * count);
  const packed = integers(width, count);
  for (let i = 0; i < count; i++) packed[i] = words[2 * i];
  return packed;
}

export function packF64(values: Float64Array, count: number, width: PackedWidth): Integers {
  const packed = integers(width, count);
  for (let i = 0; i < count; i++) packed[i] = values[i];
  return packed;
}

export function unpackI64(packed: Integers, values: BigInt64Array): BigInt64Array {
  const words = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
  for (let i = 0; i < packed.length; i++) {
    words[2 * i] = packed[i];
    words[2 * i + 1] = packed[i] >> 31;
  }
  return values;
}

export function unpackF64(packed: Integers, values: Float64Array): Float64Array {
  for (let i = 0; i < packed.length; i++) values[i] = packed[i];
  return values;
}

function integers(width: PackedWidth, count: number): Integers {
  if (width === 1) return new Int8Array(count);
  return width === 2 ? new Int16Array(count) : new Int32Array(count);
}

/** Length and sum of lengths of some values; `length` is -1 when they differ or one is NULL. */
export interface ByteLengths {
  readonly length: number;
  readonly total: number;
}

export function byteLengths({ starts, ends, nulls }: BytesColumn, count: number): ByteLengths {
  let total = 0;
  if (nulls !== undefined) {
    for (let i = 0; i < count; i++) if ((nulls[i >> 3] & (1 << (i & 7))) === 0) total += ends[i] - starts[i];
    return { length: -1, total };
  }
  const first = count === 0 ? 0 : ends[0] - starts[0];
  let differ = 0;
  for (let i = 0; i < count; i++) {
    const length = ends[i] - starts[i];
    differ |= length ^ first;
    total += length;
  }
  return { length: differ === 0 ? first : -1, total };
}
