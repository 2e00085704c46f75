import { expect, it } from 'vitest';
import { until } from '../harness/test-platform.ts';
import { seeded } from '../kafka/support.ts';
import { Reader } from './reader.ts';
import { type Change, World } from './world.ts';

const STEPS = 120;
const KEYS = 40;
const WATCHED = ['k1', 'k2', 'k3'];

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e6));

/**
 * Random epochs, folds (whole ones, and some that a dead process left half done), runs of the job and of the process, and
 * readers that are slow, that die and go on from where they were: each sees every change after its snapshot once, and ends
 * with the rows of the table.
 */
it.each([0, 1, 2, 3, 4, 5])(`random lives of readers (seed ${SEED} + %i)`, async (offset) => {
  const random = seeded(SEED + offset + 1);
  const pick = (n: number): number => Math.floor(random() * n);
  const world = new World();
  const all: Life[] = [undefined, WATCHED, undefined, WATCHED].map((keys) => new Life(world, keys));
  try {
    for (let step = 0; step < STEPS; step++) {
      const what = random();
      if (what < 0.5) world.commit(changes(pick, 0), changes(pick, 1));
      else if (what < 0.55) world.fold();
      else if (what < 0.6) world.fold(1 + pick(3));
      else if (what < 0.63) await world.restart();
      else if (what < 0.66) {
        for (const life of all) life.die();
        await world.reopen();
      } else {
        const life = all[pick(all.length)];
        if (random() < 0.3) life.die();
        else life.live(random() < 0.5 ? 1 + pick(4) : Infinity);
      }
      if (random() < 0.4) await turns(pick(6));
    }
    for (const life of all) {
      life.live(Infinity);
      await until(() => life.reader?.epoch === world.epoch);
      life.check();
    }
    // Otherwise nothing was tried.
    expect(all.some((life) => life.resumed > 0)).toBe(true);
  } finally {
    world.close();
  }
});

/** One reader over its deaths: what it keeps are its rows, its changes and its position. */
class Life {
  resumed = 0;
  reader: Reader | undefined;
  private readonly world: World;
  private readonly keys: readonly string[] | undefined;
  private kept: Reader | undefined;

  constructor(world: World, keys: readonly string[] | undefined) {
    this.world = world;
    this.keys = keys;
  }

  live(room: number): void {
    if (this.reader === undefined) {
      this.reader = Reader.after(this.kept);
      this.reader.room = room;
      if (this.reader.position !== undefined) this.resumed += 1;
      this.reader.open(this.world.feeds, { keys: this.keys, from: this.reader.position });
    } else {
      this.reader.allow(room);
    }
  }

  die(): void {
    this.reader?.close();
    this.kept = this.reader ?? this.kept;
    this.reader = undefined;
  }

  check(): void {
    const { reader, keys } = this;
    if (reader === undefined) throw new Error('it is dead');
    const mine = (key: string): boolean => keys === undefined || keys.includes(key);
    expect(reader.rows).toEqual(new Map([...this.world.rows].filter(([key]) => mine(key))));
    expect(reader.changes).toEqual(this.world.history.filter(({ seq, key }) => seq[0] > reader.since && mine(key)));
  }
}

/** Distinct keys, of one task or the other. */
function changes(pick: (n: number) => number, task: number): Change[] {
  const count = pick(3) === 0 ? 0 : pick(KEYS / 2);
  const keys = new Set(Array.from({ length: count }, () => `k${2 * pick(KEYS / 2) + task}`));
  return [...keys].map((key) => [key, pick(4) === 0 ? null : BigInt(pick(1000))]);
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
