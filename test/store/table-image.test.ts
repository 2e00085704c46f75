import { describe, expect, it } from 'vitest';
import { DELETE, UPDATE_BEFORE } from '../../src/data/batch.ts';
import { formatChangelogValue } from '../../src/data/json-value.ts';
import { ChangeBuffer } from '../../src/store/change-buffer.ts';
import { KEY_GROUPS } from '../../src/data/hash.ts';
import { tableFolder } from '../../src/store/fold.ts';
import { TableImage } from '../../src/store/table-image.ts';
import { columnFromValues } from '../../src/data/builder.ts';
import { BIGINT, STRING } from '../../src/data/types.ts';
import {
  below,
  changeBatch,
  jsonRow,
  modelKey,
  type PlainRow,
  type Random,
  randomChange,
  seeded,
  WIDE,
  WIDE_KEY,
} from './support.ts';

interface Entry {
  readonly row: PlainRow;
  readonly epoch: number;
}

interface History {
  readonly epochs: readonly (readonly Uint8Array[])[];
  /** The rows after each epoch. */
  readonly states: readonly ReadonlyMap<string, Entry>[];
  readonly everSeen: readonly PlainRow[];
}

/** Epochs of random changes, and what a Map makes of them. */
function history(random: Random, epochCount: number, keys: number): History {
  const buffer = new ChangeBuffer(WIDE, WIDE_KEY);
  const rows = new Map<string, Entry>();
  const seen = new Map<string, PlainRow>();
  const epochs: Uint8Array[][] = [];
  const states: Map<string, Entry>[] = [];
  for (let epoch = 1; epoch <= epochCount; epoch++) {
    const changes = Array.from({ length: below(random, 400) }, () => randomChange(random, keys));
    buffer.add(changeBatch(WIDE, changes, false));
    for (const { kind, row } of changes) {
      seen.set(modelKey(row), row);
      if (kind === DELETE || kind === UPDATE_BEFORE) rows.delete(modelKey(row));
      else rows.set(modelKey(row), { row, epoch });
    }
    epochs.push(buffer.take(epoch));
    states.push(new Map(rows));
  }
  return { epochs, states, everSeen: [...seen.values()] };
}

function featuresOf(row: PlainRow): Record<string, unknown> {
  return Object.fromEntries(WIDE.map(({ name, type }, i) => [name, formatChangelogValue(type, row[i])]));
}

function keyText(image: TableImage, row: PlainRow): string {
  return image.keys.format(
    WIDE_KEY.map((index) => columnFromValues(WIDE[index].type, [row[index]])),
    0,
  );
}

function expectEqual(image: TableImage, state: ReadonlyMap<string, Entry>, everSeen: readonly PlainRow[]): void {
  expect(image.size).toBe(state.size);
  for (const row of everSeen) {
    const entry = state.get(modelKey(row));
    const found = image.get(keyText(image, row));
    expect(found).toEqual(entry === undefined ? undefined : { epoch: entry.epoch, features: featuresOf(entry.row) });
  }
}

/** Folds in steps of so many key groups, looking at a chunk only where its head says that it matters. */
function fold(bases: readonly Uint8Array[], chunks: readonly Uint8Array[], width: number): Uint8Array[] {
  const folder = tableFolder(WIDE, WIDE_KEY);
  const folded: Uint8Array[] = [];
  for (let from = 0; from < KEY_GROUPS; from += width) {
    const to = Math.min(KEY_GROUPS, from + width);
    const inside = (bytes: Uint8Array): boolean => folder.mayHold(bytes, from, to);
    for (const part of folder.fold(bases.filter(inside), chunks.filter(inside), from, to)) {
      expect(part.keyGroup).toBeGreaterThanOrEqual(from);
      expect(part.keyGroup).toBeLessThan(to);
      // The folder uses the bytes again.
      folded.push(part.bytes.slice());
    }
  }
  return folded;
}

const numbered = (epochs: readonly (readonly Uint8Array[])[]): { epoch: number; bytes: Uint8Array }[] =>
  epochs.flatMap((chunks, i) => chunks.map((bytes) => ({ epoch: i + 1, bytes })));

describe('TableImage', () => {
  for (const seed of [11, 12, 13]) {
    it(`equals a Map after every epoch (seed ${seed})`, async () => {
      const { epochs, states, everSeen } = history(seeded(seed), 8, 150);
      const image = new TableImage(WIDE, WIDE_KEY);
      for (let i = 0; i < epochs.length; i++) {
        image.applyEpoch(i + 1, 1000 * i, epochs[i]);
        await image.settled();
        expect(image.freshness).toEqual({ epoch: i + 1, watermark: 1000 * i });
        expectEqual(image, states[i], everSeen);
      }
    });

    it(`is the same when loaded from bases and log, at any cut (seed ${seed})`, async () => {
      const random = seeded(seed + 100);
      const { epochs, states, everSeen } = history(random, 10, 300);
      const first = 1 + below(random, 4);
      const second = first + below(random, 5);
      const folded = fold([], epochs.slice(0, first).flat(), 128);
      const again = fold(folded, epochs.slice(first, second).flat(), 1 + below(random, 128));
      const image = new TableImage(WIDE, WIDE_KEY);
      await image.load(
        again,
        numbered(epochs).filter(({ epoch }) => epoch > second),
        { epoch: 42, watermark: 77 },
      );
      expectEqual(image, states[states.length - 1], everSeen);
      expect(image.freshness).toEqual({ epoch: 42, watermark: 77 });

      const rows = image.allRows().map((row) => jsonRow(WIDE, row));
      expect(rows.sort()).toEqual([...states[states.length - 1].values()].map(({ row }) => jsonRow(WIDE, row)).sort());

      const copy = new TableImage(WIDE, WIDE_KEY);
      await copy.load(image.snapshotBases(), []);
      expectEqual(copy, states[states.length - 1], everSeen);
    });
  }

  it('folds deleted rows away', () => {
    const random = seeded(5);
    const buffer = new ChangeBuffer(WIDE, WIDE_KEY);
    const change = randomChange(random, 1);
    buffer.add(changeBatch(WIDE, [{ ...change, kind: 0 }], false));
    const inserted = buffer.take(1);
    buffer.add(changeBatch(WIDE, [{ ...change, kind: DELETE }], false));
    const base = fold([], inserted, 128);
    expect(base).toHaveLength(1);
    expect(fold(base, buffer.take(2), 128)).toEqual([]);
  });

  it('gives each slice of work a turn of the event loop, keeps the order and answers in between', async () => {
    const { epochs, states, everSeen } = history(seeded(21), 6, 2000);
    const turns: (() => void)[] = [];
    let time = 0;
    // Every look at the clock costs a slice: each turn does one step only.
    const image = new TableImage(WIDE, WIDE_KEY, { monotonic: () => (time += 1), later: (turn) => turns.push(turn) });
    epochs.forEach((chunks, i) => image.applyEpoch(i + 1, i, chunks));
    expect(image.pending).toBeGreaterThan(epochs.length);
    let done = 0;
    while (turns.length > 0) {
      expect(turns).toHaveLength(1);
      turns.splice(0)[0]();
      const { epoch } = image.freshness;
      expect(epoch).toBeGreaterThanOrEqual(done);
      if (epoch > done) expectEqual(image, states[epoch - 1], everSeen);
      done = epoch;
    }
    expect(done).toBe(epochs.length);
    await image.settled();
  });

  it('tells of each chunk, and of an epoch, when the bytes may be overwritten: not before it has read them all', () => {
    const { epochs, states, everSeen } = history(seeded(23), 4, 2000);
    const turns: (() => void)[] = [];
    let time = 0;
    const image = new TableImage(WIDE, WIDE_KEY, { monotonic: () => (time += 1), later: (turn) => turns.push(turn) });
    const applied: (number | Uint8Array)[] = [];
    epochs.forEach((chunks, i) =>
      image.applyEpoch(i + 1, i, chunks, {
        applied: (bytes) => {
          applied.push(bytes);
          bytes.fill(0xa5);
        },
        allApplied: () => applied.push(i + 1),
      }),
    );
    while (turns.length > 0) turns.splice(0)[0]();
    expect(applied).toEqual(epochs.flatMap((chunks, i) => [...chunks, i + 1]));
    expect(image.error).toBeUndefined();
    expectEqual(image, states[3], everSeen);
  });

  it('gives all rows at once, whatever still waits for its turn', () => {
    const { epochs, states } = history(seeded(22), 3, 500);
    let time = 0;
    const image = new TableImage(WIDE, WIDE_KEY, { monotonic: () => (time += 1), later: () => {} });
    epochs.forEach((chunks, i) => image.applyEpoch(i + 1, i, chunks));
    expect(image.allRows()).toHaveLength(states[2].size);
    expect(image.freshness.epoch).toBe(3);
  });

  it('lets readers wait for an epoch', async () => {
    const image = new TableImage(WIDE, WIDE_KEY);
    image.applyEpoch(3, 0, []);
    expect(image.waitForEpoch(3, 10)).toBe(true);
    const soon = image.waitForEpoch(5, 5000);
    expect(await image.waitForEpoch(6, 5)).toBe(false);
    image.applyEpoch(5, 0, []);
    expect(await soon).toBe(true);
  });

  it('stops at a damaged chunk and says so', async () => {
    const { epochs, states, everSeen } = history(seeded(31), 4, 50);
    const damaged = epochs[2][0].slice();
    damaged[damaged.length >> 1] ^= 4;
    const image = new TableImage(WIDE, WIDE_KEY);
    [epochs[0], epochs[1], [damaged], epochs[3]].forEach((chunks, i) => image.applyEpoch(i + 1, 0, chunks));
    await expect(image.settled()).rejects.toMatchObject({ code: 'log-corrupt' });
    expect(image.freshness.epoch).toBe(2);
    expect(image.error).toBeDefined();
    expectEqual(image, states[1], everSeen);
    const loading = new TableImage(WIDE, WIDE_KEY).load([], [{ epoch: 1, bytes: damaged }]);
    await expect(loading).rejects.toMatchObject({ code: 'log-corrupt' });
  });

  it('gives the asked columns only and refuses unknown ones', async () => {
    const { epochs, states } = history(seeded(41), 1, 5);
    const image = new TableImage(WIDE, WIDE_KEY);
    image.applyEpoch(1, 0, epochs[0]);
    await image.settled();
    const [{ row }] = states[0].values();
    const found = image.get(keyText(image, row), image.resolveColumns(['mean', 'user']));
    expect(Object.keys(found?.features ?? {})).toEqual(['mean', 'user']);
    expect(() => image.resolveColumns(['nope'])).toThrow(expect.objectContaining({ code: 'unknown-column' }));
    const byColumns = image.getByColumns([columnFromValues(STRING, [row[1]]), columnFromValues(BIGINT, [row[4]])]);
    expect(byColumns?.features).toEqual(featuresOf(row));
  });
});
