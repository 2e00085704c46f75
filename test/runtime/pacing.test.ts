import { describe, expect, it } from 'vitest';
import { Pacing } from '../../src/runtime/pacing.ts';

const MIB = 1 << 20;

type Seen = readonly [time: number, reading: boolean];

function third(first: Seen, second: Seen): Pacing {
  const shared = Pacing.share(3);
  const tasks = [0, 1, 2].map((task) => new Pacing(shared, task, 10));
  tasks[0].note(...first);
  tasks[1].note(...second);
  return tasks[2];
}

describe('pacing of three tasks, panes of 10: the third is ahead', () => {
  it.each<[string, Seen, Seen, own: number, held: number, expected: boolean]>([
    ['level with the others', [100, true], [100, true], 100, 0, false],
    ['ahead by sixteen panes, holding nothing', [90, true], [300, true], 250, 0, false],
    ['ahead of one by more', [89, true], [300, true], 250, 0, true],
    ['ahead of one that has nothing to read', [0, false], [300, true], 250, 0, false],
    ['behind', [500, true], [600, true], 100, 0, false],
    ['ahead by a pane, holding much', [90, true], [100, true], 100, 1000 * MIB, false],
    ['ahead by more than a pane, holding much', [89, true], [100, true], 100, 1000 * MIB, true],
    ['ahead by four panes, holding a quarter of 64 MiB', [60, true], [100, true], 100, 16 * MIB, false],
    ['ahead by more than four panes, holding that', [59, true], [100, true], 100, 16 * MIB, true],
  ])('%s', (_name, first, second, own, held, expected) => {
    expect(third(first, second).isAhead(own, held)).toBe(expected);
  });

  it('once it waits, until it is ahead by three quarters of that', () => {
    const shared = Pacing.share(2);
    const [slow, fast] = [0, 1].map((task) => new Pacing(shared, task, 10));
    slow.note(0, true);
    expect(fast.isAhead(160, 0)).toBe(false);
    expect(fast.isAhead(161, 0)).toBe(true);
    slow.note(40, true);
    expect(fast.isAhead(161, 0)).toBe(true);
    slow.note(41, true);
    expect(fast.isAhead(161, 0)).toBe(false);
    slow.note(1, true);
    expect(fast.isAhead(161, 0)).toBe(false);
  });
});
