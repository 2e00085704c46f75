import type { Column, FlatLayout } from '../../data/column.ts';
import { gatherColumn } from '../../data/gather.ts';

/** What generated code must know about a column: its layout and whether it can hold NULLs. */
export interface Shape {
  readonly wrap: 'flat' | 'const' | 'dict';
  readonly layout: FlatLayout;
  /** The column's own bitmap (for `const` that of its value). */
  readonly nulls: boolean;
  /** NULLs among the values of a dictionary. */
  readonly innerNulls: boolean;
  readonly nanos: boolean;
}

const LAYOUTS: readonly FlatLayout[] = [
  'i8',
  'i16',
  'i32',
  'i64',
  'f32',
  'f64',
  'ts',
  'dec128',
  'bytes',
  'list',
  'map',
  'row',
];
const CODES = new Map<Column['layout'], number>(LAYOUTS.map((layout, i) => [layout, i]));
const CONST = 16;
const DICT = 32;
const NULLS = 64;
const INNER_NULLS = 128;
const NANOS = 256;

/** The shape as a number; a `const` or `dict` column must wrap a flat one (see `flatInside`). */
export function shapeCode(column: Column): number {
  if (column.layout === 'const') return CONST | flatCode(column.value);
  if (column.layout === 'dict') {
    const inner = flatCode(column.values);
    const innerNulls = (inner & NULLS) !== 0 ? INNER_NULLS : 0;
    return DICT | (inner & ~NULLS) | innerNulls | (column.nulls === undefined ? 0 : NULLS);
  }
  return flatCode(column);
}

function flatCode(column: Column): number {
  const code = CODES.get(column.layout) ?? -1;
  const nanos = column.layout === 'ts' && column.nanos !== undefined ? NANOS : 0;
  return code | nanos | (column.nulls === undefined ? 0 : NULLS);
}

/** The most general shape of the code's layout: NULLs anywhere. */
export function withNulls(code: number): number {
  return code | NULLS | ((code & DICT) !== 0 ? INNER_NULLS : 0);
}

export function shapeOf(code: number): Shape {
  return {
    wrap: (code & CONST) !== 0 ? 'const' : (code & DICT) !== 0 ? 'dict' : 'flat',
    layout: LAYOUTS[code & 15],
    nulls: (code & NULLS) !== 0,
    innerNulls: (code & INNER_NULLS) !== 0,
    nanos: (code & NANOS) !== 0,
  };
}

/** Unwraps a dictionary of a dictionary and the like, which no source makes on purpose. */
export function flatInside(column: Column): Column {
  if (column.layout !== 'const' && column.layout !== 'dict') return column;
  const inner = column.layout === 'const' ? column.value : column.values;
  if (inner.layout !== 'const' && inner.layout !== 'dict') return column;
  if (column.layout === 'const') return { ...column, value: gatherColumn(inner, Int32Array.of(0), 1) };
  return gatherColumn(column, rows(column.indices.length), column.indices.length);
}

function rows(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}
