import { describe, expect, it } from 'vitest';
import { isNull } from '../../src/data/column.ts';
import { BIGINT } from '../../src/data/types.ts';
import { createStateBackend } from '../../src/state/backend.ts';
import type { KeyedMap, KeyedMapTable } from '../../src/state/contracts.ts';
import { Cluster, type Key, keyBatch, nameOf, PARALLELISMS, Random, randomKeys } from './support.ts';

/** Per namespace and key: entries in order of insertion. */
type Model = Map<number, Map<string, { key: Key; entries: Map<string, bigint> }>>;

const copy = (model: Model): Model =>
  new Map(
    [...model].map(([id, keys]) => [
      id,
      new Map([...keys].map(([name, { key, entries }]) => [name, { key, entries: new Map(entries) }])),
    ]),
  );

function walk(table: KeyedMapTable, key: Key): [string, bigint][] {
  const slots: number[] = [];
  for (let slot = table.first(keyBatch([key]), 0); slot !== -1; slot = table.next(slot)) slots.push(slot);
  const at = Int32Array.from(slots);
  const sub = table.subKeys(at, at.length);
  const values = table.gather(0, at, at.length);
  if (values.layout !== 'i64') throw new Error(values.layout);
  return slots.map((_, i) => [
    isNull(sub.nulls, i) ? 'NULL' : Buffer.from(sub.bytes.slice(sub.starts[i], sub.ends[i])).toString('hex'),
    values.values[i],
  ]);
}

function verify(cluster: Cluster<KeyedMap>, model: Model, keys: readonly Key[]): void {
  for (const id of [0, 1]) {
    let size = 0;
    for (const key of keys) {
      const expected = [...(model.get(id)?.get(nameOf(key))?.entries ?? [])];
      const table = cluster.stateOf(key).peek(id);
      expect(table === undefined ? [] : walk(table, key)).toEqual(expected);
      size += expected.length;
    }
    expect(cluster.tasks.reduce((sum, { state }) => sum + (state.peek(id)?.size ?? 0), 0)).toBe(size);
  }
}

function upsert(
  cluster: Cluster<KeyedMap>,
  model: Model,
  id: number,
  pairs: readonly [Key, Key][],
  random: Random,
): void {
  const byName = new Map(pairs.map(([key]) => [nameOf(key), key]));
  for (const { state, keys } of cluster.split([...byName.values()])) {
    const own = pairs.filter(([key]) => keys.includes(key));
    const table = state.namespace(id);
    const slots = new Int32Array(own.length);
    const isNew = new Uint8Array(own.length);
    const [first, second] = [keyBatch(own.map(([key]) => key)), keyBatch(own.map(([, sub]) => sub))];
    table.resolve(first, second, own.length, slots, isNew);
    const values = table.columns[0];
    if (values.layout !== 'i64') throw new Error(values.layout);
    const keysOf = model.get(id) ?? new Map();
    model.set(id, keysOf);
    own.forEach(([key, sub], i) => {
      const entry = keysOf.get(nameOf(key)) ?? { key, entries: new Map<string, bigint>() };
      keysOf.set(nameOf(key), entry);
      expect(isNew[i] === 1).toBe(!entry.entries.has(nameOf(sub)));
      const value = BigInt(random.int(1e9));
      values.values[slots[i]] = value;
      if (values.nulls !== undefined) values.nulls[slots[i]] = 0;
      entry.entries.set(nameOf(sub), value);
    });
  }
}

function freeSome(cluster: Cluster<KeyedMap>, model: Model, id: number, pairs: readonly [Key, Key][]): void {
  for (const [key, sub] of pairs) {
    const table = cluster.stateOf(key).peek(id);
    const entries = model.get(id)?.get(nameOf(key))?.entries;
    if (table === undefined) continue;
    const slot = new Int32Array(2);
    // The second row is a key that is not there, so that found and missing rows mix.
    table.find(keyBatch([key, Uint8Array.of(9, 9, 9)]), keyBatch([sub, sub]), 2, slot);
    expect(slot[1]).toBe(-1);
    expect(slot[0] >= 0).toBe(entries?.has(nameOf(sub)) ?? false);
    if (slot[0] >= 0) table.free(slot[0]);
    entries?.delete(nameOf(sub));
  }
}

describe('keyed map against a plain model', () => {
  for (const seed of [11, 12, 13, 14]) {
    it(`seed ${seed}`, () => {
      const random = new Random(seed);
      const keys = randomKeys(random, seed % 2 === 0 ? 10 : 120);
      const subKeys = randomKeys(random, 25);
      const cluster = new Cluster(1, (backend) => backend.keyedMap('m', { columns: [BIGINT] }));
      let model: Model = new Map();
      let committed: Model | undefined;
      let restarts = 0;
      const some = (most: number): [Key, Key][] =>
        Array.from({ length: 1 + random.int(most) }, () => [random.pick(keys), random.pick(subKeys)]);
      for (let step = 0; step < 150; step++) {
        const id = random.int(2);
        const dice = random.next();
        if (dice < 0.45) upsert(cluster, model, id, some(60), random);
        else if (dice < 0.7) freeSome(cluster, model, id, some(60));
        else if (dice < 0.74) {
          for (const { state } of cluster.tasks) state.drop(id);
          model.delete(id);
        } else if (dice < 0.9) {
          cluster.checkpoint(random.chance(0.2));
          committed = copy(model);
        } else if (committed !== undefined) {
          cluster.restart(PARALLELISMS[restarts++ % PARALLELISMS.length]);
          model = copy(committed);
          verify(cluster, model, keys);
        }
      }
      verify(cluster, model, keys);
      expect(restarts).toBeGreaterThan(3);
    });
  }

  it('with a TTL passes over expired entries and puts rewritten ones at the end', () => {
    const table = createStateBackend()
      .keyedMap('m', { columns: [BIGINT], ttl: 100 })
      .namespace(0);
    const key = keyBatch([null, null, null]);
    const subs = keyBatch([Uint8Array.of(1), null, Uint8Array.of(3)]);
    const slots = new Int32Array(3);
    const isNew = new Uint8Array(3);
    table.resolve(key, subs, 3, slots, isNew, 0);
    const [first, , third] = slots;
    table.resolve(keyBatch([null]), keyBatch([null]), 1, slots, isNew, 60);
    expect(table.first(key, 0, 99)).toBe(first);
    expect(table.first(key, 0, 120)).toBe(slots[0]);
    expect(table.next(slots[0], 120)).toBe(-1);
    expect(table.next(slots[0], 99)).toBe(third);
    expect(table.resolve(keyBatch([null]), keyBatch([Uint8Array.of(1)]), 1, slots, isNew, 130)).toBe(1);
    expect(walk(table, null).map(([name]) => name)).toEqual(['NULL', '01']);
  });

  it('keeps a write through touch', () => {
    const backend = createStateBackend();
    const table = backend.keyedMap('m', { columns: [BIGINT] }).namespace(0);
    const slots = new Int32Array(1);
    table.resolve(keyBatch([null]), keyBatch([null]), 1, slots);
    const blobs = backend.snapshot(false);
    const column = table.columns[0];
    if (column.layout !== 'i64' || column.nulls === undefined) throw new Error(column.layout);
    column.values[slots[0]] = 5n;
    column.nulls[slots[0]] = 0;
    expect(backend.snapshot(false)).toEqual([]);
    table.touch(slots[0]);
    const restored = createStateBackend();
    const again = restored.keyedMap('m', { columns: [BIGINT] });
    restored.restore([...blobs, ...backend.snapshot(false)], { from: 0, to: 128 });
    expect(walk(again.namespace(0), null)).toEqual([['NULL', 5n]]);
  });
});
