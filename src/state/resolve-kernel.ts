import { unrolled } from '../data/grouped-loop.ts';
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
 * Keys from which on a batch first reads all of its key records: the misses then overlap.
 * Not worth it for batches whose lines would not stay in the cache until the second visit.
 */
const TOUCH_FROM = 1 << 15;
const TOUCH_ROWS = 8192;

/** Loops of their own for reads that wait for nothing: their misses of the cache overlap. */
const READS = `
function home(places, mask, hashes, count, refs) {
  ${unrolled((j) => `refs[${j}] = places[hashes[${j}] & mask];`)}
}
function touch(words, refs, count) {
  let x = 0;
  ${unrolled((j) => `x ^= words[refs[${j}]];`)}
  return x;
}`;

/** Keys of up to this many bytes are compared without a loop. */
const SHORT = 16;

/** Leaves by `fail` unless the record `ref` has the key; a record's last word is masked, so the key's is masked too. */
function compareShort(fail: string): string {
  const word = (k: number): string => {
    const masked = `(view.getInt32(start + ${4 * k}, true) & ((1 << ((length - ${4 * k}) << 3)) - 1))`;
    return `if (length >= ${4 * k + 4}) { if (words[ref + ${3 + k}] !== view.getInt32(start + ${4 * k}, true)) ${fail} }
    else if (length > ${4 * k} && words[ref + ${3 + k}] !== ${masked}) ${fail}`;
  };
  return `
    if (words[ref] !== h || words[ref + 2] !== length || length > ${SHORT}) ${fail}
    if (length >= 12) {
      if (words[ref + 3] !== view.getInt32(start, true) || words[ref + 4] !== view.getInt32(start + 4, true)
        || words[ref + 5] !== view.getInt32(start + 8, true)) ${fail}
      ${word(3)}
    } else {
      ${word(0)}
      ${word(1)}
      ${word(2)}
    }`;
}

/** The same for keys of any length. A NULL key has length -1. */
function compareAny(fail: string): string {
  return `
    if (words[ref] !== h || words[ref + 2] !== length) ${fail}
    {
      const end = start + length;
      let q = start, w = ref + 3;
      for (; q + 4 <= end; q += 4, w++) if (words[w] !== view.getInt32(q, true)) ${fail}
      if (q < end && words[w] !== (view.getInt32(q, true) & ((1 << ((end - q) << 3)) - 1))) ${fail}
    }`;
}

/**
 * The rows whose keys are at their hash's position or at the next one, which are nearly all of the known ones; the
 * others are left in `misses`. `slots` comes with the records at the positions of the hashes. Nothing is called, nothing
 * but the row loop loops here and nothing but the slot is written, so that V8 keeps the arrays in registers.
 */
function knownLoop(name: string, compare: (fail: string) => string, ttl: boolean): string {
  return `
function ${name}(table, keys, count, slots, misses, now) {
  const view = keys.view, starts = keys.starts, ends = keys.ends, hashes = keys.hashes;
  const places = table.index.places, mask = table.index.mask, words = table.records.words;
  ${ttl ? 'const lastWrite = table.lastWrite, ttl = table.ttl;' : ''}
  let missed = 0;
  rows: for (let i = 0; i < count; i++) {
    const h = hashes[i], start = starts[i], length = ends[i] - start;
    let ref = slots[i];
    found: {
      home: {${compare('break home;')}
        break found;
      }
      if (ref === 0) { misses[missed++] = i; continue; }
      ref = places[(h + 1) & mask];
      ${compare('{ misses[missed++] = i; continue rows; }')}
    }
    const slot = words[ref + 1];
    ${ttl ? 'if (now - lastWrite[slot] >= ttl) { misses[missed++] = i; continue; }' : ''}
    slots[i] = slot;
  }
  return missed;
}`;
}

/** The loops over known keys, and what runs them: leaves the number of rows that they do not answer in `missed`. */
function known(ttl: boolean): string {
  return `${READS}${knownLoop('knownShort', compareShort, ttl)}${knownLoop('knownAny', compareAny, ttl)}
function known(table, keys, count, slots, misses, now) {
  home(table.index.places, table.index.mask, keys.hashes, count, slots);
  if (table.size > ${TOUCH_FROM} && count <= ${TOUCH_ROWS}) table.touched ^= touch(table.records.words, slots, count);
  const short = count > 0 && keys.ends[0] - keys.starts[0] <= ${SHORT};
  return short ? knownShort(table, keys, count, slots, misses, now) : knownAny(table, keys, count, slots, misses, now);
}`;
}

const LOCALS = `
  const view = keys.view, starts = keys.starts, ends = keys.ends, hashes = keys.hashes;
  let places = table.index.places, mask = table.index.mask, words = table.records.words;
  const misses = table.missBuffer(count);
  const missed = known(table, keys, count, slots, misses, now);`;

/** Leaves in `slot` the slot of the j-th missed row, or -1, and in `p` the index position where the search ended. */
const SEARCH = `
    const i = misses[j], h = hashes[i], start = starts[i], length = ends[i] - start;
    let p = h & mask, slot = -1;
    for (;; p = (p + 1) & mask) {
      const ref = places[p];
      if (ref === 0) break;
      other: {
        ${compareAny('break other;')}
        slot = words[ref + 1];
      }
      if (slot !== -1) break;
    }`;

/** A resolve loop of its own for one state table, so that V8 specialises it. */
export function compileResolve(ttl: boolean): ResolveKernel {
  const expired = ttl
    ? `else if (now - lastWrite[slot] >= table.ttl) { table.renew(slot); fresh++; if (isNew !== undefined) isNew[i] = 1; }`
    : '';
  return new Function(`'use strict';${known(ttl)}
function mark(table, slots, count, now) {
  const dirty = table.dirty;
  ${ttl ? 'const lastWrite = table.lastWrite;' : ''}
  ${unrolled((j) => `dirty[slots[${j}]] |= 1; ${ttl ? `lastWrite[slots[${j}]] = now;` : ''}`)}
}
return function resolve(table, keys, count, slots, isNew, now) {${LOCALS}
  let fresh = 0;
  ${ttl ? 'let lastWrite = table.lastWrite;' : ''}
  if (isNew !== undefined) isNew.fill(0, 0, count);
  for (let j = 0; j < missed; j++) {${SEARCH}
    if (slot === -1) {
      slot = table.insert(view, start, length, h, p);
      places = table.index.places; mask = table.index.mask; words = table.records.words;
      ${ttl ? 'lastWrite = table.lastWrite;' : ''}
      fresh++;
      if (isNew !== undefined) isNew[i] = 1;
    } ${expired}
    ${ttl ? 'lastWrite[slot] = now;' : ''}
    slots[i] = slot;
  }
  mark(table, slots, count, now);
  return fresh;
}`)();
}

export function compileFind(ttl: boolean): FindKernel {
  const expired = ttl ? 'if (slot !== -1 && now - lastWrite[slot] >= table.ttl) slot = -1;' : '';
  return new Function(`'use strict';${known(ttl)}
return function find(table, keys, count, slots, now) {${LOCALS}
  ${ttl ? 'const lastWrite = table.lastWrite;' : ''}
  for (let j = 0; j < missed; j++) {${SEARCH}
    ${expired}
    slots[i] = slot;
  }
}`)();
}
