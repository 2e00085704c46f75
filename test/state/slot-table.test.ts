import { describe, expect, it } from 'vitest';
import { BIGINT, DOUBLE, notNull, type SqlType, STRING } from '../../src/data/types.ts';
import { SlotTable } from '../../src/state/slot-table.ts';
import { type Key, keyBatch, nameOf, Random, randomKeys } from './support.ts';

const TIMESTAMP_9: SqlType = { kind: 'TIMESTAMP', precision: 9, nullable: true };
const DECIMAL_38: SqlType = { kind: 'DECIMAL', precision: 38, scale: 0, nullable: true };

/** Writes a number to every column of the keys' slots (found new: as a new slot has to be), and frees some of them. */
function change(table: SlotTable, model: Map<string, number>, keys: readonly Key[], random: Random): void {
  const slots = new Int32Array(keys.length);
  const isNew = new Uint8Array(keys.length);
  table.resolve(keyBatch(keys), keys.length, slots, isNew);
  const fresh = slots.filter((_slot, i) => isNew[i] === 1);
  for (const slot of fresh) expect(valueOf(table, slot)).toBeUndefined();
  keys.forEach((key, i) => {
    const value = random.int(1 << 20);
    write(table, slots[i], value);
    model.set(nameOf(key), value);
  });
  keys.forEach((key, i) => {
    if (!model.has(nameOf(key)) || !random.chance(0.3)) return;
    table.free(slots[i]);
    model.delete(nameOf(key));
  });
}

function write({ columns }: SlotTable, slot: number, value: number): void {
  for (const column of columns) {
    if (column.nulls !== undefined) column.nulls[slot] = 0;
    if (column.layout === 'f64') column.values[slot] = value;
    else if (column.layout === 'i64') column.values[slot] = BigInt(value);
    else if (column.layout === 'bytes') column.set(slot, Buffer.from(`${value}`), 0, `${value}`.length);
    else if (column.layout === 'dec128') [column.high[slot], column.low[slot]] = [1n, BigInt(value)];
    else if (column.layout === 'ts' && column.nanos !== undefined) {
      [column.values[slot], column.nanos[slot]] = [value, value];
    }
  }
}

/** The number that all columns of a slot hold; undefined when all are as new. */
function valueOf({ columns }: SlotTable, slot: number): number | undefined {
  const values = columns.map((column) => {
    if (column.layout !== 'f64' && column.nulls?.[slot] === 1) return undefined;
    if (column.layout === 'f64') return column.values[slot] || undefined;
    if (column.layout === 'i64') return Number(column.values[slot]);
    if (column.layout === 'dec128') return column.high[slot] === 1n ? Number(column.low[slot]) : NaN;
    if (column.layout === 'ts') return column.values[slot] === column.nanos?.[slot] ? column.values[slot] : NaN;
    if (column.layout !== 'bytes') return NaN;
    return Number(
      Buffer.from(column.bytes).toString('latin1', column.starts[slot], column.starts[slot] + column.lengths[slot]),
    );
  });
  expect(new Set(values).size).toBe(1);
  return values[0];
}

/** The value of each key. */
function contents(table: SlotTable): Map<string, number | undefined> {
  const slots = new Int32Array(table.slotCount);
  table.scan(0, slots);
  const live = slots.subarray(0, table.found());
  const { bytes, starts, ends, nulls } = table.keys(live, live.length);
  const keyOf = (i: number): Key =>
    nulls !== undefined && (nulls[i >> 3] & (1 << (i & 7))) !== 0 ? null : bytes.slice(starts[i], ends[i]);
  return new Map([...live].map((slot, i) => [nameOf(keyOf(i)), valueOf(table, slot)]));
}

describe('slot table on its own', () => {
  for (const seed of [41, 42, 43]) {
    it(`finds what was inserted and not freed, across growth and compaction, seed ${seed}`, () => {
      const random = new Random(seed);
      const keys = randomKeys(random, 20_000);
      const table = new SlotTable({ columns: [notNull(DOUBLE)] });
      const model = new Map<string, number>();
      for (let round = 0; round < 60; round++) {
        const some: Key[] = Array.from({ length: 1 + random.int(1500) }, () => random.pick(keys));
        const batch = keyBatch(some);
        const slots = new Int32Array(some.length);
        if (random.chance(0.6)) {
          table.resolve(batch, some.length, slots);
          some.forEach((key, i) => {
            expect(model.get(nameOf(key)) ?? slots[i]).toBe(slots[i]);
            model.set(nameOf(key), slots[i]);
          });
        } else {
          table.find(batch, some.length, slots);
          some.forEach((key, i) => expect(slots[i]).toBe(model.get(nameOf(key)) ?? -1));
          const known = slots.filter((slot) => slot >= 0);
          if (random.chance(0.5)) table.freeAll(known, known.length);
          else for (const slot of new Set(known)) table.free(slot);
          some.forEach((key) => model.delete(nameOf(key)));
        }
        if (random.chance(0.05)) {
          table.clear();
          model.clear();
        }
        expect(table.size).toBe(model.size);
        expect(new Set(model.values()).size).toBe(model.size);
      }
      const slots = new Int32Array(keys.length);
      table.find(keyBatch(keys), keys.length, slots);
      keys.forEach((key, i) => expect(slots[i]).toBe(model.get(nameOf(key)) ?? -1));
    });
  }

  it('finds all keys while they come and go for long', () => {
    const table = new SlotTable({ columns: [] });
    const random = new Random(4);
    const width = 700;
    const live: Key[] = [];
    const slots = new Int32Array(width);
    for (let next = 0; next < 40_000;) {
      const fresh = Array.from({ length: 1 + random.int(99) }, () => Buffer.from(`key ${next++}`));
      expect(table.resolve(keyBatch(fresh), fresh.length, slots)).toBe(fresh.length);
      live.push(...fresh);
      table.find(keyBatch(live), live.length, slots);
      expect(slots.subarray(0, live.length).every((slot) => slot >= 0)).toBe(true);
      const left = random.int(width - 100);
      const gone = live.splice(0, Math.max(0, live.length - left));
      table.find(keyBatch(gone), gone.length, slots);
      table.freeAll(slots, gone.length);
      table.find(keyBatch(gone), gone.length, slots);
      expect(slots.subarray(0, gone.length).every((slot) => slot < 0)).toBe(true);
      expect(table.size).toBe(live.length);
    }
  });

  it('takes free slots in turn, once an eighth of them is free', () => {
    const table = new SlotTable({ columns: [] });
    const slots = new Int32Array(100);
    const insert = (from: number, count: number): number[] => {
      const keys = Array.from({ length: count }, (_, i) => Buffer.from(`key ${from + i}`));
      table.resolve(keyBatch(keys), count, slots);
      return [...slots.subarray(0, count)];
    };
    const all = insert(0, 80);
    table.freeAll(Int32Array.of(70, 30, 31, 10), 4);
    expect(insert(100, 1)).toEqual([80]);
    table.freeAll(Int32Array.from(all.slice(20, 40)), 20);
    expect(insert(200, 3)).toEqual([10, 20, 21]);
    table.free(15);
    expect(insert(300, 4)).toEqual([22, 23, 24, 25]);
  });

  for (const seed of [51, 52, 53]) {
    it(`goes on in the buffers of an emptied larger table, and leaves it ready for use, seed ${seed}`, () => {
      const random = new Random(seed);
      const keys = randomKeys(random, 1500);
      const spec = { columns: [notNull(DOUBLE), BIGINT, STRING, TIMESTAMP_9, DECIMAL_38] };
      const some = (most: number): Key[] => Array.from({ length: 1 + random.int(most) }, () => random.pick(keys));
      let [full, next] = [new SlotTable(spec), new SlotTable(spec)];
      change(full, new Map(), keys, random);
      for (let round = 0; round < 10; round++) {
        const model = new Map<string, number>();
        for (let i = 0; i < 3; i++) change(next, model, some(60), random);
        full.clear();
        expect(full.capacity).toBeGreaterThan(next.capacity);
        next.exchange(full);
        expect(contents(next)).toEqual(model);
        expect(full.size).toBe(0);
        for (let i = 0; i < 3; i++) change(next, model, some(1500), random);
        expect(contents(next)).toEqual(model);
        [full, next] = [next, full];
      }
    });
  }

  it('tells keys of the same hash and length apart', () => {
    const table = new SlotTable({ columns: [] });
    const keys: Key[] = [null, ...Array.from({ length: 300 }, (_, i) => Uint8Array.of(i & 255, i >> 8, 7, 7, 7))];
    const batch = keyBatch(keys);
    batch.hashes.fill(123);
    const slots = new Int32Array(keys.length);
    expect(table.resolve(batch, keys.length, slots)).toBe(keys.length);
    const again = new Int32Array(keys.length);
    for (let i = 0; i < keys.length; i += 3) table.free(slots[i]);
    table.find(batch, keys.length, again);
    again.forEach((slot, i) => expect(slot).toBe(i % 3 === 0 ? -1 : slots[i]));
  });

  it('finds all keys of a batch while the batch itself makes the table grow, the empty key and NULL among them', () => {
    const table = new SlotTable({ columns: [] });
    const key = (i: number): Key => (i === 0 ? null : i === 1 ? new Uint8Array(0) : Buffer.from(`key ${i}`));
    for (let known = 0; known < 40_000; known += 3000) {
      // Every other row is new; later rows name keys that earlier rows of the same batch brought.
      const numbers = Array.from({ length: 6000 }, (_, i) =>
        i % 2 === 0 ? known + (i >> 1) : (i * 7919) % (known + 1),
      );
      const batch = keyBatch(numbers.map(key));
      const slots = new Int32Array(numbers.length);
      table.resolve(batch, numbers.length, slots);
      numbers.forEach((number, i) => expect(slots[i]).toBe(number));
    }
    expect(table.size).toBe(42_000);
  });

  it('resolves keys that are views of its own arena', () => {
    const table = new SlotTable({ columns: [] });
    const keys = randomKeys(new Random(3), 500);
    const slots = new Int32Array(keys.length);
    table.resolve(keyBatch(keys), keys.length, slots);
    const column = table.keys(slots, keys.length);
    const hashes = Int32Array.from(slots, (slot) => table.hashOf(slot));
    const ends = column.ends.map((end, i) => (keys[i] === null ? column.starts[i] - 1 : end));
    const other = new SlotTable({ columns: [] });
    const views = { length: keys.length, bytes: column.bytes, view: column.view, starts: column.starts, ends, hashes };
    expect(other.resolve(views, keys.length, slots)).toBe(keys.length);
    expect(table.resolve(views, keys.length, slots)).toBe(0);
  });
});

describe('variable-length columns', () => {
  it('compact themselves, also when a value comes from their own arena', () => {
    const random = new Random(8);
    const table = new SlotTable({ columns: [STRING, BIGINT] });
    const keys = randomKeys(random, 50);
    const slots = new Int32Array(keys.length);
    table.resolve(keyBatch(keys), keys.length, slots);
    const column = table.columns[0];
    if (column.layout !== 'bytes') throw new Error(column.layout);
    const model = new Map<number, string>();
    for (let round = 0; round < 20_000; round++) {
      const slot = random.pick([...slots]);
      if (random.chance(0.3)) {
        const from = random.pick([...slots]);
        column.set(slot, column.bytes, column.starts[from], column.starts[from] + column.lengths[from]);
        model.set(slot, model.get(from) ?? '');
      } else {
        const text = String(random.int(1e9)).repeat(random.int(20));
        const bytes = Buffer.from(text);
        column.set(slot, bytes, 0, bytes.length);
        model.set(slot, text);
      }
      if (round % 500 === 0) check();
    }
    check();
    // 50 values of at most 180 bytes: garbage does not pile up.
    expect(column.bytes.length).toBeLessThan(64 * 1024);

    function check(): void {
      const at = Int32Array.from(model.keys());
      const gathered = table.gather(0, at, at.length);
      if (gathered.layout !== 'bytes') throw new Error(gathered.layout);
      const { bytes, starts, ends } = gathered;
      at.forEach((slot, i) => {
        expect(Buffer.from(bytes.subarray(starts[i], ends[i])).toString()).toBe(model.get(slot));
      });
    }
  });
});
