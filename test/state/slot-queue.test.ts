import { describe, expect, it } from 'vitest';
import { DOUBLE, notNull } from '../../src/data/types.ts';
import { createStateBackend } from '../../src/state/backend.ts';
import type { KeyedTable, SlotQueue, StateBackend } from '../../src/state/contracts.ts';
import { Cluster, type Key, keyBatch, nameOf, PARALLELISMS, Random, randomKeys } from './support.ts';

interface Entry {
  readonly slot: number;
  readonly time: number;
}

describe('a queue of slots against a plain list', () => {
  for (const seed of [1, 2, 3, 4]) {
    it(`seed ${seed}`, () => {
      const random = new Random(seed);
      const queue = createStateBackend().slotQueue();
      // Few times that are shared, or many.
      const times = seed % 2 === 0 ? 10 : 5000;
      let model: Entry[] = [];
      for (let step = 0; step < 5000; step++) {
        const dice = random.next();
        if (dice < 0.6) {
          const slot = random.int(500);
          if (model.some((entry) => entry.slot === slot)) continue;
          const time = random.chance(0.01) ? random.pick([-Infinity, Infinity]) : random.int(times);
          queue.push(slot, time);
          model.push({ slot, time });
        } else if (dice < 0.8 && model.length > 0) {
          const [{ slot }] = model.splice(random.int(model.length), 1);
          queue.remove(slot);
        } else if (dice < 0.999) {
          const until = random.int(times);
          const slots = new Int32Array(1 + random.int(20));
          const count = queue.pop(until, slots);
          // The sort is stable: those of one time stay in order of their coming.
          const due = model
            .filter(({ time }) => time <= until)
            .sort((a, b) => (a.time < b.time ? -1 : +(a.time > b.time)));
          const expected = due.slice(0, slots.length);
          expect([...slots.subarray(0, count)]).toEqual(expected.map(({ slot }) => slot));
          model = model.filter((entry) => !expected.includes(entry));
        } else {
          queue.clear();
          model = [];
        }
        expect(queue.size).toBe(model.length);
        expect(queue.next()).toBe(model.reduce((least, { time }) => Math.min(least, time), Infinity));
      }
    });
  }
});

it('holds no more memory the longer it is used', () => {
  const random = new Random(7);
  const backend = createStateBackend();
  const queue = backend.slotQueue();
  const slots = new Int32Array(500);
  let largest = 0;
  for (let round = 0; round < 2000; round++) {
    for (let slot = 0; slot < 500; slot++) queue.push(slot, round * 1000 + random.int(100));
    // Half of them are taken out one by one.
    for (let slot = 0; slot < 500; slot += 2) queue.remove(slot);
    expect(queue.pop(round * 1000 + 99, slots)).toBe(250);
    if (round === 20) largest = backend.bytes();
  }
  expect(queue.size).toBe(0);
  expect(backend.bytes()).toBe(largest);
});

/** A time of each key, saved in keyed columns, with a queue that is filled again after a restore: as operators have timers. */
class Timers {
  private readonly table: KeyedTable;
  private readonly queue: SlotQueue;
  private readonly slots = new Int32Array(7);

  constructor(backend: StateBackend) {
    this.table = backend.keyedColumns('timers', { columns: [notNull(DOUBLE)] }).namespace(0);
    this.queue = backend.slotQueue();
  }

  private get times(): Float64Array {
    const [column] = this.table.columns;
    if (column.layout !== 'f64') throw new Error(column.layout);
    return column.values;
  }

  refill(): void {
    expect(this.queue.size).toBe(0);
    for (let from = 0; from >= 0;) {
      from = this.table.scan(from, this.slots);
      for (const slot of this.slots.subarray(0, this.table.found())) this.queue.push(slot, this.times[slot]);
    }
  }

  set(key: Key, time: number): void {
    const isNew = new Uint8Array(1);
    this.table.resolve(keyBatch([key]), 1, this.slots, isNew);
    const [slot] = this.slots;
    if (isNew[0] === 0) this.queue.remove(slot);
    this.times[slot] = time;
    this.queue.push(slot, time);
  }

  cancel(key: Key): void {
    const slot = this.table.findOne(keyBatch([key]), 0);
    this.queue.remove(slot);
    this.table.free(slot);
  }

  /** Names of the keys that were due, in order of their times. */
  fire(until: number): string[] {
    const fired: string[] = [];
    for (;;) {
      const count = this.queue.pop(until, this.slots);
      if (count === 0) return fired;
      const { bytes, starts, ends, nulls } = this.table.keys(this.slots, count);
      for (let i = 0; i < count; i++) {
        const isNull = nulls !== undefined && ((nulls[i >> 3] >> (i & 7)) & 1) === 1;
        fired.push(nameOf(isNull ? null : bytes.slice(starts[i], ends[i])));
      }
      this.table.freeAll(this.slots, count);
    }
  }
}

describe('timers against a plain map, restored at other key-group ranges', () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it(`seed ${seed}`, () => {
      const random = new Random(seed);
      const keys = randomKeys(random, 200);
      // Each key has times of its own, so that the order of all that is due is known.
      const timeOf = (key: Key): number => random.int(1000) * keys.length + keys.indexOf(key);
      const cluster = new Cluster(1, (backend) => new Timers(backend));
      const model = new Map<string, { readonly key: Key; readonly time: number }>();
      let restarts = 0;
      for (let step = 0; step < 3000; step++) {
        const dice = random.next();
        const key = random.pick(keys);
        if (dice < 0.7) {
          const time = timeOf(key);
          cluster.stateOf(key).set(key, time);
          model.set(nameOf(key), { key, time });
        } else if (dice < 0.9) {
          if (model.delete(nameOf(key))) cluster.stateOf(key).cancel(key);
        } else if (dice < 0.95) {
          const until = random.int(300) * keys.length;
          for (const { state } of cluster.tasks) {
            const due = [...model].filter(([, one]) => one.time <= until && cluster.stateOf(one.key) === state);
            due.sort(([, a], [, b]) => a.time - b.time);
            expect(state.fire(until)).toEqual(due.map(([name]) => name));
            for (const [name] of due) model.delete(name);
          }
        } else {
          cluster.checkpoint(random.chance(0.3));
          if (random.chance(0.5)) continue;
          cluster.restart(PARALLELISMS[restarts++ % PARALLELISMS.length]);
          for (const { state } of cluster.tasks) state.refill();
        }
      }
      expect(restarts).toBeGreaterThan(30);
    });
  }
});
