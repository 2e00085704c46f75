import { describe, expect, it } from 'vitest';
import { type CheckpointSummary, decideRecovery } from '../../src/checkpoint/recovery.ts';
import { HeadwaterError } from '../../src/data/errors.ts';

const A = { id: 't/window-aggregate/0', fingerprint: 'aa' };
const B = { id: 't/sink/0', fingerprint: 'bb' };
const CHECKPOINT: CheckpointSummary = { epoch: 7, watermark: 0, parallelism: 1, finished: false, operators: [A, B] };
const OPTIONS = { fresh: false, acceptChangedState: [] as string[], parallelism: 1 };

function codeOf(run: () => unknown): string {
  try {
    run();
    return 'no error';
  } catch (error) {
    return error instanceof HeadwaterError ? error.code : String(error);
  }
}

describe('decideRecovery', () => {
  it('starts fresh without a checkpoint, or when asked', () => {
    expect(decideRecovery(undefined, [A], OPTIONS)).toEqual({ action: 'start-fresh', discard: false });
    expect(decideRecovery(CHECKPOINT, [A], { ...OPTIONS, fresh: true })).toEqual({
      action: 'start-fresh',
      discard: true,
    });
  });
  it('resumes when ids and fingerprints are equal', () => {
    expect(decideRecovery(CHECKPOINT, [A, B], OPTIONS)).toEqual({
      action: 'resume',
      epoch: 7,
      drop: [],
      rescaled: false,
    });
  });
  it('asks for a full snapshot at another parallelism', () => {
    const decision = decideRecovery(CHECKPOINT, [A, B], { ...OPTIONS, parallelism: 2 });
    expect(decision).toMatchObject({ action: 'resume', rescaled: true });
  });
  it('does not run a finished job again', () => {
    expect(decideRecovery({ ...CHECKPOINT, finished: true }, [A, B], OPTIONS)).toEqual({
      action: 'already-finished',
      epoch: 7,
    });
  });
  it('refuses changed and vanished operators, naming each', () => {
    const changed = { ...A, fingerprint: 'other' };
    expect(codeOf(() => decideRecovery(CHECKPOINT, [changed, B], OPTIONS))).toBe('changed-state');
    expect(codeOf(() => decideRecovery(CHECKPOINT, [A], OPTIONS))).toBe('changed-state');
    expect(() => decideRecovery(CHECKPOINT, [changed], OPTIONS)).toThrow(
      /window-aggregate\/0: the query above it changed\n {2}t\/sink\/0: no longer/,
    );
  });
  it('drops state that the user agreed to lose, and takes new operators', () => {
    const changed = { ...A, fingerprint: 'other' };
    const fresh = { id: 't/calc/1', fingerprint: 'cc' };
    expect(decideRecovery(CHECKPOINT, [changed, B, fresh], { ...OPTIONS, acceptChangedState: [A.id] })).toEqual({
      action: 'resume',
      epoch: 7,
      drop: [A.id],
      rescaled: false,
    });
  });
});
