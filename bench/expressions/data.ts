import { columnFromValues } from '../../src/data/builder.ts';
import { makeBatch, type Batch } from '../../src/data/batch.ts';
import { BIGINT, DOUBLE, INT, notNull, STRING, type Schema } from '../../src/data/types.ts';

export const ROWS = 8192;

/** The columns that expressions and hand-written loops read. */
export interface BenchData {
  readonly schema: Schema;
  readonly batch: Batch;
  readonly i: Int32Array;
  readonly j: Int32Array;
  readonly l: BigInt64Array;
  readonly d: Float64Array;
  readonly e: Float64Array;
  readonly s: Text;
  readonly t: Text;
}
export interface Text {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** Numbers and words of 5 to 20 ASCII letters, the same in each run. */
export function benchData(): BenchData {
  let state = 42;
  const next = (bound: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % bound;
  };
  const rows = <T>(make: () => T): T[] => Array.from({ length: ROWS }, make);
  const word = (): string => Array.from({ length: 5 + next(16) }, () => String.fromCharCode(97 + next(26))).join('');
  const schema = [
    { name: 'i', type: notNull(INT), values: rows(() => next(1000) - 500) },
    { name: 'j', type: notNull(INT), values: rows(() => next(1000) + 1) },
    { name: 'l', type: notNull(BIGINT), values: rows(() => BigInt(next(1_000_000))) },
    { name: 'd', type: notNull(DOUBLE), values: rows(() => next(10_000) / 7 - 500) },
    { name: 'e', type: notNull(DOUBLE), values: rows(() => next(10_000) / 3) },
    { name: 's', type: notNull(STRING), values: rows(() => ` ${word()}Ab `) },
    { name: 't', type: notNull(STRING), values: rows(word) },
  ];
  const columns = schema.map(({ type, values }) => columnFromValues(type, values));
  const ints = (index: number): Int32Array => {
    const column = columns[index];
    if (column.layout !== 'i32') throw new Error('INT expected');
    return column.values;
  };
  const longs = (index: number): BigInt64Array => {
    const column = columns[index];
    if (column.layout !== 'i64') throw new Error('BIGINT expected');
    return column.values;
  };
  const doubles = (index: number): Float64Array => {
    const column = columns[index];
    if (column.layout !== 'f64') throw new Error('DOUBLE expected');
    return column.values;
  };
  const text = (index: number): Text => {
    const column = columns[index];
    if (column.layout !== 'bytes') throw new Error('text expected');
    return column;
  };
  return {
    schema,
    batch: makeBatch(columns, ROWS),
    i: ints(0),
    j: ints(1),
    l: longs(2),
    d: doubles(3),
    e: doubles(4),
    s: text(5),
    t: text(6),
  };
}
