/**
 * The stable hash of key bytes: word-wise multiply and xor-shift with a murmur3 finalizer. It decides key groups, so
 * it is part of the state format and must never change. Reads up to 3 bytes past the end (see BYTES_SLACK).
 */
export function hashBytes(view: DataView, start: number, end: number): number {
  let h = end - start;
  let p = start;
  for (; p + 4 <= end; p += 4) {
    h = Math.imul(h ^ view.getInt32(p, true), -1640531535);
    h ^= h >>> 15;
  }
  if (p < end) {
    h = Math.imul(h ^ (view.getInt32(p, true) & ((1 << ((end - p) << 3)) - 1)), -1640531535);
    h ^= h >>> 15;
  }
  h = Math.imul(h, -2048144789);
  return h ^ (h >>> 13);
}

export const KEY_GROUPS = 128;

/** Key groups come from the top bits; slot tables use the low bits. */
export function keyGroupOf(hash: number): number {
  return hash >>> 25;
}

/** Which of `parallelism` tasks owns a key group. */
export function taskOfKeyGroup(keyGroup: number, parallelism: number): number {
  return Math.floor((keyGroup * parallelism) / KEY_GROUPS);
}

/** Key groups [from, to) owned by a task. */
export interface KeyGroupRange {
  readonly from: number;
  readonly to: number;
}

export function keyGroupsOfTask(task: number, parallelism: number): KeyGroupRange {
  return {
    from: Math.ceil((task * KEY_GROUPS) / parallelism),
    to: Math.ceil(((task + 1) * KEY_GROUPS) / parallelism),
  };
}

/**
 * Keys of a batch as bytes, with their hashes, for rows 0 .. length - 1 (dense: no selection). An end of start - 1
 * (length -1) is the NULL key of a single-column key; its hash is NULL_KEY_HASH.
 */
export interface KeyBatch {
  length: number;
  bytes: Uint8Array;
  view: DataView;
  starts: Int32Array;
  ends: Int32Array;
  hashes: Int32Array;
}
export const NULL_KEY_HASH = 0x5bd1e995 | 0;
