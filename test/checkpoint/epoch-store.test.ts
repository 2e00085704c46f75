import Database from 'better-sqlite3';
import type { ChunkFolder } from '../../src/checkpoint/table-fold.ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EpochCommit } from '../../src/checkpoint/epoch-commit.ts';
import { EpochStore } from '../../src/checkpoint/epoch-store.ts';
import { FOLD_LIMITS } from '../../src/checkpoint/output-log.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'headwater-epochs-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const path = (): string => join(folder, 'state.db');
const open = (): EpochStore => new EpochStore(path(), () => 1);
const blob = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

function commit(epoch: number, change: Partial<EpochCommit> = {}): EpochCommit {
  return {
    epoch,
    generation: 1,
    watermark: epoch * 1000,
    parallelism: 1,
    finished: false,
    full: false,
    state: [{ operator: 'agg', task: 0, table: 'acc', full: false, bytes: blob(epoch) }],
    splits: [
      { source: 'src', split: '0', position: { offset: String(epoch * 10) }, watermark: epoch * 1000, finished: false },
    ],
    schemas: [],
    outputs: [{ table: 'out', index: 0, bytes: blob(epoch, epoch) }],
    ...change,
  };
}
const OPERATORS = [{ id: 'agg', fingerprint: 'f1' }];

/** A table whose rows all lie in key group 0. */
const oneGroup: ChunkFolder = {
  mayHold: (_head, from) => from === 0,
  fold: (bases, chunks, from) => {
    const bytes = Uint8Array.from([...bases, ...chunks].flatMap((chunk) => [...chunk]));
    return from === 0 ? [{ keyGroup: 0, bytes }] : [];
  },
};

/** A table with a row in every key group, each base blob one byte: its group. */
const everyGroup: ChunkFolder = {
  mayHold: () => true,
  fold: (_bases, chunks, from, to) => {
    expect([...chunks]).not.toEqual([]);
    return Array.from({ length: to - from }, (_, i) => ({ keyGroup: from + i, bytes: Uint8Array.of(from + i) }));
  },
};

describe('EpochStore', () => {
  it('gives back the last committed epoch after a reopen', () => {
    const store = open();
    store.commit(commit(1), OPERATORS);
    store.commit(commit(2, { schemas: [{ registry: 'r', id: 4, text: '"int"' }] }), OPERATORS);
    store.close();
    const restored = open().restore();
    expect(restored?.summary).toEqual({
      epoch: 2,
      watermark: 2000,
      parallelism: 1,
      finished: false,
      operators: OPERATORS,
    });
    expect(restored?.state.map((row) => [...row.bytes])).toEqual([[1], [2]]);
    expect(restored?.splits[0].position).toEqual({ offset: '20' });
    expect(restored?.schemas).toEqual([{ registry: 'r', id: 4, text: '"int"' }]);
  });

  it('orders blobs by task, so that each new task restores whole histories', () => {
    const store = open();
    for (const epoch of [1, 2]) {
      const state = [0, 1].map((task) => ({
        operator: 'agg',
        task,
        table: 'acc',
        full: false,
        bytes: blob(task, epoch),
      }));
      store.commit(commit(epoch, { state }), OPERATORS);
    }
    expect(store.restore()?.state.map((row) => [...row.bytes])).toEqual([
      [0, 1],
      [0, 2],
      [1, 1],
      [1, 2],
    ]);
  });

  it('a full snapshot replaces what was before', () => {
    const store = open();
    store.commit(commit(1), OPERATORS);
    store.commit(commit(2, { full: true }), OPERATORS);
    store.commit(commit(3), OPERATORS);
    expect(store.restore()?.state.map((row) => [...row.bytes])).toEqual([[2], [3]]);
  });

  it('keeps nothing of an epoch whose transaction failed', () => {
    const store = open();
    store.commit(commit(1), OPERATORS);
    const retained = store.outputs.retained();
    const output = { table: 'out', index: 0, bytes: blob(9) };
    expect(() => store.commit(commit(2, { outputs: [output, output] }), OPERATORS)).toThrow();
    expect(store.restore()?.summary.epoch).toBe(1);
    expect(store.restore()?.splits[0].position).toEqual({ offset: '10' });
    expect(store.outputs.files('out').chunks).toHaveLength(1);
    expect(store.outputs.retained()).toEqual(retained);
  });

  it('fences an older generation', () => {
    const old = open();
    old.commit(commit(1), OPERATORS);
    const next = open();
    expect(() => old.commit(commit(2), OPERATORS)).toThrowError(expect.objectContaining({ code: 'fenced' }));
    next.commit(commit(2), OPERATORS);
    expect(next.restore()?.summary.epoch).toBe(2);
  });

  it('folds the log into the base and keeps later chunks', () => {
    const store = open();
    store.commit(commit(1), OPERATORS);
    store.commit(commit(2), OPERATORS);
    const fold = store.outputs.foldWhenLarge('out', oneGroup, { ...FOLD_LIMITS, minimum: 1 });
    expect(fold?.step()).toBe(true);
    store.commit(commit(3), OPERATORS);
    store.close();
    const files = open().outputs.files('out');
    expect(files.bases.map((b) => [...b])).toEqual([[1, 1, 2, 2]]);
    expect(files.chunks.map((c) => [c.epoch, ...c.bytes])).toEqual([[3, 3, 3]]);
  });

  it('commits between the steps of a fold; a fold that was broken off leaves a whole file and begins anew', () => {
    const store = open();
    const bytes = new Uint8Array(20 << 20).fill(7);
    store.commit(commit(1, { outputs: [{ table: 'out', index: 0, bytes }] }), OPERATORS);
    const begin = (of: EpochStore) => of.outputs.foldWhenLarge('out', everyGroup, { ...FOLD_LIMITS, minimum: 1 });
    const fold = begin(store);
    expect(fold?.step()).toBe(false);
    expect(fold?.step()).toBe(false);
    store.commit(commit(2), OPERATORS);
    store.close();

    const again = open();
    again.verify();
    const { bases, chunks } = again.outputs.files('out');
    expect(bases.length).toBeGreaterThan(20);
    expect(bases.length).toBeLessThan(128);
    expect(chunks.map((chunk) => chunk.epoch)).toEqual([1, 2]);

    const second = begin(again);
    let steps = 1;
    while (second?.step() === false) steps++;
    expect(steps).toBe(3);
    again.close();
    const whole = open();
    whole.verify();
    expect(whole.outputs.files('out').bases.map((base) => base[0])).toEqual(Array.from({ length: 128 }, (_, i) => i));
    expect(whole.outputs.files('out').chunks).toEqual([]);
  });

  it('refuses a newer format and a file that is no database', () => {
    open().close();
    const db = new Database(path());
    db.exec("UPDATE meta SET value = '99' WHERE key = 'format'");
    db.close();
    expect(open).toThrowError(expect.objectContaining({ code: 'state-version' }));
    rmSync(folder, { recursive: true });
    folder = mkdtempSync(join(tmpdir(), 'headwater-epochs-'));
    writeFileSync(path(), 'this is no database, and long enough to be looked at as one by SQLite'.repeat(20));
    expect(open).toThrowError(expect.objectContaining({ code: 'state-corrupt' }));
  });
});
