import { type Column, hasNanos, isNull, layoutOf, type Nulls } from '../../src/data/column.ts';
import {
  BIGINT,
  BOOLEAN,
  decimal,
  DOUBLE,
  FLOAT,
  INT,
  notNull,
  SMALLINT,
  type SqlType,
  STRING,
  timestamp,
} from '../../src/data/types.ts';
import type { Random } from '../state/support.ts';

const SIMPLE: readonly SqlType[] = [
  BOOLEAN,
  SMALLINT,
  INT,
  BIGINT,
  FLOAT,
  DOUBLE,
  timestamp(3),
  timestamp(9),
  decimal(18, 2),
  decimal(38, 2),
  STRING,
];
const NESTED: readonly SqlType[] = [
  { kind: 'ARRAY', element: STRING, nullable: true },
  { kind: 'MAP', key: STRING, value: decimal(38, 0), nullable: true },
  { kind: 'MULTISET', element: timestamp(6), nullable: true },
  {
    kind: 'ROW',
    fields: [
      { name: 'a', type: INT },
      { name: 'b', type: { kind: 'ARRAY', element: BIGINT, nullable: true } },
    ],
    nullable: true,
  },
];
export const TYPES = [...SIMPLE, ...NESTED];

/** A column of random values; under NULLs there is garbage. */
export function randomColumn(random: Random, type: SqlType, count: number, plain = false): Column {
  const dice = plain ? 1 : random.next();
  if (dice < 0.1) return { layout: 'const', value: randomColumn(random, type, 1, true), nulls: undefined };
  if (dice < 0.2) {
    const indices = Int32Array.from({ length: count }, () => random.int(5));
    const nulls = randomNulls(random, type, count);
    return { layout: 'dict', indices, values: randomColumn(random, type, 5, true), nulls };
  }
  const nulls = randomNulls(random, type, count);
  const numbers = (): number[] => Array.from({ length: count }, () => random.int(200) - 100);
  const bits = random.pick([3, 14, 30, 62]);
  const longs = (): BigInt64Array =>
    BigInt64Array.from({ length: count }, () => BigInt.asIntN(bits, BigInt(random.int(2 ** 32)) << BigInt(bits >> 1)));
  const fraction = random.pick([0, 0.001, 0.9]);
  const layout = layoutOf(type);
  switch (layout) {
    case 'i8':
      return { layout, values: Int8Array.from(numbers()), nulls };
    case 'i16':
      return { layout, values: Int16Array.from(numbers()), nulls };
    case 'i32':
      return { layout, values: Int32Array.from(numbers()), nulls };
    case 'i64':
      return { layout, values: longs(), nulls };
    case 'f32':
      return { layout, values: Float32Array.from(numbers()), nulls };
    case 'f64':
      return { layout, values: Float64Array.from(numbers(), (n) => n * 2 ** bits + fraction * random.next()), nulls };
    case 'ts': {
      const nanos = hasNanos(type) ? Int32Array.from(numbers()) : undefined;
      return { layout, values: Float64Array.from(numbers()), nanos, nulls };
    }
    case 'dec128':
      return { layout, high: longs(), low: longs(), nulls };
    case 'bytes': {
      const bytes = random.bytes(400);
      const starts = Int32Array.from({ length: count }, () => random.int(250));
      const lengths = random.pick([[12], [0], [70], [0, 1, 5, 20, 130]]);
      const ends = starts.map((start) => start + random.pick(lengths));
      return { layout, bytes, view: new DataView(bytes.buffer), starts, ends, nulls };
    }
    case 'list':
    case 'map': {
      const offsets = new Int32Array(count + 1).fill(random.int(3));
      for (let i = 0; i < count; i++) offsets[i + 1] = offsets[i] + random.int(4);
      const size = offsets[count];
      if (type.kind === 'ARRAY') {
        return { layout: 'list', offsets, element: randomColumn(random, type.element, size), nulls };
      }
      const key = type.kind === 'MAP' ? type.key : type.kind === 'MULTISET' ? type.element : INT;
      const value = type.kind === 'MAP' ? type.value : notNull(INT);
      const keys = randomColumn(random, key, size);
      return { layout: 'map', offsets, key: keys, value: randomColumn(random, value, size), nulls };
    }
    case 'row': {
      const fields = type.kind === 'ROW' ? type.fields : [];
      return { layout, children: fields.map((field) => randomColumn(random, field.type, count)), nulls };
    }
  }
}

function randomNulls(random: Random, type: SqlType, count: number): Nulls {
  if (!type.nullable || random.chance(0.3)) return undefined;
  return random.bytes((count + 7) >> 3);
}

/** A value as plain data, read without the codec. */
function valueOf(column: Column, row: number): unknown {
  if (column.layout === 'const') return valueOf(column.value, 0);
  if (isNull(column.nulls, row)) return null;
  const range = (offsets: Int32Array): number[] =>
    Array.from({ length: offsets[row + 1] - offsets[row] }, (_, i) => offsets[row] + i);
  switch (column.layout) {
    case 'dict':
      return valueOf(column.values, column.indices[row]);
    case 'ts':
      return [column.values[row], column.nanos?.[row] ?? 0];
    case 'dec128':
      return [column.high[row], column.low[row]];
    case 'bytes':
      return Buffer.from(column.bytes.subarray(column.starts[row], column.ends[row])).toString('hex');
    case 'list':
      return range(column.offsets).map((i) => valueOf(column.element, i));
    case 'map':
      return range(column.offsets).map((i) => [valueOf(column.key, i), valueOf(column.value, i)]);
    case 'row':
      return column.children.map((child) => valueOf(child, row));
    default:
      return column.values[row];
  }
}

export const valuesOf = (column: Column, count: number): unknown[] =>
  Array.from({ length: count }, (_, row) => valueOf(column, row));
