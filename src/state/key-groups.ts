import { KEY_GROUPS, keyGroupOf } from '../data/hash.ts';
import type { KeyedTable } from './contracts.ts';

/** Rows bucketed by key group: `order` lists them group by group; group g is order[offsets[g] .. offsets[g + 1]). */
export interface Buckets {
  readonly order: Int32Array;
  readonly offsets: Int32Array;
}

/** A stable counting sort of rows 0 .. count - 1 by the key groups of their hashes. */
export function bucketByGroup(hashes: Int32Array, count: number): Buckets {
  const offsets = new Int32Array(KEY_GROUPS + 1);
  for (let i = 0; i < count; i++) offsets[keyGroupOf(hashes[i]) + 1]++;
  for (let g = 0; g < KEY_GROUPS; g++) offsets[g + 1] += offsets[g];
  const next = offsets.slice();
  const order = new Int32Array(count);
  for (let i = 0; i < count; i++) order[next[keyGroupOf(hashes[i])]++] = i;
  return { order, offsets };
}

/** The key group of each slot. */
export function groupsOf(table: Pick<KeyedTable, 'hashOf'>, slots: Int32Array): Int8Array {
  const groups = new Int8Array(slots.length);
  for (let i = 0; i < slots.length; i++) groups[i] = keyGroupOf(table.hashOf(slots[i]));
  return groups;
}
