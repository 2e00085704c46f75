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
const TOUCH_FROM = 1 << 16;
const TOUCH_ROWS = 8192;

const TOUCH = `
  if (mask >= ${TOUCH_FROM} && count <= ${TOUCH_ROWS}) {
    const seen = table.touchBuffer(count);
    let x = 0;
    for (let i = 0; i < count; i++) seen[i] = index[((hashes[i] << 1) & mask) + 1];
    for (let i = 0; i < count; i++) x ^= arena[seen[i]];
    table.touched ^= x;
  }`;

/**
 * Leaves in `slot` the slot of row i, or -1, and in `p` the index position where the search ended. Key records are
 * compared a word at a time; their last word is masked, so the batch's is masked too. A NULL key has length -1.
 */
const PROBE = `
    const h = hashes[i], start = starts[i], end = ends[i], length = end - start;
    let p = (h << 1) & mask, slot = -1;
    for (;;) {
      const ref = index[p + 1];
      if (ref === 0) break;
      if (index[p] === h && arena[ref + 2] === length) {
        let q = start, w = ref + 3;
        while (q + 4 <= end && arena[w] === view.getInt32(q, true)) { q += 4; w++; }
        if (q >= end || (q + 4 > end && arena[w] === (view.getInt32(q, true) & ((1 << ((end - q) << 3)) - 1)))) {
          slot = arena[ref + 1];
          break;
        }
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
