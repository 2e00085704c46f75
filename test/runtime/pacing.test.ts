import { describe, expect, it } from 'vitest';
import { Pacing } from '../../src/runtime/pacing.ts';

type Seen = readonly [time: number, reading: boolean];

function third(first: Seen, second: Seen): Pacing {
  const shared = Pacing.share(3);
  const tasks = [0, 1, 2].map((task) => new Pacing(shared, task, 10));
  tasks[0].note(...first);
  tasks[1].note(...second);
  return tasks[2];
}

describe('pacing of three tasks, panes of 10: the third is ahead', () => {
  it.each<[string, Seen, Seen, own: number, expected: boolean]>([
    ['level with the others', [100, true], [100, true], 100, false],
    ['ahead by two panes', [80, true], [300, true], 100, false],
    ['ahead of one by more', [79, true], [300, true], 100, true],
    ['ahead of one that has nothing to read', [0, false], [300, true], 100, false],
    ['behind', [500, true], [600, true], 100, false],
  ])('%s', (_name, first, second, own, expected) => {
    expect(third(first, second).isAhead(own)).toBe(expected);
  });

  it('once it waits, until it is ahead by one pane', () => {
    const shared = Pacing.share(2);
    const [slow, fast] = [0, 1].map((task) => new Pacing(shared, task, 10));
    slow.note(0, true);
    expect(fast.isAhead(20)).toBe(false);
    expect(fast.isAhead(21)).toBe(true);
    slow.note(10, true);
    expect(fast.isAhead(21)).toBe(true);
    slow.note(11, true);
    expect(fast.isAhead(21)).toBe(false);
    slow.note(1, true);
    expect(fast.isAhead(21)).toBe(false);
  });
});
