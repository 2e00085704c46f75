import { describe, expect, it } from 'vitest';
import { BIGINT, DOUBLE, notNull, STRING } from '../../src/data/types.ts';
import { SlotTable } from '../../src/state/slot-table.ts';
import { type Key, keyBatch, nameOf, Random, randomKeys } from './support.ts';

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
