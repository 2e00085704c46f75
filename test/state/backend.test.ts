import { describe, expect, it } from 'vitest';
import { crc32 } from '../../src/data/checksum.ts';
import { HeadwaterError } from '../../src/data/errors.ts';
import { BIGINT, DOUBLE, INT, STRING } from '../../src/data/types.ts';
import { createStateBackend } from '../../src/state/backend.ts';
import type { StateBackend, StateBlob } from '../../src/state/contracts.ts';
import { Cluster, keyBatch } from './support.ts';

const ALL = { from: 0, to: 128 };

function codeOf(action: () => void): string {
  try {
    action();
  } catch (error) {
    if (error instanceof HeadwaterError) return error.code;
    throw error;
  }
  return 'no error';
}

const SHAPES: Record<string, (backend: StateBackend, fill: boolean) => void> = {
  'keyed columns': (backend, fill) => {
    const state = backend.keyedColumns('t', { columns: [BIGINT, STRING] });
    if (!fill) return;
    const slots = new Int32Array(2);
    state.namespace(7).resolve(keyBatch([Uint8Array.of(1), null]), 2, slots);
    state.drop(3);
  },
  'keyed map': (backend, fill) => {
    const state = backend.keyedMap('t', { columns: [BIGINT] });
    if (fill) state.namespace(0).resolve(keyBatch([null]), keyBatch([null]), 1, new Int32Array(1));
  },
  'ordered list': (backend, fill) => {
    const list = backend.orderedList('t', { columns: [BIGINT] });
    if (fill) list.insert(keyBatch([null]), Float64Array.of(1), 1, new Int32Array(1));
  },
  scalars: (backend, fill) => {
    const scalars = backend.scalars('t', 2);
    if (fill) scalars.set(0, 5);
  },
};

function blobOf(shape: string): StateBlob {
  const backend = createStateBackend();
  SHAPES[shape](backend, true);
  const [blob] = backend.snapshot(false);
  return blob;
}

function restoring(shape: string, blob: StateBlob): () => void {
  const backend = createStateBackend();
  SHAPES[shape](backend, false);
  return () => backend.restore([blob], ALL);
}

describe.each(Object.keys(SHAPES))('blobs of %s', (shape) => {
  it('restore', () => {
    expect(codeOf(restoring(shape, blobOf(shape)))).toBe('no error');
  });

  it('with any byte flipped are refused', () => {
    const blob = blobOf(shape);
    for (let at = 0; at < blob.bytes.length; at++) {
      const bytes = blob.bytes.slice();
      bytes[at] ^= 0x10;
      expect([at, codeOf(restoring(shape, { ...blob, bytes }))]).toEqual([at, 'state-corrupt']);
    }
  });

  it('cut short anywhere are refused', () => {
    const blob = blobOf(shape);
    for (let end = 0; end < blob.bytes.length; end++) {
      expect(codeOf(restoring(shape, { ...blob, bytes: blob.bytes.slice(0, end) }))).toBe('state-corrupt');
    }
  });

  it('of a newer format are refused', () => {
    const blob = blobOf(shape);
    const bytes = blob.bytes.slice();
    const view = new DataView(bytes.buffer);
    view.setUint16(8, view.getUint16(8, true) + 1, true);
    view.setUint32(4, crc32(bytes.subarray(8)), true);
    expect(codeOf(restoring(shape, { ...blob, bytes }))).toBe('state-version');
  });

  it('restored into another shape are refused', () => {
    const other = shape === 'scalars' ? 'keyed map' : 'scalars';
    expect(codeOf(restoring(other, blobOf(shape)))).toBe('state-schema');
  });

  it('stay valid after later changes', () => {
    const backend = createStateBackend();
    SHAPES[shape](backend, true);
    const [blob] = backend.snapshot(false);
    const before = blob.bytes.slice();
    backend.snapshot(true);
    expect(blob.bytes).toEqual(before);
  });
});

describe('the backend', () => {
  it('refuses a blob of other column types, naming both', () => {
    const backend = createStateBackend();
    backend.keyedColumns('t', { columns: [BIGINT, DOUBLE] });
    const restore = (): void => backend.restore([blobOf('keyed columns')], ALL);
    expect(restore).toThrow('keyed columns (BIGINT, STRING), expected keyed columns (BIGINT, DOUBLE)');
    expect(codeOf(restore)).toBe('state-schema');
  });

  it('refuses a blob whose table has a TTL when its own has none', () => {
    const backend = createStateBackend();
    backend.keyedColumns('t', { columns: [BIGINT, STRING], ttl: 5 });
    expect(codeOf(() => backend.restore([blobOf('keyed columns')], ALL))).toBe('state-schema');
  });

  it('refuses a blob of a table that it does not have', () => {
    expect(codeOf(() => createStateBackend().restore([blobOf('scalars')], ALL))).toBe('state-schema');
  });

  it('gives no blob when nothing changed, and one per table when asked for all', () => {
    const backend = createStateBackend();
    backend.keyedColumns('a', { columns: [INT] });
    backend.keyedMap('b', { columns: [] });
    backend.scalars('c', 1);
    expect(backend.snapshot(false).map((blob) => [blob.table, blob.full])).toEqual([
      ['a', true],
      ['b', true],
      ['c', true],
    ]);
    expect(backend.snapshot(false)).toEqual([]);
    expect(backend.snapshot(true).length).toBe(3);
  });

  it('drops a namespace of one old task without touching what another old task had in it', () => {
    const cluster = new Cluster(2, (backend) => backend.keyedColumns('t', { columns: [INT] }));
    const keys = Array.from({ length: 200 }, (_, i) => Uint8Array.of(i, 1, 2));
    for (const part of cluster.split(keys)) {
      part.state.namespace(100).resolve(keyBatch(part.keys), part.keys.length, new Int32Array(200));
    }
    cluster.checkpoint(false);
    const kept = cluster.tasks[0].state.namespace(100).size;
    cluster.tasks[1].state.drop(100);
    cluster.checkpoint(false);
    cluster.restart(1);
    expect(kept).toBeGreaterThan(0);
    expect(cluster.tasks[0].state.namespace(100).size).toBe(kept);
  });

  it('writes one small blob for dropped windows, however many keys they had', () => {
    const backend = createStateBackend();
    const state = backend.keyedColumns('t', { columns: [INT] });
    const keys = Array.from({ length: 5000 }, (_, i) => Uint8Array.of(i & 255, i >> 8));
    for (const id of [1, 2]) state.namespace(id).resolve(keyBatch(keys), keys.length, new Int32Array(keys.length));
    const blobs = backend.snapshot(false);
    state.drop(1);
    state.drop(2);
    state.namespace(2).resolve(keyBatch([null]), 1, new Int32Array(1));
    blobs.push(...backend.snapshot(false));
    expect(blobs[1].bytes.length).toBeLessThan(2000);
    const restored = createStateBackend();
    const again = restored.keyedColumns('t', { columns: [INT] });
    restored.restore(blobs, ALL);
    expect(again.namespaces()).toEqual([2]);
    expect(again.namespace(2).size).toBe(1);
  });

  it('takes the minimum of scalars over old tasks, each at its last value', () => {
    const cluster = new Cluster(2, (backend) => backend.scalars('s', 3));
    const [a, b] = cluster.tasks.map(({ state }) => state);
    a.set(0, 5);
    b.set(0, 9);
    b.set(1, 1);
    a.set(2, 4);
    b.set(2, 3);
    cluster.checkpoint(false);
    a.set(0, 7);
    cluster.checkpoint(false);
    cluster.restart(1);
    const { state } = cluster.tasks[0];
    // The second was never set by one task: a watermark not seen by all has not passed.
    expect([state.get(0), state.get(1), state.get(2)]).toEqual([7, NaN, 3]);
    cluster.checkpoint(false);
    cluster.restart(3);
    expect(cluster.tasks.map((task) => task.state.get(0))).toEqual([7, 7, 7]);
  });

  it('goes on where an earlier call to restore ended', () => {
    const backend = createStateBackend();
    const state = backend.keyedColumns('t', { columns: [INT] });
    for (const id of [1, 2]) state.namespace(id).resolve(keyBatch([null]), 1, new Int32Array(1));
    const blobs = backend.snapshot(false);
    state.drop(1);
    const later = backend.snapshot(false);
    const restored = createStateBackend();
    const again = restored.keyedColumns('t', { columns: [INT] });
    restored.restore(blobs, ALL);
    restored.restore(later, ALL);
    expect(again.namespaces()).toEqual([2]);
    expect(restored.snapshot(false)).toEqual([]);
  });

  it('counts its memory', () => {
    const backend = createStateBackend();
    const state = backend.keyedColumns('t', { columns: [DOUBLE] });
    const before = backend.bytes();
    const keys = Array.from({ length: 10_000 }, (_, i) => Uint8Array.of(i & 255, i >> 8, 1));
    state.namespace(0).resolve(keyBatch(keys), keys.length, new Int32Array(keys.length));
    const grown = backend.bytes() - before;
    expect(grown).toBeGreaterThan(10_000 * 25);
    expect(grown).toBeLessThan(10_000 * 150);
  });
});
