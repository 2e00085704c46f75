import { expect, it } from 'vitest';
import { HeadwaterError } from '../../src/data/errors.ts';
import { MemoryGuard, mustWaitForCommits } from '../../src/runtime/memory-guard.ts';

const LIMIT = 1000;

type Said = 'reads' | 'pauses' | 'fails';

/** Milliseconds, bytes held by the task's parts, bytes of epochs in flight, and what comes of it. */
type Moment = readonly [ms: number, own: number, inFlight: number, said: Said] | 'forgiven';

const CASES: readonly (readonly [name: string, moments: readonly Moment[]])[] = [
  [
    'up to the limit it reads',
    [
      [0, 400, 600, 'reads'],
      [5000, 1000, 0, 'reads'],
    ],
  ],
  [
    'over it sources pause, at the next look',
    [
      [0, 400, 0, 'reads'],
      [49, 1001, 0, 'reads'],
      [50, 1001, 0, 'pauses'],
      [100, 900, 0, 'reads'],
    ],
  ],
  [
    'parts over the limit for more than a second fail',
    [
      [0, 1001, 0, 'pauses'],
      [1000, 1001, 0, 'pauses'],
      [1050, 1001, 0, 'fails'],
    ],
  ],
  [
    'the second begins anew after a moment below',
    [
      [0, 1001, 0, 'pauses'],
      [500, 900, 0, 'reads'],
      [600, 1001, 0, 'pauses'],
      [1600, 1001, 0, 'pauses'],
      [1650, 1001, 0, 'fails'],
    ],
  ],
  [
    'epochs in flight pause sources for as long as it takes',
    [
      [0, 500, 501, 'pauses'],
      [5000, 500, 501, 'pauses'],
      [5050, 500, 500, 'reads'],
    ],
  ],
  [
    'below the limit by themselves, parts do not fail for what is in flight',
    [
      [0, 1001, 501, 'pauses'],
      [900, 999, 501, 'pauses'],
      [1500, 999, 501, 'pauses'],
    ],
  ],
  [
    'a wait for a disk is forgiven',
    [
      [0, 1001, 0, 'pauses'],
      'forgiven',
      [1050, 1001, 0, 'pauses'],
      [2000, 1001, 0, 'pauses'],
      [2100, 1001, 0, 'fails'],
    ],
  ],
];

it.each(CASES)('%s', (_name, moments) => {
  let now = 0;
  const guard = new MemoryGuard(3, LIMIT, { monotonic: () => now, warn: () => undefined });
  const said = moments.map((moment) => {
    if (moment === 'forgiven') {
      guard.forgive();
      return moment;
    }
    const [ms, own, inFlight] = moment;
    now = ms;
    return [ms, own, inFlight, sayOf(guard, own, inFlight)];
  });
  expect(said).toEqual(moments);
});

function sayOf(guard: MemoryGuard, own: number, inFlight: number): Said {
  try {
    const paused = guard.check(
      () => ({ total: own, largest: 'windows', largestBytes: own }),
      () => inFlight,
    );
    expect(guard.pausing).toBe(paused);
    return paused ? 'pauses' : 'reads';
  } catch (error) {
    expect(error).toBeInstanceOf(HeadwaterError);
    expect(error).toMatchObject({
      code: 'memory-limit',
      message: expect.stringContaining(
        `task 3 holds ${own} bytes, its limit is 1000; the most is held by windows`,
      ) as string,
    });
    return 'fails';
  }
}

it('says that sources pause once a second', () => {
  const said: string[] = [];
  let now = 0;
  const guard = new MemoryGuard(0, LIMIT, { monotonic: () => now, warn: (message) => said.push(message) });
  for (now = 0; now <= 2500; now += 50)
    guard.check(
      () => ({ total: 0, largest: '', largestBytes: 0 }),
      () => 2000,
    );
  expect(said).toEqual(Array.from({ length: 3 }, () => '2000 bytes held, limit 1000: sources pause'));
});

const MIB = 1 << 20;

it.each([
  [0, 0, false],
  [48 * MIB, 0, false],
  [48 * MIB, 1, true],
  [1, 48 * MIB, true],
  [1, 48 * MIB - 1, false],
  // Nothing is on its way: only a barrier helps, and sources that pause would not bring it nearer.
  [0, 100 * MIB, false],
])('with %i bytes on their way and %i staged, sources wait: %s', (inFlight, staged, waits) => {
  expect(mustWaitForCommits(inFlight, staged)).toBe(waits);
});
