import { BYTES_SLACK } from '../data/column.ts';
import { runtimeError } from '../data/errors.ts';
import type { SlotBytes } from './contracts.ts';
import { exchanged } from './exchanged.ts';

const MIN_ARENA = 256;
const MAX_ARENA = 0x7fffffff - BYTES_SLACK;
/** Below this a byte loop beats the native call of TypedArray.set. */
const SHORT = 64;

/**
 * Variable-length values in one arena. A value that does not fit into its old place goes to the end and leaves
 * garbage; a full arena is compacted when half of it is garbage and doubled otherwise. A value that grows by `append`
 * gets more room than it needs, so that n appends copy O(n) bytes.
 */
export class SlotBytesColumn implements SlotBytes {
  readonly layout = 'bytes';
  bytes = new Uint8Array(MIN_ARENA);
  view = new DataView(this.bytes.buffer);
  starts: Int32Array;
  lengths: Int32Array;
  nulls: Uint8Array | undefined;
  /** Bytes that a slot owns in the arena, at least its length. */
  private rooms: Int32Array;
  private used = 0;
  private garbage = 0;

  constructor(capacity: number, nulls: Uint8Array | undefined) {
    this.starts = new Int32Array(capacity);
    this.lengths = new Int32Array(capacity);
    this.rooms = new Int32Array(capacity);
    this.nulls = nulls;
  }

  set(slot: number, source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length > this.rooms[slot]) {
      // Not to be copied by a compaction on the way.
      this.reset(slot);
      this.allocate(slot, length);
    }
    this.lengths[slot] = length;
    if (this.nulls !== undefined) this.nulls[slot] = 0;
    this.write(this.starts[slot], source, start, end);
  }

  append(slot: number, source: Uint8Array, start: number, end: number): void {
    const old = this.lengths[slot];
    const length = old + end - start;
    if (length > this.rooms[slot]) this.enlarge(slot, length + (length >> 1));
    this.lengths[slot] = length;
    if (this.nulls !== undefined) this.nulls[slot] = 0;
    this.write(this.starts[slot] + old, source, start, end);
  }

  cut(slot: number, from: number, to: number): void {
    const start = this.starts[slot];
    this.bytes.copyWithin(start + from, start + to, start + this.lengths[slot]);
    this.lengths[slot] -= to - from;
  }

  /** Forgets the value of a slot. */
  reset(slot: number): void {
    this.garbage += this.rooms[slot];
    this.rooms[slot] = 0;
    this.lengths[slot] = 0;
    this.starts[slot] = 0;
  }

  /** Forgets the values of slots 0 .. used - 1, which are all that were ever set. */
  clear(used: number): void {
    this.starts.fill(0, 0, used);
    this.lengths.fill(0, 0, used);
    this.rooms.fill(0, 0, used);
    this.used = 0;
    this.garbage = 0;
  }

  grow(capacity: number): void {
    const starts = new Int32Array(capacity);
    starts.set(this.starts);
    this.starts = starts;
    const lengths = new Int32Array(capacity);
    lengths.set(this.lengths);
    this.lengths = lengths;
    const rooms = new Int32Array(capacity);
    rooms.set(this.rooms);
    this.rooms = rooms;
  }

  /** Moves into the arrays of an empty column that has more of them, which gets the own ones. */
  exchange(roomy: SlotBytesColumn, slots: number): void {
    [this.starts, roomy.starts] = exchanged(this.starts, roomy.starts, slots);
    [this.lengths, roomy.lengths] = exchanged(this.lengths, roomy.lengths, slots);
    [this.rooms, roomy.rooms] = exchanged(this.rooms, roomy.rooms, slots);
    if (roomy.bytes.length < this.bytes.length) return;
    [this.bytes, roomy.bytes] = exchanged(this.bytes, roomy.bytes, this.used);
    [this.view, roomy.view] = [roomy.view, this.view];
  }

  memory(): number {
    return this.bytes.byteLength + this.starts.byteLength * 3;
  }

  private write(at: number, source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    const target = this.bytes;
    if (length < SHORT && source !== target) {
      for (let i = 0; i < length; i++) target[at + i] = source[start + i];
    } else {
      target.set(source.subarray(start, end), at);
    }
  }

  private allocate(slot: number, room: number): void {
    if (this.used + room + BYTES_SLACK > this.bytes.length) this.makeRoom(room);
    this.starts[slot] = this.used;
    this.rooms[slot] = room;
    this.used += room;
  }

  /** Moves a value to the end, with so much room. */
  private enlarge(slot: number, room: number): void {
    if (this.used + room + BYTES_SLACK > this.bytes.length) this.makeRoom(room);
    const from = this.starts[slot];
    const length = this.lengths[slot];
    this.garbage += this.rooms[slot];
    this.starts[slot] = this.used;
    this.rooms[slot] = room;
    this.used += room;
    this.bytes.copyWithin(this.starts[slot], from, from + length);
  }

  /** Always moves to a new buffer: the value being set may come from the old one. */
  private makeRoom(extra: number): void {
    const live = this.used - this.garbage;
    const needed = live + extra + BYTES_SLACK;
    if (needed > MAX_ARENA) {
      throw runtimeError(
        'state-too-large',
        `a state column would hold ${needed} bytes in one task, at most ${MAX_ARENA}`,
      );
    }
    const compact = this.garbage * 2 >= this.used || this.used + extra > MAX_ARENA / 2;
    const size = compact ? Math.max(this.bytes.length, needed * 2) : Math.max(this.bytes.length * 2, needed * 2);
    const target = new Uint8Array(Math.min(size, MAX_ARENA));
    if (compact) this.copyLive(target);
    else target.set(this.bytes.subarray(0, this.used));
    this.bytes = target;
    this.view = new DataView(target.buffer);
  }

  private copyLive(target: Uint8Array): void {
    const { starts, lengths, rooms, bytes } = this;
    let at = 0;
    for (let slot = 0; slot < starts.length; slot++) {
      const length = lengths[slot];
      rooms[slot] = length;
      if (length === 0) continue;
      target.set(bytes.subarray(starts[slot], starts[slot] + length), at);
      starts[slot] = at;
      at += length;
    }
    this.used = at;
    this.garbage = 0;
  }
}
