import type { Random } from '../../expressions/random.ts';
import type { JsonValue } from '../../harness/json-values.ts';
import type { CaseTable } from '../case-types.ts';
import type { FuzzColumn, Kind } from './query-tree.ts';

const START = Date.UTC(2024, 0, 1, 12, 0, 0);
const NULLS_IN_100 = 12;

interface FuzzTable {
  readonly name: string;
  readonly ddl: string;
  readonly columns: readonly FuzzColumn[];
}

const PLAIN: readonly (readonly [string, Kind, string])[] = [
  ['k', 'text', 'STRING'],
  ['ti', 'tiny', 'TINYINT'],
  ['si', 'small', 'SMALLINT'],
  ['i', 'int', 'INT'],
  ['n', 'int', 'INT NOT NULL'],
  ['bi', 'bigint', 'BIGINT'],
  ['dc', 'decimal', 'DECIMAL(10, 2)'],
  ['f', 'float', 'FLOAT'],
  ['d', 'double', 'DOUBLE'],
  ['s', 'text', 'VARCHAR(10)'],
  ['bo', 'boolean', 'BOOLEAN'],
  ['dt', 'date', 'DATE'],
  ['tm', 'time', 'TIME(0)'],
  ['bs', 'bytes', 'BYTES'],
  ['ar', 'ints', 'ARRAY<INT>'],
  ['mp', 'entries', 'MAP<STRING, INT>'],
  ['t9', 'timestamp', 'TIMESTAMP(9)'],
];

/** Two tables with columns of every kind: `a` with a TIMESTAMP(3) as its time, `b` with a TIMESTAMP_LTZ(3). */
export const FUZZ_TABLES: readonly FuzzTable[] = [
  table('a', 'timestamp', 'TIMESTAMP(3)', '2'),
  table('b', 'instant', 'TIMESTAMP_LTZ(3)', '4'),
];

/** Numbers are chosen so that sums are exact whatever their order, but for those that leave the range of the type. */
const VALUES: Readonly<Partial<Record<Kind, readonly JsonValue[]>>> = {
  tiny: [0, 1, -3, 7, 127, -128],
  small: [0, 1, -30, 70, 32767, -32768],
  int: [0, 1, 1, 2, -3, 7, 2147483647, -2147483648],
  bigint: ['0', '1', '-5', '7000000000', '9223372036854775807', '-9223372036854775808'],
  decimal: ['0.00', '1.25', '-7.77', '0.01', '99999999.99', '1.25'],
  float: [0, 1.5, -0.25, 8],
  double: [0, 1.5, -0.25, 1024.5, 3, 1.5],
  boolean: [true, false],
  date: ['2024-02-29', '2023-12-31', '2024-01-01', '1969-12-31'],
  time: ['00:00:00', '12:34:56', '23:59:59'],
  bytes: ['', '00', 'ff01', '3132'],
  ints: [[], [1], [1, null, 2], [7, 7], [-1]],
  entries: [[], [['x', 1]], [['y', null]]],
  timestamp: ['2024-02-29T12:34:56.123456789', '2024-01-01T00:00:00.000000000', '1999-12-31T23:59:59.999999999'],
};
const KEYS = ['x', 'y', 'z', ''];
const TEXTS = ['x', 'Hello', '', 'äö€', ' -4.5 ', '12'];

/** Rows out of order, with NULLs, ties and the ends of the ranges; unless `isPunctual` at times too late. */
export function randomTables(random: Random, isPunctual: boolean): Record<string, CaseTable> {
  return Object.fromEntries(FUZZ_TABLES.map((one) => [one.name, randomTable(random, one, isPunctual)]));
}

function randomTable(random: Random, of: FuzzTable, isPunctual: boolean): CaseTable {
  const count = random.below(8) === 0 ? random.below(2) : 2 + random.below(14);
  const jitter = random.pick(isPunctual ? [0, 1500] : [0, 2000, 9000]);
  let clock = START;
  const rows = Array.from({ length: count }, () => {
    clock += random.pick([0, 1, 999, 1000, 2500, 5000, 12_000]);
    const time = clock - random.below(jitter + 1);
    return of.columns.map((column) => randomValue(random, column, time));
  });
  return { columns: of.ddl, rows };
}

function randomValue(random: Random, { name, kind, isTime }: FuzzColumn, time: number): JsonValue {
  const text = new Date(time).toISOString();
  if (isTime === true) return kind === 'instant' ? text : text.slice(0, -1);
  if (name !== 'n' && random.below(100) < NULLS_IN_100) return null;
  if (kind === 'text') return random.pick(name === 'k' ? KEYS : TEXTS);
  return random.pick(VALUES[kind] ?? [null]);
}

function table(name: string, kind: Kind, type: string, delay: string): FuzzTable {
  const columns = PLAIN.map(([column, , ddl]) => `${column} ${ddl}`).join(', ');
  return {
    name,
    ddl: `${columns}, ts ${type}, WATERMARK FOR ts AS ts - INTERVAL '${delay}' SECOND`,
    columns: [
      ...PLAIN.map(([column, of]): FuzzColumn => ({ name: column, kind: of })),
      { name: 'ts', kind, isTime: true },
    ],
  };
}
