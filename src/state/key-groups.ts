import { KEY_GROUPS } from '../data/hash.ts';

/** Items bucketed by key group: `order` lists them group by group; group g is order[offsets[g] .. offsets[g + 1]). */
export interface Buckets {
  readonly order: Int32Array;
  readonly offsets: Int32Array;
}

/** A stable counting sort of `items` by `groups[i]`, the key group of items[i]. */
export function bucketByGroup(items: Int32Array, groups: Uint8Array, count: number): Buckets {
  const offsets = new Int32Array(KEY_GROUPS + 1);
  for (let i = 0; i < count; i++) offsets[groups[i] + 1]++;
  for (let g = 0; g < KEY_GROUPS; g++) offsets[g + 1] += offsets[g];
  const next = offsets.slice();
  const order = new Int32Array(count);
  for (let i = 0; i < count; i++) order[next[groups[i]]++] = items[i];
  return { order, offsets };
}

/** Key groups of hashes (the top seven bits). */
export function groupsOf(hashes: Int32Array, count: number): Uint8Array {
  const groups = new Uint8Array(count);
  for (let i = 0; i < count; i++) groups[i] = hashes[i] >>> 25;
  return groups;
}
