import { describe, expect, it } from 'vitest';
import { createStateBackend } from '../../src/state/backend.ts';
import { Random } from './support.ts';

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
