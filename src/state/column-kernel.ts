import { decodeValues } from '../data/codec.ts';
import { type Column, hasNanos, layoutOf } from '../data/column.ts';
import { assert, unreachable } from '../data/errors.ts';
import { BYTES, type SqlType } from '../data/types.ts';
import type { SlotColumn } from './contracts.ts';

/** Copies slots out as a batch column; copies rows from.. of a decoded column into slots. */
export type GatherKernel = (column: SlotColumn, slots: Int32Array, count: number) => Column;
export type ScatterKernel = (
  column: SlotColumn,
  slots: Int32Array,
  source: Column,
  from: number,
  count: number,
) => void;

/** Brings slots back to the state of new ones. */
export type ResetKernel = (column: SlotColumn, slots: Int32Array, count: number) => void;

export interface ColumnKernel {
  /** The type under which the column is stored in blobs: nested values stay the bytes they are. */
  readonly stored: SqlType;
  readonly gather: GatherKernel;
  readonly gatherStored: GatherKernel;
  readonly scatterStored: ScatterKernel;
  readonly reset: ResetKernel;
}

type PlainLayout = 'i8' | 'i16' | 'i32' | 'i64' | 'f32' | 'f64';
type Part = readonly [field: string, array: string];

const ARRAYS: Record<PlainLayout, string> = {
  i8: 'Int8Array',
  i16: 'Int16Array',
  i32: 'Int32Array',
  i64: 'BigInt64Array',
  f32: 'Float32Array',
  f64: 'Float64Array',
};

/** Loops of their own for one column of one state table. */
export function compileColumn(type: SqlType): ColumnKernel {
  const layout = layoutOf(type);
  switch (layout) {
    case 'i8':
    case 'i16':
    case 'i32':
    case 'i64':
    case 'f32':
    case 'f64':
      return fixedKernel(type, layout, [['values', ARRAYS[layout]]]);
    case 'ts': {
      const nanos: Part[] = hasNanos(type) ? [['nanos', 'Int32Array']] : [];
      return fixedKernel(type, layout, [['values', 'Float64Array'], ...nanos]);
    }
    case 'dec128':
      return fixedKernel(type, layout, [
        ['high', 'BigInt64Array'],
        ['low', 'BigInt64Array'],
      ]);
    case 'bytes': {
      const gather = compileGatherBytes();
      return {
        stored: type,
        gather,
        gatherStored: gather,
        scatterStored: compileScatterBytes(),
        reset: compileResetBytes(),
      };
    }
    case 'list':
    case 'map':
    case 'row':
      return {
        stored: { ...BYTES, nullable: type.nullable },
        gather: (column, slots, count) => gatherNested(type, column, slots, count),
        gatherStored: compileGatherBytes(),
        scatterStored: compileScatterBytes(),
        reset: compileResetBytes(),
      };
    default:
      return unreachable(layout);
  }
}

function fixedKernel(type: SqlType, layout: string, parts: readonly Part[]): ColumnKernel {
  const gather = compileGather(layout, parts);
  return {
    stored: type,
    gather,
    gatherStored: gather,
    scatterStored: compileScatter(parts),
    reset: compileReset(parts),
  };
}

const GATHER_NULLS = `
  let nulls = undefined;
  if (column.nulls !== undefined) {
    const flags = column.nulls, bits = new Uint8Array((count + 7) >> 3);
    let any = 0;
    for (let i = 0; i < count; i++) { const flag = flags[slots[i]]; any |= flag; bits[i >> 3] |= flag << (i & 7); }
    if (any !== 0) nulls = bits;
  }`;

const SCATTER_NULLS = `
  if (column.nulls !== undefined) {
    const flags = column.nulls, bits = source.nulls;
    if (bits === undefined) for (let i = 0; i < count; i++) flags[slots[i]] = 0;
    else for (let i = 0, r = from; i < count; i++, r++) flags[slots[i]] = (bits[r >> 3] >> (r & 7)) & 1;
  }`;

function compileGather(layout: string, parts: readonly Part[]): GatherKernel {
  const loops = parts.map(
    ([field, array], k) => `
  const v${k} = column.${field}, o${k} = new ${array}(count);
  for (let i = 0; i < count; i++) o${k}[i] = v${k}[slots[i]];`,
  );
  const fields = parts.map(([field], k) => `${field}: o${k}`).join(', ');
  const noNanos = layout === 'ts' && parts.length === 1 ? ', nanos: undefined' : '';
  return new Function(`'use strict'; return function gather(column, slots, count) {${GATHER_NULLS}${loops.join('')}
  return { layout: '${layout}', ${fields}${noNanos}, nulls };
}`)();
}

function compileScatter(parts: readonly Part[]): ScatterKernel {
  const loops = parts.map(
    ([field], k) => `
  const v${k} = column.${field}, s${k} = source.${field};
  if (s${k} !== undefined) for (let i = 0, r = from; i < count; i++, r++) v${k}[slots[i]] = s${k}[r];`,
  );
  return new Function(`'use strict'; return function scatter(column, slots, source, from, count) {
  ${SCATTER_NULLS}${loops.join('')}
}`)();
}

const RESET_NULLS = `
  const flags = column.nulls;
  if (flags !== undefined) for (let i = 0; i < count; i++) flags[slots[i]] = 1;`;

function compileReset(parts: readonly Part[]): ResetKernel {
  const loops = parts.map(
    ([field, array], k) => `
  const v${k} = column.${field};
  for (let i = 0; i < count; i++) v${k}[slots[i]] = ${array === 'BigInt64Array' ? '0n' : '0'};`,
  );
  return new Function(`'use strict'; return function reset(column, slots, count) {${RESET_NULLS}${loops.join('')}
}`)();
}

function compileResetBytes(): ResetKernel {
  return new Function(`'use strict'; return function reset(column, slots, count) {${RESET_NULLS}
  for (let i = 0; i < count; i++) column.reset(slots[i]);
}`)();
}

function compileGatherBytes(): GatherKernel {
  return new Function(`'use strict'; return function gather(column, slots, count) {${GATHER_NULLS}
  const from = column.starts, lengths = column.lengths, source = column.bytes;
  const starts = new Int32Array(count), ends = new Int32Array(count);
  let total = 0;
  for (let i = 0; i < count; i++) { starts[i] = total; total += lengths[slots[i]]; ends[i] = total; }
  const bytes = new Uint8Array(total + 8);
  for (let i = 0, at = 0; i < count; i++) {
    const start = from[slots[i]], length = lengths[slots[i]];
    if (length < 64) for (let k = 0; k < length; k++) bytes[at + k] = source[start + k];
    else bytes.set(source.subarray(start, start + length), at);
    at += length;
  }
  return { layout: 'bytes', bytes, view: new DataView(bytes.buffer), starts, ends, nulls };
}`)();
}

function compileScatterBytes(): ScatterKernel {
  return new Function(`'use strict'; return function scatter(column, slots, source, from, count) {
  const bytes = source.bytes, starts = source.starts, ends = source.ends;
  for (let i = 0, r = from; i < count; i++, r++) column.set(slots[i], bytes, starts[r], ends[r]);
  ${SCATTER_NULLS}
}`)();
}

function gatherNested(type: SqlType, column: SlotColumn, slots: Int32Array, count: number): Column {
  assert(column.layout === 'bytes', 'nested values are stored as bytes');
  const starts = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const isNull = column.nulls !== undefined && column.nulls[slots[i]] !== 0;
    starts[i] = isNull || column.lengths[slots[i]] === 0 ? -1 : column.starts[slots[i]];
  }
  return decodeValues(type, column, starts, count);
}
