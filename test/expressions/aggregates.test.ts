import { describe, expect, test } from 'vitest';
import { DELETE, INSERT, makeBatch, UPDATE_AFTER, UPDATE_BEFORE } from '../../src/data/batch.ts';
import { readValue } from '../../src/data/read.ts';
import {
  BIGINT,
  BOOLEAN,
  decimal,
  DOUBLE,
  FLOAT,
  INT,
  notNull,
  SMALLINT,
  STRING,
  timestamp,
  TINYINT,
  type SqlType,
} from '../../src/data/types.ts';
import {
  type AggregateProgram,
  compileAggregates,
  compileKeyEncoder,
  newKeyBatch,
} from '../../src/expressions/index.ts';
import type { AggregateCall, AggregateName } from '../../src/expressions/typed.ts';
import { SlotTable } from '../../src/state/slot-table.ts';
import { batchForms, columnsOf, input, type Row, schemaOf } from './support.ts';

const KEY = notNull(INT);

function aggregate(
  fn: AggregateName,
  arg: number | undefined,
  argType: SqlType,
  type: SqlType,
  filter?: number,
): AggregateCall {
  return {
    fn,
    arg: arg === undefined ? undefined : input(arg, argType),
    distinct: false,
    filter: filter === undefined ? undefined : input(filter, BOOLEAN),
    type,
  };
}

/** Slots by key, as an operator has them. */
class Groups {
  readonly table: SlotTable;
  private readonly encoder = compileKeyEncoder([KEY]);
  private readonly keys = newKeyBatch(8);

  constructor(program: AggregateProgram) {
    this.table = new SlotTable({ columns: program.stateTypes });
  }

  slots(keys: readonly number[]): Int32Array {
    const columns = columnsOf(
      [KEY],
      keys.map((key) => [key]),
    );
    this.encoder.encode(columns, makeBatch(columns, keys.length), this.keys);
    const slots = new Int32Array(keys.length);
    this.table.resolve(this.keys, keys.length, slots);
    return slots;
  }
}

/** Results of one key. */
function resultsOf(program: AggregateProgram, calls: readonly AggregateCall[], groups: Groups, key: number): unknown[] {
  const slots = groups.slots([key]);
  return program.results(groups.table.columns, slots, 1).map((column, i) => readValue(calls[i].type, column, 0));
}

/** Aggregates rows [key, ...columns] in every form of a batch, and again as merged partial states. */
function aggregated(
  calls: readonly AggregateCall[],
  types: readonly SqlType[],
  rows: readonly Row[],
  keys: readonly number[],
): unknown[][] {
  const all = rows.map((_row, i) => i);
  let first: unknown[][] | undefined;
  const program = compileAggregates(calls, schemaOf(types));
  const check = (name: string, groups: Groups): void => {
    const results = [...new Set(keys)].map((key) => resultsOf(program, calls, groups, key));
    first ??= results;
    expect({ name, results }).toEqual({ name, results: first });
  };
  const parts = new Groups(program);
  const byRow = new Groups(program);
  for (const { name, batch, rows: held } of batchForms(types, rows)) {
    const heldKeys = held.map((i) => keys[i]);
    if (held.length === all.length && !name.startsWith('constant')) {
      const groups = new Groups(program);
      program.accumulate(batch, groups.slots(heldKeys), groups.table.columns);
      check(name, groups);
    }
    if (name.startsWith('constant')) program.accumulate(batch, byRow.slots(heldKeys), byRow.table.columns);
    if (name === 'flat, selected') {
      program.accumulate(batch, parts.slots(heldKeys), parts.table.columns);
      const skipped = parts.slots(heldKeys).fill(-1);
      program.accumulate(batch, skipped, parts.table.columns);
    }
  }
  check('row by row, constant columns', byRow);
  // The even rows, aggregated apart and merged in.
  const even = all.filter((i) => i % 2 === 0);
  const others = new Groups(program);
  const columns = columnsOf(
    types,
    even.map((i) => rows[i]),
  );
  program.accumulate(makeBatch(columns, even.length), others.slots(even.map((i) => keys[i])), others.table.columns);
  const evenKeys = [...new Set(even.map((i) => keys[i]))];
  const from = others.slots(evenKeys);
  const partials = program.stateTypes.map((_type, c) => others.table.gather(c, from, from.length));
  const into = parts.slots(evenKeys);
  program.merge(partials, evenKeys.length, into, parts.table.columns);
  check('merged', parts);
  return first ?? [];
}

/** Results over the values of one key, which share the table with another key. */
function overValues(calls: readonly AggregateCall[], type: SqlType, values: readonly unknown[]): unknown[] {
  const rows = values.map((value) => [value]);
  const [result] = aggregated(
    calls,
    [type],
    rows,
    values.map(() => 7),
  );
  return result;
}

describe('result types and wrap-around', () => {
  const cases: readonly (readonly [string, AggregateName, SqlType, SqlType, readonly unknown[], unknown])[] = [
    ['SUM(INT) wraps', 'SUM', INT, INT, [2147483647, 1, null], -2147483648],
    ['SUM(TINYINT) wraps', 'SUM', TINYINT, TINYINT, [100, 100, -5], -61],
    ['SUM(SMALLINT) wraps', 'SUM', SMALLINT, SMALLINT, [32767, 1], -32768],
    ['SUM(BIGINT) wraps', 'SUM', BIGINT, BIGINT, [9223372036854775807n, 1n], -9223372036854775808n],
    ['SUM(FLOAT) is a FLOAT', 'SUM', FLOAT, FLOAT, [16777216, 1, 1], 16777216],
    ['SUM(DOUBLE)', 'SUM', DOUBLE, DOUBLE, [0.5, null, 1.25], 1.75],
    ['SUM of NULLs', 'SUM', INT, INT, [null, null], null],
    [
      'SUM(DECIMAL) of many digits',
      'SUM',
      decimal(18, 2),
      decimal(38, 2),
      [10n ** 18n - 1n, 10n ** 18n - 1n, -1n],
      2n * 10n ** 18n - 3n,
    ],
    [
      'SUM(DECIMAL) below zero',
      'SUM',
      decimal(18, 2),
      decimal(38, 2),
      [-1n, -5n, 2n, -(10n ** 17n)],
      -(10n ** 17n) - 4n,
    ],
    ['SUM(DECIMAL) overflow', 'SUM', decimal(38, 0), decimal(38, 0), [10n ** 38n - 1n, 1n], null],
    [
      'SUM(DECIMAL) far overflow',
      'SUM',
      decimal(38, 0),
      decimal(38, 0),
      Array.from({ length: 6 }, () => 10n ** 38n - 1n),
      null,
    ],
    ['AVG(INT) truncates', 'AVG', INT, INT, [2147483647, 2147483647, -9], 1431655761],
    ['AVG(INT) below zero', 'AVG', INT, INT, [-1, -2, null], -1],
    ['AVG(INT) at the minimum', 'AVG', INT, INT, [-2147483648, -2147483648], -2147483648],
    ['AVG(TINYINT)', 'AVG', TINYINT, TINYINT, [127, 126], 126],
    ['AVG(BIGINT)', 'AVG', BIGINT, BIGINT, [7n, -2n], 2n],
    ['AVG(DOUBLE)', 'AVG', DOUBLE, DOUBLE, [1, 2], 1.5],
    ['AVG(FLOAT) sums as DOUBLE', 'AVG', FLOAT, FLOAT, [16777216, 1, 1], Math.fround(16777218 / 3)],
    ['AVG(DECIMAL)', 'AVG', decimal(5, 2), decimal(38, 6), [100n, 100n, 0n], 666667n],
    ['AVG of NULLs', 'AVG', DOUBLE, DOUBLE, [null], null],
    ['MIN(INT)', 'MIN', INT, INT, [3, null, -2147483648, 5], -2147483648],
    ['MAX(BIGINT)', 'MAX', BIGINT, BIGINT, [-9223372036854775808n, 9223372036854775807n], 9223372036854775807n],
    ['MAX of negative', 'MAX', DOUBLE, DOUBLE, [-5, -3], -3],
    ['MIN of strings by bytes', 'MIN', STRING, STRING, ['b', 'ab', null, 'a', 'é'], 'a'],
    ['MAX of strings by bytes', 'MAX', STRING, STRING, ['\uFFFD', '\u{1F600}', 'z'], '\u{1F600}'],
    ['MIN(BOOLEAN)', 'MIN', BOOLEAN, BOOLEAN, [true, false], false],
    [
      'MAX(TIMESTAMP(9))',
      'MAX',
      timestamp(9),
      timestamp(9),
      [
        { ms: 1, nanos: 5 },
        { ms: 1, nanos: 6 },
        { ms: 0, nanos: 9 },
      ],
      { ms: 1, nanos: 6 },
    ],
    ['MIN(DECIMAL(38))', 'MIN', decimal(38, 0), decimal(38, 0), [10n ** 37n, -(10n ** 37n)], -(10n ** 37n)],
    ['COUNT(x)', 'COUNT', STRING, notNull(BIGINT), ['a', null, ''], 2n],
    ['COUNT of NULLs', 'COUNT', INT, notNull(BIGINT), [null], 0n],
  ];
  for (const [name, fn, type, resultType, values, expected] of cases) {
    test(name, () => {
      expect(overValues([aggregate(fn, 0, type, resultType)], type, values)).toEqual([expected]);
    });
  }
});

test('a first NaN stays, a later one is passed over', () => {
  const calls = [aggregate('MAX', 0, DOUBLE, DOUBLE), aggregate('MIN', 0, DOUBLE, DOUBLE)];
  const program = compileAggregates(calls, schemaOf([DOUBLE]));
  for (const [values, expected] of [
    [[NaN, 1], NaN],
    [[1, NaN], 1],
  ] as const) {
    const groups = new Groups(program);
    const rows = values.map((value) => [value]);
    program.accumulate(makeBatch(columnsOf([DOUBLE], rows), 2), groups.slots([1, 1]), groups.table.columns);
    expect(resultsOf(program, calls, groups, 1)).toEqual([expected, expected]);
  }
});

test('several aggregates share their accumulators', () => {
  const calls = [
    aggregate('COUNT', undefined, INT, notNull(BIGINT)),
    aggregate('SUM', 0, notNull(DOUBLE), notNull(DOUBLE)),
    aggregate('AVG', 0, notNull(DOUBLE), notNull(DOUBLE)),
    aggregate('MAX', 0, notNull(DOUBLE), notNull(DOUBLE)),
  ];
  const program = compileAggregates(calls, schemaOf([notNull(DOUBLE)]));
  expect(program.stateTypes).toEqual([notNull(DOUBLE), notNull(DOUBLE), DOUBLE]);
  expect(overValues(calls, notNull(DOUBLE), [1, 4, 2.5])).toEqual([3n, 7.5, 2.5, 4]);
});

test('FILTER takes only rows where it is TRUE; keys do not mix', () => {
  const calls = [
    aggregate('COUNT', undefined, INT, notNull(BIGINT), 1),
    aggregate('SUM', 0, INT, INT, 1),
    aggregate('SUM', 0, INT, INT),
    aggregate('MIN', 0, INT, INT, 1),
  ];
  const rows = [
    [1, true],
    [2, false],
    [4, null],
    [8, true],
    [16, false],
    [null, true],
  ];
  const keys = [1, 1, 2, 2, 2, 2];
  expect(aggregated(calls, [INT, BOOLEAN], rows, keys)).toEqual([
    [1n, 1, 3, 1],
    [2n, 8, 28, 8],
  ]);
});

describe('retraction', () => {
  const calls = [
    aggregate('COUNT', undefined, INT, notNull(BIGINT)),
    aggregate('COUNT', 0, INT, notNull(BIGINT)),
    aggregate('SUM', 0, INT, INT),
    aggregate('AVG', 0, INT, INT),
    aggregate('SUM', 1, decimal(18, 2), decimal(38, 2)),
    aggregate('SUM', 2, decimal(38, 0), decimal(38, 0)),
    aggregate('SUM', 3, BIGINT, BIGINT),
    aggregate('AVG', 4, DOUBLE, DOUBLE),
  ];
  const types = [INT, decimal(18, 2), decimal(38, 0), BIGINT, DOUBLE];
  const a: Row = [-2147483648, -5n, 10n ** 37n, 9223372036854775807n, 1.5];
  const b: Row = [2147483647, 7n, -3n, 2n, 2.5];
  const nothing: Row = [null, null, null, null, null];

  test('what is taken back is gone', () => {
    const program = compileAggregates(calls, schemaOf(types));
    const groups = new Groups(program);
    const apply = (rows: readonly Row[], retract: boolean): void => {
      const batch = makeBatch(columnsOf(types, rows), rows.length);
      const slots = groups.slots(rows.map(() => 1));
      if (retract) program.retract(batch, slots, groups.table.columns);
      else program.accumulate(batch, slots, groups.table.columns);
    };
    apply([a, b, nothing], false);
    apply([a, nothing], true);
    expect(resultsOf(program, calls, groups, 1)).toEqual([1n, 1n, 2147483647, 2147483647, 7n, -3n, 2n, 2.5]);
    apply([b], true);
    expect(resultsOf(program, calls, groups, 1)).toEqual([0n, 0n, null, null, null, null, null, null]);
  });

  test('by row kinds', () => {
    const program = compileAggregates(calls, schemaOf(types));
    const groups = new Groups(program);
    const rows = [a, a, b, b, a];
    const kinds = Uint8Array.of(INSERT, UPDATE_BEFORE, UPDATE_AFTER, INSERT, INSERT);
    const slots = groups.slots(rows.map(() => 1));
    program.accumulateSigned(makeBatch(columnsOf(types, rows), 5, kinds), slots, groups.table.columns);
    const gone = makeBatch(columnsOf(types, [a, b]), 2, Uint8Array.of(DELETE, DELETE));
    program.accumulateSigned(gone, groups.slots([1, 1]), groups.table.columns);
    expect(resultsOf(program, calls, groups, 1)).toEqual([1n, 1n, 2147483647, 2147483647, 7n, -3n, 2n, 2.5]);
  });

  test('MIN and MAX say that they need the values', () => {
    const program = compileAggregates(
      [aggregate('MIN', 0, INT, INT), aggregate('COUNT', 0, INT, notNull(BIGINT))],
      schemaOf([INT]),
    );
    expect(program.needsMapToRetract).toEqual([true, false]);
    const groups = new Groups(program);
    const batch = makeBatch(columnsOf([INT], [[1]]), 1);
    expect(() => program.retract(batch, groups.slots([1]), groups.table.columns)).toThrow('keyed map');
  });
});

test('results of before and after a change do not share buffers', () => {
  const calls = [aggregate('SUM', 0, INT, INT)];
  const program = compileAggregates(calls, schemaOf([INT]));
  const groups = new Groups(program);
  const slots = groups.slots([1]);
  const add = (): void => program.accumulate(makeBatch(columnsOf([INT], [[5]]), 1), slots, groups.table.columns);
  add();
  const [before] = program.results(groups.table.columns, slots, 1);
  add();
  const [after] = program.results(groups.table.columns, slots, 1);
  expect([readValue(INT, before, 0), readValue(INT, after, 0)]).toEqual([5, 10]);
});

test('AVG(INT) sums exactly past 2^53', () => {
  const calls = [aggregate('AVG', 0, INT, INT)];
  const program = compileAggregates(calls, schemaOf([INT]));
  const groups = new Groups(program);
  const slots = groups.slots([1]);
  const [sum, count] = groups.table.columns;
  if (sum.layout !== 'i64' || count.layout !== 'f64') throw new Error('state of AVG');
  sum.values[slots[0]] = 3_000_000_000n * 2_147_483_646n;
  count.values[slots[0]] = 3_000_000_000;
  program.accumulate(makeBatch(columnsOf([INT], [[-2147483648]]), 1), slots, groups.table.columns);
  expect(sum.values[slots[0]]).toBe(3_000_000_000n * 2_147_483_646n - 2_147_483_648n);
  expect(resultsOf(program, calls, groups, 1)).toEqual([2147483644]);
});
