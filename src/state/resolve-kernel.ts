import type { KeyBatch } from '../data/hash.ts';
import type { SlotTable } from './slot-table.ts';

export type ResolveKernel = (
  table: SlotTable,
  keys: KeyBatch,
  count: number,
  slots: Int32Array,
  isNew: Uint8Array | undefined,
  now: number,
) => number;
export type FindKernel = (table: SlotTable, keys: KeyBatch, count: number, slots: Int32Array, now: number) => void;

/**
 * Index words from which on a batch first reads all of its index entries and key records: the misses then overlap.
 * Not worth it for batches whose lines would not stay in the cache until the second visit.
 */
const TOUCH_FROM = 1 << 14;
const TOUCH_ROWS = 8192;

/** Leaves in `seen` the record at each row's home position in the index, and the records' first lines in the cache. */
const TOUCH = `
  let touched = mask >= ${TOUCH_FROM} && count <= ${TOUCH_ROWS};
  const seen = table.touchBuffer(touched ? count : 0);
  if (touched) {
    let x = 0;
    for (let i = 0; i < count; i++) seen[i] = index[((hashes[i] << 1) & mask) + 1];
    for (let i = 0; i < count; i++) x ^= arena[seen[i]];
    table.touched ^= x;
  }`;

/**
 * Whether the key record `ref` holds the bytes [start, end): they are compared a word at a time; the record's last
 * word is masked, so the batch's is masked too. A NULL key has length -1.
 */
const COMPARE = `
        let q = start, w = ref + 3, same = true;
        if (length >= 12) {
          same = arena[w] === view.getInt32(q, true) && arena[w + 1] === view.getInt32(q + 4, true)
            && arena[w + 2] === view.getInt32(q + 8, true);
          q += 12; w += 3;
        }
        for (; same && q + 4 <= end; q += 4, w++) same = arena[w] === view.getInt32(q, true);
        if (same && q < end) same = arena[w] === (view.getInt32(q, true) & ((1 << ((end - q) << 3)) - 1));`;

/** Leaves in `slot` the slot of row i, or -1, and in `p` the index position where the search ended. */
const PROBE = `
    const h = hashes[i], start = starts[i], end = ends[i], length = end - start;
    let p = (h << 1) & mask, slot = -1;
    if (touched) {
      // Mostly the record is where its hash points, and is there already.
      const ref = seen[i];
      if (ref !== 0 && arena[ref] === h && arena[ref + 2] === length) {${COMPARE}
        if (same) slot = arena[ref + 1];
      }
    }
    if (slot === -1) for (;;) {
      const ref = index[p + 1];
      if (ref === 0) break;
      if (index[p] === h && arena[ref + 2] === length) {${COMPARE}
        if (same) { slot = arena[ref + 1]; break; }
      }
      p = (p + 2) & mask;
    }`;

const LOCALS = `
  const view = keys.view, starts = keys.starts, ends = keys.ends, hashes = keys.hashes;
  let index = table.index, mask = table.mask, arena = table.arena;`;

/** A resolve loop of its own for one state table, so that V8 specialises it. */
export function compileResolve(ttl: boolean): ResolveKernel {
  const expired = ttl
    ? `else if (now - lastWrite[slot] >= table.ttl) { table.renew(slot); fresh++; if (isNew !== undefined) isNew[i] = 1; }`
    : '';
  return new Function(`'use strict'; return function resolve(table, keys, count, slots, isNew, now) {${LOCALS}
  let dirty = table.dirty, fresh = 0;
  ${ttl ? 'let lastWrite = table.lastWrite;' : ''}
  ${TOUCH}
  for (let i = 0; i < count; i++) {${PROBE}
    if (slot === -1) {
      slot = table.insert(view, start, length, h, p);
      // What was seen are places in the arena that it had then.
      if (arena !== table.arena) touched = false;
      index = table.index; mask = table.mask; arena = table.arena; dirty = table.dirty;
      ${ttl ? 'lastWrite = table.lastWrite;' : ''}
      fresh++;
      if (isNew !== undefined) isNew[i] = 1;
    } ${expired} else if (isNew !== undefined) isNew[i] = 0;
    dirty[slot] |= 1;
    ${ttl ? 'lastWrite[slot] = now;' : ''}
    slots[i] = slot;
  }
  return fresh;
}`)();
}

export function compileFind(ttl: boolean): FindKernel {
  const expired = ttl ? 'if (slot !== -1 && now - lastWrite[slot] >= table.ttl) slot = -1;' : '';
  return new Function(`'use strict'; return function find(table, keys, count, slots, now) {${LOCALS}
  ${ttl ? 'const lastWrite = table.lastWrite;' : ''}
  ${TOUCH}
  for (let i = 0; i < count; i++) {${PROBE}
    ${expired}
    slots[i] = slot;
  }
}`)();
}
