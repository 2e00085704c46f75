import { describe, expect, it } from 'vitest';
import { type Batch, DELETE, INSERT, makeBatch, UPDATE_AFTER, UPDATE_BEFORE } from '../../src/data/batch.ts';
import { columnFromValues } from '../../src/data/builder.ts';
import type { Column } from '../../src/data/column.ts';
import { keyGroupOf } from '../../src/data/hash.ts';
import type { DistinctKeys } from '../../src/planner/physical.ts';
import { keysOfColumn } from '../../src/state/key-log.ts';
import { HeadwaterError } from '../../src/data/errors.ts';
import { BIGINT, notNull, type Schema, type SqlType, STRING } from '../../src/data/types.ts';
import { ChangeBuffer } from '../../src/store/change-buffer.ts';
import { ChunkFormat, DELETED, UPSERT } from '../../src/store/chunk.ts';
import {
  below,
  type Change,
  changeBatch,
  columnsOf,
  jsonColumns,
  jsonRow,
  modelKey,
  type PlainRow,
  randomChange,
  seeded,
  WIDE,
  WIDE_KEY,
} from './support.ts';
import { readValue } from '../../src/data/read.ts';

const TIMESTAMP_3: SqlType = { kind: 'TIMESTAMP', precision: 3, nullable: false };
const SIMPLE: Schema = [
  { name: 'user', type: notNull(STRING) },
  { name: 'total', type: notNull(BIGINT) },
];

/** Net changes per key as a Map would hold them: JSON of the row, or `deleted`. */
function model(changes: readonly Change[]): Map<string, string> {
  const net = new Map<string, string>();
  for (const { kind, row } of changes) {
    net.set(modelKey(row), kind === DELETE || kind === UPDATE_BEFORE ? 'deleted' : jsonRow(WIDE, row));
  }
  return net;
}

function read(chunks: readonly Uint8Array[], epoch: number, firstIndex: number): Map<string, string> {
  const format = new ChunkFormat(WIDE, WIDE_KEY);
  const found = new Map<string, string>();
  let index = firstIndex;
  for (const bytes of chunks) {
    const chunk = format.decode(bytes);
    expect([chunk.epoch, chunk.firstIndex]).toEqual([epoch, index]);
    index += chunk.count;
    for (let i = 0; i < chunk.count; i++) {
      const row = WIDE.map(({ type }, c) => readValue(type, chunk.columns[c], i));
      const key = modelKey(row);
      expect(found.has(key), `two changes of ${key}`).toBe(false);
      found.set(key, chunk.ops[i] === DELETED ? 'deleted' : jsonColumns(WIDE, chunk.columns, i));
      expect([UPSERT, DELETED]).toContain(chunk.ops[i]);
    }
  }
  return found;
}

const sorted = (net: Map<string, string>): [string, string][] => [...net].sort(([a], [b]) => (a < b ? -1 : 1));

function codeAndMessage(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof HeadwaterError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'none';
}

describe('ChangeBuffer', () => {
  for (const seed of [1, 2, 3, 4]) {
    it(`holds the net change per key, as a Map does (seed ${seed})`, () => {
      const random = seeded(seed);
      const buffer = new ChangeBuffer(WIDE, WIDE_KEY);
      for (let epoch = 1; epoch <= 6; epoch++) {
        const all: Change[] = [];
        const keys = [1, 10, 3000][below(random, 3)];
        for (let batches = below(random, 8); batches > 0; batches--) {
          const changes = Array.from({ length: below(random, 200) }, () => randomChange(random, keys));
          all.push(...changes);
          buffer.add(changeBatch(WIDE, changes, random() < 0.5));
        }
        const expected = model(all);
        expect(buffer.size).toBe(expected.size);
        expect(sorted(read(buffer.take(epoch, epoch * 7), epoch, epoch * 7))).toEqual(sorted(expected));
        expect(buffer.size).toBe(0);
      }
    });
  }

  it('cuts large epochs into chunks of bounded size and keeps its memory for the next', () => {
    const buffer = new ChangeBuffer(SIMPLE, [0]);
    const fill = (): void => {
      const rows: PlainRow[] = Array.from({ length: 20_000 }, (_, i) => [`user_${i}_${'x'.repeat(100)}`, BigInt(i)]);
      buffer.add(makeBatch(columnsOf(SIMPLE, rows), rows.length));
    };
    fill();
    const staged = buffer.bytes();
    const chunks = buffer.take(1);
    const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    expect(chunks.length).toBeGreaterThan(4);
    for (const chunk of chunks) expect(chunk.length).toBeLessThan(1.2 * 2 ** 20);
    // The estimate does not know what is packed.
    expect(staged).toBeGreaterThan(0.9 * total);
    expect(staged).toBeLessThan(1.3 * total);
    expect(buffer.bytes()).toBe(0);
    const memory = buffer.memory();
    fill();
    expect(buffer.memory()).toBe(memory);
  });

  it('takes nothing from an epoch without changes', () => {
    const buffer = new ChangeBuffer(WIDE, WIDE_KEY);
    expect(buffer.take(1)).toEqual([]);
  });

  it('takes a -U whose +U was filtered away as a delete', () => {
    const buffer = new ChangeBuffer(WIDE, WIDE_KEY);
    buffer.add(changeBatch(WIDE, [{ ...randomChange(seeded(1), 3), kind: UPDATE_BEFORE }], false));
    const [chunk] = buffer.take(2).map((bytes) => new ChunkFormat(WIDE, WIDE_KEY).decode(bytes));
    expect([...chunk.ops]).toEqual([DELETED]);
  });

  it("refuses NULL in a NOT NULL column with Flink's text, but for deleted rows outside the key", () => {
    const buffer = new ChangeBuffer(SIMPLE, [0]);
    const batch = (kind: number, row: PlainRow): Parameters<ChangeBuffer['add']>[0] =>
      makeBatch(
        [columnFromValues(STRING, [row[0]]), columnFromValues(BIGINT, [row[1]])],
        1,
        kind === INSERT ? undefined : Uint8Array.of(kind),
      );
    const text = (column: string): string =>
      `not-null-violation: Column '${column}' is NOT NULL, however, a null value is being written into it. You can ` +
      "set job configuration 'table.exec.sink.not-null-enforcer'='DROP' to suppress this exception and drop such " +
      'records silently.';
    expect(codeAndMessage(() => buffer.add(batch(INSERT, ['a', null])))).toBe(text('total'));
    expect(codeAndMessage(() => buffer.add(batch(UPDATE_AFTER, ['a', null])))).toBe(text('total'));
    expect(codeAndMessage(() => buffer.add(batch(DELETE, [null, 1n])))).toBe(text('user'));
    expect(codeAndMessage(() => buffer.add(batch(DELETE, ['a', null])))).toBe('none');
    expect(buffer.size).toBe(1);
  });

  it('leaves such rows out when asked to', () => {
    const buffer = new ChangeBuffer(SIMPLE, [0], 'drop');
    const columns = [columnFromValues(STRING, ['a', null, 'b', 'c']), columnFromValues(BIGINT, [1n, 2n, null, null])];
    buffer.add(makeBatch(columns, 4, Uint8Array.of(INSERT, INSERT, UPDATE_AFTER, DELETE)));
    const chunk = new ChunkFormat(SIMPLE, [0]).decode(buffer.take(1)[0]);
    const upsert = chunk.ops.indexOf(UPSERT);
    expect([...chunk.ops].sort()).toEqual([UPSERT, DELETED]);
    expect(jsonColumns(SIMPLE, chunk.columns, upsert)).toBe('["a","1"]');
  });

  it('reads constant and dictionary columns', () => {
    const buffer = new ChangeBuffer(SIMPLE, [0]);
    const users = columnFromValues(STRING, ['a', 'b', 'c']);
    const columns = [
      { layout: 'dict', indices: Int32Array.of(2, 0, 1, 2), values: users, nulls: undefined },
      { layout: 'const', value: columnFromValues(BIGINT, [9n]), nulls: undefined },
    ] as const;
    buffer.add(makeBatch(columns, 4));
    const [bytes] = buffer.take(1);
    const chunk = new ChunkFormat(SIMPLE, [0]).decode(bytes);
    const rows = Array.from({ length: chunk.count }, (_, i) => jsonColumns(SIMPLE, chunk.columns, i));
    expect(rows.sort()).toEqual(['["a","9"]', '["b","9"]', '["c","9"]']);
  });
});

describe('ChangeBuffer that knows which keys are distinct', () => {
  const WINDOWED: Schema = [
    { name: 'user', type: notNull(STRING) },
    { name: 'total', type: notNull(BIGINT) },
    { name: 'window_end', type: notNull(TIMESTAMP_3) },
  ];
  const windowOf = (end: number): Column => ({
    layout: 'const',
    value: { layout: 'ts', values: Float64Array.of(end), nanos: undefined, nulls: undefined },
    nulls: undefined,
  });
  const batchOf = (users: number[], total: number, end: number): Batch =>
    makeBatch(
      [
        columnFromValues(
          STRING,
          users.map((user) => `u${user}`),
        ),
        columnFromValues(
          BIGINT,
          users.map(() => BigInt(total)),
        ),
        windowOf(end),
      ],
      users.length,
    );
  const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
  const ROWS_OF_A_WINDOW: DistinctKeys = { of: 'column', column: 2 };

  const net = (chunks: readonly Uint8Array[], key: readonly number[]): Map<string, string> => {
    const format = new ChunkFormat(WINDOWED, key);
    const found = new Map<string, string>();
    let index = 5;
    for (const bytes of chunks) {
      const chunk = format.decode(bytes);
      expect([chunk.epoch, chunk.firstIndex]).toEqual([9, index]);
      index += chunk.count;
      for (let i = 0; i < chunk.count; i++) {
        const [user, total, end] = JSON.parse(jsonColumns(WINDOWED, chunk.columns, i)) as string[];
        const id = key.length === 1 ? user : `${user} ${end}`;
        expect(found.has(id), `two changes of ${id}`).toBe(false);
        found.set(id, total);
        const group = keyGroupOf(keysOfColumn(chunk.keys, i, i + 1).hashes[0]);
        expect(group >= chunk.keyGroups.lowest && group <= chunk.keyGroups.highest).toBe(true);
      }
    }
    return found;
  };

  it.each<[string, readonly [users: number[], end: number][]]>([
    [
      'one window in large batches',
      [
        [range(0, 2000), 1],
        [range(2000, 3000), 1],
      ],
    ],
    [
      'one window, large and small batches',
      [
        [range(0, 2000), 1],
        [range(2000, 2010), 1],
        [range(2010, 4000), 1],
      ],
    ],
    [
      'two windows: the later row of a key wins',
      [
        [range(0, 2000), 1],
        [range(1000, 3000), 2],
      ],
    ],
    [
      'a small batch of the next window',
      [
        [range(0, 2000), 1],
        [range(1990, 2005), 2],
        [range(100, 900), 2],
      ],
    ],
    [
      'small batches, then a large one of the next window',
      [
        [range(0, 10), 1],
        [range(0, 2000), 2],
        [range(5, 1500), 3],
      ],
    ],
  ])('%s', (_name, batches) => {
    for (const distinct of [undefined, ROWS_OF_A_WINDOW]) {
      const buffer = new ChangeBuffer(WINDOWED, [0], 'error', distinct);
      const expected = new Map<string, string>();
      for (const round of [1, 2]) {
        expected.clear();
        batches.forEach(([users, end], i) => {
          buffer.add(batchOf(users, round * 10 + i, end));
          for (const user of users) expected.set(`u${user}`, String(round * 10 + i));
        });
        expect(buffer.size).toBe(expected.size);
        expect(sorted(net(buffer.take(9, 5), [0]))).toEqual(sorted(expected));
        expect(buffer.size).toBe(0);
      }
    }
  });

  it('rows whose key holds what identifies them are never looked up', () => {
    const buffer = new ChangeBuffer(WINDOWED, [0, 2], 'error', { of: 'all' });
    buffer.add(batchOf(range(0, 1000), 1, 1));
    buffer.add(batchOf(range(500, 1500), 2, 2));
    buffer.add(batchOf(range(0, 3), 3, 3));
    const memory = buffer.memory();
    expect(net(buffer.take(9, 5), [0, 2]).size).toBe(2003);
    expect(buffer.memory()).toBeLessThan(memory);
  });

  it('a chunk of large rows is divided', () => {
    const buffer = new ChangeBuffer(SIMPLE, [0], 'error', { of: 'all' });
    const users = range(0, 600).map((user) => `${user}`.padStart(10_000, 'x'));
    const totals = users.map((_, i) => BigInt(i));
    buffer.add(makeBatch([columnFromValues(STRING, users), columnFromValues(BIGINT, totals)], 600));
    const chunks = buffer.take(1);
    expect(chunks.length).toBeGreaterThan(5);
    const format = new ChunkFormat(SIMPLE, [0]);
    const rows = chunks.flatMap((bytes) => {
      const chunk = format.decode(bytes);
      expect(bytes.length).toBeLessThan(1.1 * (1 << 20));
      return range(0, chunk.count).map((i) => jsonColumns(SIMPLE, chunk.columns, i));
    });
    expect(rows).toEqual(users.map((user, i) => JSON.stringify([user, String(i)])));
  });
});
