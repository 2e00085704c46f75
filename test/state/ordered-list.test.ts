import { describe, expect, it } from 'vitest';
import { BIGINT } from '../../src/data/types.ts';
import { createStateBackend } from '../../src/state/backend.ts';
import type { OrderedKeyedList } from '../../src/state/contracts.ts';
import { Cluster, type Key, keyBatch, nameOf, PARALLELISMS, Random, randomKeys } from './support.ts';

/** Per key, rows in order: (order, value); equal orders in order of arrival. */
type Model = Map<string, [number, bigint][]>;

const copy = (model: Model): Model => new Map([...model].map(([name, rows]) => [name, [...rows]]));

function values(list: OrderedKeyedList, slots: readonly number[]): [number, bigint][] {
  const column = list.gather(0, Int32Array.from(slots), slots.length);
  if (column.layout !== 'i64') throw new Error(column.layout);
  const { values: own } = column;
  return slots.map((slot, i) => [list.orderOf(slot), own[i]]);
}

function walk(list: OrderedKeyedList, key: Key, from: number): number[] {
  const slots: number[] = [];
  for (let slot = list.lowerBound(keyBatch([key]), 0, from); slot !== -1; slot = list.next(slot)) slots.push(slot);
  return slots;
}

function verify(cluster: Cluster<OrderedKeyedList>, model: Model, keys: readonly Key[], random: Random): void {
  let size = 0;
  for (const key of keys) {
    const list = cluster.stateOf(key);
    const rows = model.get(nameOf(key)) ?? [];
    const slots = walk(list, key, -Infinity);
    expect(values(list, slots)).toEqual(rows);
    size += rows.length;
    const from = random.int(1000);
    expect(values(list, walk(list, key, from))).toEqual(rows.filter(([order]) => order >= from));
    const back: number[] = [];
    for (let slot = slots.at(-1) ?? -1; slot !== -1; slot = list.previous(slot)) back.unshift(slot);
    expect(back).toEqual(slots);
  }
  expect(cluster.tasks.reduce((sum, { state }) => sum + state.size, 0)).toBe(size);
}

function insert(
  cluster: Cluster<OrderedKeyedList>,
  model: Model,
  keys: readonly Key[],
  clock: number,
  random: Random,
): void {
  for (const part of cluster.split(keys)) {
    const count = part.keys.length;
    // Mostly in order of time, sometimes far behind.
    const order = Float64Array.from(part.keys, () => (random.chance(0.7) ? clock + random.int(5) : random.int(1000)));
    const slots = new Int32Array(count);
    part.state.insert(keyBatch(part.keys), order, count, slots);
    const column = part.state.columns[0];
    if (column.layout !== 'i64' || column.nulls === undefined) throw new Error(column.layout);
    for (let i = 0; i < count; i++) {
      const value = BigInt(random.int(1e9));
      column.values[slots[i]] = value;
      column.nulls[slots[i]] = 0;
      const rows = model.get(nameOf(part.keys[i])) ?? [];
      const at = rows.findIndex(([other]) => other > order[i]);
      rows.splice(at === -1 ? rows.length : at, 0, [order[i], value]);
      model.set(nameOf(part.keys[i]), rows);
    }
  }
}

function removeSome(cluster: Cluster<OrderedKeyedList>, model: Model, key: Key, random: Random): void {
  const list = cluster.stateOf(key);
  const rows = model.get(nameOf(key)) ?? [];
  const fromFront = random.chance(0.6);
  for (let n = random.int(8); n > 0 && rows.length > 0; n--) {
    const at = fromFront ? 0 : random.int(rows.length);
    list.remove(walk(list, key, -Infinity)[at]);
    rows.splice(at, 1);
  }
}

describe('ordered list against a plain model', () => {
  for (const seed of [21, 22, 23, 24]) {
    it(`seed ${seed}`, () => {
      const random = new Random(seed);
      const keys = randomKeys(random, seed % 2 === 0 ? 4 : 60);
      const cluster = new Cluster(1, (backend) => backend.orderedList('l', { columns: [BIGINT] }));
      let model: Model = new Map();
      let committed: Model | undefined;
      let restarts = 0;
      for (let step = 0; step < 200; step++) {
        const dice = random.next();
        if (dice < 0.4) {
          const some = Array.from({ length: 1 + random.int(30) }, () => random.pick(keys));
          insert(cluster, model, some, step * 5, random);
        } else if (dice < 0.75) removeSome(cluster, model, random.pick(keys), random);
        else if (dice < 0.92) {
          cluster.checkpoint(random.chance(0.2));
          committed = copy(model);
        } else if (committed !== undefined) {
          cluster.restart(PARALLELISMS[restarts++ % PARALLELISMS.length]);
          model = copy(committed);
          verify(cluster, model, keys, random);
        }
      }
      verify(cluster, model, keys, random);
      expect(restarts).toBeGreaterThan(3);
    });
  }

  it('with a TTL passes over expired rows and frees them as later ones come', () => {
    const list = createStateBackend().orderedList('l', { columns: [BIGINT], ttl: 100 });
    const slots = new Int32Array(1);
    for (let now = 0; now < 1000; now += 10) list.insert(keyBatch([null]), Float64Array.of(now), 1, slots, now);
    expect(walk(list, null, 0).map((slot) => list.orderOf(slot))).toEqual([
      900, 910, 920, 930, 940, 950, 960, 970, 980, 990,
    ]);
    expect(list.size).toBeLessThan(30);
  });

  it('keeps a write through touch', () => {
    const backend = createStateBackend();
    const list = backend.orderedList('l', { columns: [BIGINT] });
    const slots = new Int32Array(1);
    list.insert(keyBatch([null]), Float64Array.of(1), 1, slots);
    const blobs = backend.snapshot(false);
    const column = list.columns[0];
    if (column.layout !== 'i64' || column.nulls === undefined) throw new Error(column.layout);
    column.values[slots[0]] = 5n;
    column.nulls[slots[0]] = 0;
    list.touch(slots[0]);
    const restored = createStateBackend();
    const again = restored.orderedList('l', { columns: [BIGINT] });
    restored.restore([...blobs, ...backend.snapshot(false)], { from: 0, to: 128 });
    expect(values(again, walk(again, null, 0))).toEqual([[1, 5n]]);
  });
});
