import { runtimeError } from '../data/errors.ts';
import { exchanged } from './exchanged.ts';
import type { KeyLog } from './key-log.ts';
import { GONE } from './slot-index.ts';

const FIRST_REF = 4;
/** Words before the bytes. */
const HEADER = 3;
/** Words that stay readable after the last record (BYTES_SLACK). */
const SLACK_WORDS = 2;
/** Length of the records that are none, at 0 and at GONE: no key is as long. */
const NO_KEY = -2;
const MAX_WORDS = 0x1fffffff;

/**
 * The keys of a slot table, record after record: hash, slot, byte length (-1 = NULL key), the bytes padded with zeros. A
 * record is known by the place of its first word. Fields are public for the generated loops and for snapshots.
 */
export class KeyRecords {
  words: Int32Array;
  bytes: Uint8Array;
  view: DataView;
  private used = FIRST_REF;
  private garbage = 0;

  constructor(words: number) {
    this.words = emptyWords(words);
    this.bytes = new Uint8Array(this.words.buffer);
    this.view = new DataView(this.words.buffer);
  }

  hashOf(ref: number): number {
    return this.words[ref];
  }

  /** In bytes, -1 for the NULL key. */
  lengthOf(ref: number): number {
    return this.words[ref + 2];
  }

  /** Where the key's bytes begin. */
  startOf(ref: number): number {
    return (ref + HEADER) << 2;
  }

  fits(length: number): boolean {
    return this.used + wordsOf(length) + SLACK_WORDS <= this.words.length;
  }

  /** Adds a key for which there is room; returns its place. */
  add(view: DataView, start: number, length: number, hash: number, slot: number): number {
    const { words } = this;
    const ref = this.used;
    this.used += wordsOf(length);
    words[ref] = hash;
    words[ref + 1] = slot;
    words[ref + 2] = length;
    const end = start + length;
    let w = ref + HEADER;
    let q = start;
    for (; q + 4 <= end; q += 4) words[w++] = view.getInt32(q, true);
    if (q < end) words[w] = view.getInt32(q, true) & ((1 << ((end - q) << 3)) - 1);
    return ref;
  }

  /** The record is nobody's any more; its words are used again when all are moved. */
  remove(ref: number): void {
    this.garbage += wordsOf(this.lengthOf(ref));
  }

  /**
   * Makes room for a key of `length`. Always moves to a new buffer: the keys being resolved may be views of the old one.
   * True when records have other places now, which `refs` (by slot, 0 = free) gets.
   */
  grow(length: number, refs: Int32Array, slots: number): boolean {
    const { garbage } = this;
    const needed = this.used - garbage + wordsOf(length) + SLACK_WORDS;
    if (needed > MAX_WORDS) {
      throw runtimeError(
        'state-too-large',
        `keys of a state table need ${needed * 4} bytes in one task, at most 2 GiB`,
      );
    }
    const compact = garbage * 2 >= this.used || this.words.length * 2 > MAX_WORDS;
    const wanted = Math.max(compact ? this.words.length : grownCapacity(this.words.length), grownCapacity(needed));
    const words = emptyWords(Math.min(MAX_WORDS, wanted));
    if (compact) this.compactInto(words, refs, slots);
    else words.set(this.words.subarray(0, this.used));
    this.words = words;
    this.bytes = new Uint8Array(words.buffer);
    this.view = new DataView(words.buffer);
    return compact;
  }

  private compactInto(target: Int32Array, refs: Int32Array, slots: number): void {
    let at = FIRST_REF;
    for (let slot = 0; slot < slots; slot++) {
      const ref = refs[slot];
      if (ref <= 0) continue;
      const size = wordsOf(this.lengthOf(ref));
      for (let k = 0; k < size; k++) target[at + k] = this.words[ref + k];
      refs[slot] = at;
      at += size;
    }
    this.used = at;
    this.garbage = 0;
  }

  equals(ref: number, bytes: Uint8Array, start: number, length: number): boolean {
    const own = this.bytes;
    const at = this.startOf(ref);
    for (let i = 0; i < length; i++) if (own[at + i] !== bytes[start + i]) return false;
    return true;
  }

  copyTo(log: KeyLog, ref: number): void {
    const start = this.startOf(ref);
    log.add(this.bytes, start, start + this.lengthOf(ref), this.hashOf(ref));
  }

  /** Forgets all; the buffer stays. */
  clear(): void {
    this.used = FIRST_REF;
    this.garbage = 0;
  }

  /** Moves into the buffer of empty records where that is not smaller; they get the old one, cleared. */
  exchange(roomy: KeyRecords): void {
    if (roomy.words.length < this.words.length) return;
    [this.words, roomy.words] = exchanged(this.words, roomy.words, this.used);
    markNone(roomy.words);
    [this.bytes, roomy.bytes] = [roomy.bytes, this.bytes];
    [this.view, roomy.view] = [roomy.view, this.view];
  }

  /** Memory held, in bytes. */
  memory(): number {
    return this.words.byteLength;
  }
}

/** Up to here a table doubles; from then on it grows by a quarter, so that little room is empty. */
const DOUBLE_UP_TO = 1 << 17;

/** The next capacity, a multiple of eight. */
export function grownCapacity(capacity: number): number {
  return capacity < DOUBLE_UP_TO ? capacity * 2 : (capacity + (capacity >> 2) + 7) & ~7;
}

function wordsOf(length: number): number {
  return HEADER + ((Math.max(0, length) + 3) >> 2);
}

function emptyWords(count: number): Int32Array {
  const words = new Int32Array(count);
  markNone(words);
  return words;
}

function markNone(words: Int32Array): void {
  words[2] = NO_KEY;
  words[GONE + 2] = NO_KEY;
}
