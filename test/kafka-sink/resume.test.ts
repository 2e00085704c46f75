import { expect, it } from 'vitest';
import { decideResume } from '../../src/connectors/kafka/sink/resume.ts';
import { parseProgress, type SinkProgress } from '../../src/connectors/kafka/sink/target.ts';

const note = (epoch: number, lineage = 'mine/t'): SinkProgress => ({ epoch, lineage });

it.each([
  ['a new job and a new topic', undefined, 0, true, false, 0],
  ['the note is behind the log', note(3), 2, true, false, 3],
  ['the log is behind the note: it was killed before it forgot', note(5), 2, true, false, 5],
  ['a note of what --fresh replaced', note(9, 'old/t'), 0, true, false, 0],
  ['a note of another job', note(3, 'other/t'), 0, true, false, 'sink-diverged'],
  ['a note of epochs that the job has not committed', note(9), 2, true, false, 'sink-ahead'],
  ['the note is gone, and chunks may have been written', undefined, 4, true, false, 'sink-diverged'],
  ['the note is gone, and nothing waits', undefined, 4, false, false, 4],
  ['somebody says that the log is right', note(9, 'other/t'), 2, true, true, 2],
] as const)('%s', (_what, progress, baseEpoch, pending, force, expected) => {
  const log = {
    generation: 1,
    lineage: 'mine/t',
    superseded: ['old/t'],
    committedEpoch: 7,
    watermark: 0,
    baseEpoch,
    baseChain: '',
  };
  const decision = decideResume(progress, log, pending, force);
  expect(decision.action === 'resume' ? decision.after : decision.code).toBe(expected);
});

it('a note that is not ours is no progress', () => {
  expect(parseProgress('')).toBeUndefined();
  expect(parseProgress('x:1')).toBeUndefined();
  expect(parseProgress('12:a/b:c')).toEqual({ epoch: 12, lineage: 'a/b:c' });
});
