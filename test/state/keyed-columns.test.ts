import { describe, expect, it } from 'vitest';
import { encodeValue } from '../../src/data/codec.ts';
import { type Column, isNull } from '../../src/data/column.ts';
import {
  BIGINT,
  BOOLEAN,
  decimal,
  DOUBLE,
  INT,
  notNull,
  type SqlType,
  STRING,
  timestamp,
} from '../../src/data/types.ts';
import type { KeyedColumns, KeyedTable, SlotColumn } from '../../src/state/contracts.ts';
import { createStateBackend } from '../../src/state/backend.ts';
import { Cluster, type Key, keyBatch, nameOf, PARALLELISMS, Random, randomKeys } from './support.ts';

const ARRAY_OF_INT: SqlType = { kind: 'ARRAY', element: INT, nullable: true };
const TYPES = [BIGINT, notNull(DOUBLE), STRING, decimal(30, 2), timestamp(6), BOOLEAN, ARRAY_OF_INT] as const;

/** A value as text, or null. */
type Value = string | null;
type Row = readonly Value[];
const NEW_ROW: Row = [null, '0', null, null, null, null, null];

function randomRow(random: Random): Row {
  const orNull = (value: Value): Value => (random.chance(0.2) ? null : value);
  return [
    orNull(String(random.int(1e9))),
    String(random.next()),
    orNull('x'.repeat(random.int(80))),
    orNull(`${random.int(100)}:${random.int(100)}`),
    orNull(`${random.int(1e6)}:${random.int(1e6)}`),
    orNull(random.chance(0.5) ? '1' : '0'),
    orNull(JSON.stringify(Array.from({ length: random.int(4) }, () => random.int(100)))),
  ];
}

function write(columns: readonly SlotColumn[], slot: number, row: Row): void {
  columns.forEach((column, i) => {
    const value = row[i];
    if (column.nulls !== undefined) column.nulls[slot] = value === null ? 1 : 0;
    if (value === null) return;
    const [a, b] = value.split(':');
    if (column.layout === 'i64') column.values[slot] = BigInt(value);
    else if (column.layout === 'f64' || column.layout === 'i8') column.values[slot] = Number(value);
    else if (column.layout === 'dec128') [column.high[slot], column.low[slot]] = [BigInt(a), BigInt(b)];
    else if (column.layout === 'ts') {
      column.values[slot] = Number(a);
      if (column.nanos !== undefined) column.nanos[slot] = Number(b);
    } else if (column.layout === 'bytes') {
      const bytes = i === 2 ? Buffer.from(value) : encodeList(JSON.parse(value) as number[]);
      column.set(slot, bytes, 0, bytes.length);
    }
  });
}

function encodeList(items: readonly number[]): Uint8Array {
  const element: Column = { layout: 'i32', values: Int32Array.from(items), nulls: undefined };
  const offsets = Int32Array.of(0, items.length);
  return encodeValue(ARRAY_OF_INT, { layout: 'list', offsets, element, nulls: undefined }, 0);
}

function read(column: Column, row: number): Value {
  if (column.layout === 'const' || column.layout === 'dict') throw new Error('a gathered column is flat');
  if (isNull(column.nulls, row)) return null;
  if (column.layout === 'dec128') return `${column.high[row]}:${column.low[row]}`;
  if (column.layout === 'ts') return `${column.values[row]}:${column.nanos?.[row]}`;
  if (column.layout === 'bytes')
    return Buffer.from(column.bytes.slice(column.starts[row], column.ends[row])).toString();
  if (column.layout === 'list' && column.element.layout === 'i32') {
    return JSON.stringify([...column.element.values.slice(column.offsets[row], column.offsets[row + 1])]);
  }
  if (column.layout === 'i64' || column.layout === 'f64' || column.layout === 'i8') return String(column.values[row]);
  throw new Error(column.layout);
}

function contents(table: KeyedTable): Map<string, Row> {
  const rows = new Map<string, Row>();
  const slots = new Int32Array(7);
  for (let from = 0; from !== -1;) {
    from = table.scan(from, slots);
    const count = table.found();
    const keys = table.keys(slots, count);
    const columns = TYPES.map((_, i) => table.gather(i, slots, count));
    for (let i = 0; i < count; i++) {
      const key = isNull(keys.nulls, i)
        ? 'NULL'
        : Buffer.from(keys.bytes.slice(keys.starts[i], keys.ends[i])).toString('hex');
      rows.set(
        key,
        columns.map((column) => read(column, i)),
      );
    }
  }
  return rows;
}

type Model = Map<number, Map<string, Row>>;

const copy = (model: Model): Model => new Map([...model].map(([id, rows]) => [id, new Map(rows)]));

function verify(cluster: Cluster<KeyedColumns>, model: Model): void {
  const actual = new Map<number, Map<string, Row>>();
  for (const { state } of cluster.tasks) {
    for (const id of state.namespaces()) {
      const table = state.namespace(id);
      const rows = contents(table);
      expect(table.size).toBe(rows.size);
      if (rows.size > 0) actual.set(id, new Map([...(actual.get(id) ?? []), ...rows]));
    }
  }
  const expected = new Map([...model].filter(([, rows]) => rows.size > 0));
  expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [id, rows] of expected) expect(sorted(actual.get(id))).toEqual(sorted(rows));
}

const sorted = (rows: ReadonlyMap<string, Row> | undefined): unknown[] =>
  [...(rows ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));

function upsert(cluster: Cluster<KeyedColumns>, model: Model, id: number, keys: readonly Key[], random: Random): void {
  const rows = model.get(id) ?? new Map<string, Row>();
  model.set(id, rows);
  for (const part of cluster.split(keys)) {
    const table = part.state.namespace(id);
    const count = part.keys.length;
    const slots = new Int32Array(count);
    const isNew = new Uint8Array(count);
    const known = new Set(rows.keys());
    const fresh = table.resolve(keyBatch(part.keys), count, slots, isNew);
    part.keys.forEach((key, i) => {
      const name = nameOf(key);
      expect(isNew[i] === 1).toBe(!known.has(name));
      if (!known.has(name)) rows.set(name, NEW_ROW);
      known.add(name);
    });
    expect(fresh).toBe(isNew.reduce((a, b) => a + b, 0));
    // Some rows only resolve, so that new slots must be blank.
    part.keys.forEach((key, i) => {
      if (random.chance(0.1)) return;
      const row = randomRow(random);
      write(table.columns, slots[i], row);
      rows.set(nameOf(key), row);
    });
  }
}

function freeSome(
  cluster: Cluster<KeyedColumns>,
  model: Model,
  id: number,
  keys: readonly Key[],
  random: Random,
): void {
  const rows = model.get(id);
  for (const { state, keys: own } of cluster.split(keys)) {
    const table = state.peek(id);
    if (table === undefined) continue;
    const slots = new Int32Array(own.length);
    table.find(keyBatch(own), own.length, slots);
    own.forEach((key, i) => expect(slots[i] >= 0).toBe(rows?.has(nameOf(key)) ?? false));
    const known = slots.filter((slot) => slot >= 0);
    if (random.chance(0.5)) table.freeAll(known, known.length);
    else for (const slot of new Set(known)) table.free(slot);
    for (const key of own) rows?.delete(nameOf(key));
  }
}

describe('keyed columns against a plain model', () => {
  for (const seed of [1, 2, 3, 4]) {
    it(`seed ${seed}`, () => {
      const random = new Random(seed);
      const keys = randomKeys(random, seed % 2 === 0 ? 60 : 1500);
      const cluster = new Cluster(1, (backend) => backend.keyedColumns('t', { columns: TYPES }));
      let model: Model = new Map();
      let committed: Model = new Map();
      let restarts = 0;
      const some = (most: number): Key[] => Array.from({ length: 1 + random.int(most) }, () => random.pick(keys));
      for (let step = 0; step < 160; step++) {
        const id = random.pick([0, 10, 20, 30]);
        const dice = random.next();
        if (dice < 0.5) upsert(cluster, model, id, some(random.chance(0.15) ? 1000 : 30), random);
        else if (dice < 0.68) freeSome(cluster, model, id, some(random.chance(0.2) ? 500 : 20), random);
        else if (dice < 0.74) {
          for (const { state } of cluster.tasks) state.drop(id);
          model.delete(id);
        } else if (dice < 0.9) {
          cluster.checkpoint(random.chance(0.2));
          committed = copy(model);
        } else if (committed.size > 0) {
          cluster.restart(PARALLELISMS[restarts++ % PARALLELISMS.length]);
          model = copy(committed);
          verify(cluster, model);
        }
      }
      verify(cluster, model);
      expect(restarts).toBeGreaterThan(3);
    });
  }
});

describe('sliced snapshots of large tables', () => {
  it('keep delta semantics, also in half of the key groups', () => {
    const random = new Random(9);
    const keys = randomKeys(random, 12000);
    const cluster = new Cluster(1, (backend) => backend.keyedColumns('t', { columns: TYPES }));
    const model: Model = new Map();
    upsert(cluster, model, 0, keys, random);
    cluster.checkpoint(false);
    freeSome(cluster, model, 0, keys.slice(0, 3000), random);
    upsert(cluster, model, 0, keys.slice(2000, 9000), random);
    cluster.checkpoint(false);
    cluster.restart(2);
    verify(cluster, model);
    cluster.checkpoint(false);
    upsert(cluster, model, 0, keys.slice(0, 50), random);
    cluster.checkpoint(false);
    cluster.restart(1);
    verify(cluster, model);
  });
});

describe('TTL', () => {
  const spec = { columns: [BIGINT], ttl: 100 };
  const key = keyBatch([Uint8Array.of(1), Uint8Array.of(2)]);
  const slots = new Int32Array(2);

  it('hides entries not written for the time, starts them anew on the next write, and survives a restore', () => {
    const backend = createStateBackend();
    const table = backend.keyedColumns('t', spec).namespace(0);
    const isNew = new Uint8Array(2);
    table.resolve(key, 2, slots, isNew, 1000);
    write(table.columns, slots[0], ['7']);
    write(table.columns, slots[1], ['8']);
    table.resolve(key, 1, slots, isNew, 1050);
    expect(isNew[0]).toBe(0);
    table.find(key, 2, slots, 1099);
    expect([...slots].every((slot) => slot >= 0)).toBe(true);
    const restored = createStateBackend();
    const again = restored.keyedColumns('t', spec);
    restored.restore(backend.snapshot(false), { from: 0, to: 128 });
    for (const one of [table, again.namespace(0)]) {
      one.find(key, 2, slots, 1100);
      expect(slots[0]).toBeGreaterThanOrEqual(0);
      expect(slots[1]).toBe(-1);
      expect(one.resolve(key, 2, slots, isNew, 1120)).toBe(1);
      expect([...isNew]).toEqual([0, 1]);
      expect(read(one.gather(0, slots, 2), 0)).toBe('7');
      expect(read(one.gather(0, slots, 2), 1)).toBe(null);
    }
  });

  it('starts a key anew once, however often it is in the batch', () => {
    const table = createStateBackend().keyedColumns('t', spec).namespace(0);
    const twice = keyBatch([Uint8Array.of(1), Uint8Array.of(1), Uint8Array.of(1)]);
    const found = new Int32Array(3);
    const isNew = new Uint8Array(3);
    // New, then expired: each time the first row alone makes it.
    for (const now of [1000, 2000]) {
      expect(table.resolve(twice, 3, found, isNew, now)).toBe(1);
      expect([...isNew]).toEqual([1, 0, 0]);
      expect(new Set(found).size).toBe(1);
    }
  });

  it('frees expired slots as later batches come', () => {
    const table = createStateBackend().keyedColumns('t', spec).namespace(0);
    const many = randomKeys(new Random(3), 5000);
    table.resolve(keyBatch(many), many.length, new Int32Array(many.length), undefined, 0);
    for (let now = 200; now < 200 + 6000; now += 10) table.resolve(key, 2, slots, undefined, now);
    expect(table.size).toBe(2);
  });
});

describe('buffers', () => {
  it('are reused from window to window', () => {
    const backend = createStateBackend();
    const state = backend.keyedColumns('t', { columns: TYPES });
    const keys = randomKeys(new Random(5), 3000);
    const slots = new Int32Array(keys.length);
    const fill = (id: number): void => {
      expect(state.namespace(id).resolve(keyBatch(keys), keys.length, slots)).toBe(keys.length);
      for (const slot of slots) write(state.namespace(id).columns, slot, ['1', '2', 'abc', '3:4', '5:6', '1', '[1]']);
    };
    fill(0);
    fill(1);
    const before = backend.bytes();
    for (let id = 2; id < 30; id++) {
      state.drop(id - 2);
      state.namespace(id).resolve(keyBatch(keys), keys.length, slots);
      expect(contents(state.namespace(id)).get('NULL')).toEqual(NEW_ROW);
      fill(id + 100);
      state.drop(id + 100);
      backend.snapshot(false);
    }
    expect(backend.bytes()).toBeLessThan(before * 2.5);
  });
});
