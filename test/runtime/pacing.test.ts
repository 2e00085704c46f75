import { describe, expect, it } from 'vitest';
import { Pacing } from '../../src/runtime/pacing.ts';

describe('pacing of three tasks, drift 10', () => {
  it.each<[string, [time: number, reading: boolean], [time: number, reading: boolean], number, boolean]>([
    ['level with the others', [100, true], [100, true], 100, false],
    ['ahead by the drift', [90, true], [100, true], 100, false],
    ['ahead of one by more', [89, true], [100, true], 100, true],
    ['ahead of one that has nothing to read', [0, false], [100, true], 100, false],
    ['behind', [500, true], [600, true], 100, false],
  ])('%s', (_name, first, second, own, expected) => {
    const shared = Pacing.share(3);
    const tasks = [0, 1, 2].map((task) => new Pacing(shared, task, 10));
    tasks[0].note(...first);
    tasks[1].note(...second);
    tasks[2].note(own, true);
    expect(tasks[2].isAhead(own)).toBe(expected);
  });
});
