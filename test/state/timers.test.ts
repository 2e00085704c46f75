import { describe, expect, it } from 'vitest';
import { hashBytes, NULL_KEY_HASH } from '../../src/data/hash.ts';
import type { Timers } from '../../src/state/contracts.ts';
import { createStateBackend } from '../../src/state/backend.ts';
import { Cluster, type Key, keyBatch, nameOf, PARALLELISMS, Random, randomKeys } from './support.ts';

/** In order of registration. */
type Model = { time: number; name: string }[];

/** Pops up to `max` timers of a task in several calls and checks the hashes that come with the keys. */
function pop(timers: Timers, until: number, max: number): Model {
  const keys = keyBatch([]);
  const times = new Float64Array(max);
  const count = timers.pop(until, max, keys, times);
  expect(keys.length).toBe(count);
  return Array.from({ length: count }, (_, i) => {
    const isNull = keys.ends[i] < keys.starts[i];
    const hash = isNull ? NULL_KEY_HASH : hashBytes(keys.view, keys.starts[i], keys.ends[i]);
    expect(keys.hashes[i]).toBe(hash);
    return {
      time: times[i],
      name: isNull ? 'NULL' : Buffer.from(keys.bytes.slice(keys.starts[i], keys.ends[i])).toString('hex'),
    };
  });
}

/** Timers of the task in the order in which they must be popped (the sort is stable). */
function due(model: Model, owned: ReadonlySet<string>, until: number): Model {
  return model.filter(({ time, name }) => time <= until && owned.has(name)).sort((a, b) => a.time - b.time);
}

describe('timers against a plain model', () => {
  for (const seed of [31, 32, 33, 34]) {
    it(`seed ${seed}`, () => {
      const random = new Random(seed);
      const keys = randomKeys(random, 40);
      const cluster = new Cluster(1, (backend) => backend.timers('w'));
      let model: Model = [];
      let committed: Model | undefined;
      let restarts = 0;
      const ownedBy = (state: Timers): Set<string> =>
        new Set(keys.filter((key) => cluster.stateOf(key) === state).map(nameOf));
      const change = (key: Key, time: number, isRegister: boolean): void => {
        const timers = cluster.stateOf(key);
        const at = model.findIndex((timer) => timer.time === time && timer.name === nameOf(key));
        if (isRegister) timers.register(time, keyBatch([key]), 0);
        else timers.remove(time, keyBatch([key]), 0);
        if (isRegister && at === -1) model.push({ time, name: nameOf(key) });
        if (!isRegister && at !== -1) model.splice(at, 1);
      };
      for (let step = 0; step < 600; step++) {
        const dice = random.next();
        if (dice < 0.6) change(random.pick(keys), random.int(30), random.chance(0.7));
        else if (dice < 0.8) {
          const { state } = random.pick(cluster.tasks);
          const max = 1 + random.int(5);
          const expected = due(model, ownedBy(state), random.int(10)).slice(0, max);
          const until = expected.at(-1)?.time ?? -1;
          const popped = pop(state, until, max);
          expect(popped.slice(0, expected.length)).toEqual(expected);
          model = model.filter(({ time, name }) => !popped.some((timer) => timer.time === time && timer.name === name));
        } else if (dice < 0.93) {
          cluster.checkpoint(random.chance(0.2));
          committed = [...model];
        } else if (committed !== undefined) {
          cluster.restart(PARALLELISMS[restarts++ % PARALLELISMS.length]);
          model = [...committed];
          // Registrations of different tasks have no common order, so keep to what each task can know.
          model.sort((a, b) => a.time - b.time);
          for (const { state } of cluster.tasks) {
            const earliest = due(model, ownedBy(state), Infinity)[0]?.time ?? Infinity;
            expect(state.next()).toBe(earliest);
          }
          model = cluster.tasks.flatMap(({ state }) => reregister(state));
        }
      }
      expect(cluster.tasks.reduce((sum, { state }) => sum + state.size, 0)).toBe(model.length);
      expect(restarts).toBeGreaterThan(3);

      /** Pops everything, compares it as a set and by time, and registers it again in that order. */
      function reregister(state: Timers): Model {
        const all = pop(state, Infinity, 10_000);
        const expected = due(model, ownedBy(state), Infinity);
        const byName = (a: Model[0], b: Model[0]): number => a.time - b.time || (a.name < b.name ? -1 : 1);
        expect([...all].sort(byName)).toEqual([...expected].sort(byName));
        expect(all.map(({ time }) => time)).toEqual(expected.map(({ time }) => time));
        for (const { time, name } of all) {
          const key = keys.find((one) => nameOf(one) === name) ?? null;
          state.register(time, keyBatch([key]), 0);
        }
        return all;
      }
    });
  }

  it('keeps the order of registration over a restore', () => {
    const backend = createStateBackend();
    const timers = backend.timers('w');
    const names = [5, 3, 9, 1, 7].map((n) => Uint8Array.of(n));
    for (const name of names) timers.register(10, keyBatch([name]), 0);
    const first = backend.snapshot(false);
    timers.register(10, keyBatch([Uint8Array.of(2)]), 0);
    timers.register(5, keyBatch([Uint8Array.of(8)]), 0);
    const restored = createStateBackend();
    const again = restored.timers('w');
    restored.restore([...first, ...backend.snapshot(false)], { from: 0, to: 128 });
    expect(pop(again, 10, 100).map(({ name }) => name)).toEqual(['08', '05', '03', '09', '01', '07', '02']);
    expect(again.next()).toBe(Infinity);
  });
});
