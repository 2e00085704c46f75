import { KEY_GROUPS, keyGroupOf } from '../data/hash.ts';
import type { KeyedTable } from './contracts.ts';

/** Slots in the order of their key groups, otherwise in the order given; `starts[g]` is where those of group g begin. */
export function orderByKeyGroup(
  table: Pick<KeyedTable, 'hashOf'>,
  slots: Int32Array,
): { readonly ordered: Int32Array; readonly starts: Int32Array } {
  const starts = new Int32Array(KEY_GROUPS + 1);
  for (let i = 0; i < slots.length; i++) starts[keyGroupOf(table.hashOf(slots[i])) + 1]++;
  for (let group = 0; group < KEY_GROUPS; group++) starts[group + 1] += starts[group];
  const next = starts.slice();
  const ordered = new Int32Array(slots.length);
  for (let i = 0; i < slots.length; i++) ordered[next[keyGroupOf(table.hashOf(slots[i]))]++] = slots[i];
  return { ordered, starts };
}

/** The slots of each key group. */
export function slotsByKeyGroup(table: Pick<KeyedTable, 'hashOf'>, slots: Int32Array): Int32Array[] {
  const { ordered, starts } = orderByKeyGroup(table, slots);
  return Array.from({ length: KEY_GROUPS }, (_, group) => ordered.subarray(starts[group], starts[group + 1]));
}
