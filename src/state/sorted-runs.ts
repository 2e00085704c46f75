import { grownInts } from './grown-ints.ts';

/**
 * Per owner a run of slots sorted by (order, arrival), in one arena of power-of-two blocks. Adding at the end and
 * removing at the front, the usual cases of time-ordered state, move nothing.
 */
export class SortedRuns {
  private arena = new Int32Array(64);
  private used = 0;
  /** Free blocks by log2 of their size. */
  private readonly free: number[][] = [];
  private base = new Int32Array(16);
  private from = new Int32Array(16);
  private to = new Int32Array(16);
  /** log2 of the block size, -1 for no block. */
  private bits = new Int8Array(16).fill(-1);
  /** The position last handed out: walking from there needs no search. */
  private cursor = 0;
  private readonly order: (slot: number) => number;
  private readonly arrival: (slot: number) => number;

  constructor(order: (slot: number) => number, arrival: (slot: number) => number) {
    this.order = order;
    this.arrival = arrival;
  }

  grow(owners: number): void {
    if (owners <= this.base.length) return;
    const size = Math.max(owners, this.base.length * 2);
    this.base = grownInts(this.base, size);
    this.from = grownInts(this.from, size);
    this.to = grownInts(this.to, size);
    const bits = new Int8Array(size).fill(-1);
    bits.set(this.bits);
    this.bits = bits;
  }

  /** Number of slots of an owner. */
  length(owner: number): number {
    return this.to[owner] - this.from[owner];
  }

  /** Adds a slot behind those that are not greater. */
  insert(owner: number, slot: number): void {
    let at = this.position(owner, this.order(slot), this.arrival(slot));
    if (this.bits[owner] < 0 || this.to[owner] === this.size(owner)) at -= this.makeRoom(owner);
    const base = this.base[owner];
    const end = this.to[owner];
    if (at < end) this.arena.copyWithin(base + at + 1, base + at, base + end);
    this.arena[base + at] = slot;
    this.to[owner]++;
  }

  remove(owner: number, slot: number): void {
    const base = this.base[owner];
    if (this.arena[base + this.from[owner]] === slot) {
      this.from[owner]++;
    } else {
      const at = this.positionOf(owner, slot);
      this.arena.copyWithin(base + at, base + at + 1, base + this.to[owner]);
      this.to[owner]--;
    }
    if (this.from[owner] === this.to[owner]) this.release(owner);
  }

  /** The first slot with order >= from and arrival >= arrival, or -1. */
  lowerBound(owner: number, order: number, arrival = -Infinity): number {
    return this.at(owner, this.position(owner, order, arrival));
  }

  /** The slot `by` places after (before, if negative) this one, or -1. */
  neighbour(owner: number, slot: number, by: number): number {
    return this.at(owner, this.positionOf(owner, slot) + by);
  }

  bytes(): number {
    return this.arena.byteLength + 3 * this.base.byteLength + this.bits.byteLength;
  }

  private at(owner: number, at: number): number {
    if (at < this.from[owner] || at >= this.to[owner]) return -1;
    this.cursor = this.base[owner] + at;
    return this.arena[this.cursor];
  }

  private positionOf(owner: number, slot: number): number {
    const hint = this.cursor - this.base[owner];
    if (hint >= this.from[owner] && hint < this.to[owner] && this.arena[this.cursor] === slot) return hint;
    return this.position(owner, this.order(slot), this.arrival(slot));
  }

  /** Binary search for the first place whose slot is not before (order, arrival); the end first, where most go. */
  private position(owner: number, order: number, arrival: number): number {
    const base = this.base[owner];
    let low = this.from[owner];
    let high = this.to[owner];
    if (low < high && this.isBefore(this.arena[base + high - 1], order, arrival)) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.isBefore(this.arena[base + middle], order, arrival)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private isBefore(slot: number, order: number, arrival: number): boolean {
    const own = this.order(slot);
    return own < order || (own === order && this.arrival(slot) < arrival);
  }

  private size(owner: number): number {
    return 1 << this.bits[owner];
  }

  /** Moves the run to the front of its block, or of a larger one; returns by how much positions fell. */
  private makeRoom(owner: number): number {
    const from = this.from[owner];
    const length = this.to[owner] - from;
    const old = this.base[owner];
    const bits = this.bits[owner];
    // Half free: moving down is paid for by the removals that made the room.
    const stay = bits >= 0 && length * 2 <= this.size(owner);
    if (!stay) {
      const next = this.takeBlock(bits < 0 ? 1 : bits + 1);
      this.base[owner] = next;
      this.bits[owner] = bits < 0 ? 1 : bits + 1;
    }
    if (length > 0) this.arena.copyWithin(this.base[owner], old + from, old + from + length);
    if (!stay && bits >= 0) this.giveBlock(old, bits);
    this.from[owner] = 0;
    this.to[owner] = length;
    return from;
  }

  private release(owner: number): void {
    this.giveBlock(this.base[owner], this.bits[owner]);
    this.bits[owner] = -1;
    this.from[owner] = 0;
    this.to[owner] = 0;
  }

  private takeBlock(bits: number): number {
    const block = this.free[bits]?.pop();
    if (block !== undefined) return block;
    const at = this.used;
    this.used += 1 << bits;
    if (this.used > this.arena.length) {
      const arena = new Int32Array(Math.max(this.used, this.arena.length * 2));
      arena.set(this.arena);
      this.arena = arena;
    }
    return at;
  }

  private giveBlock(at: number, bits: number): void {
    (this.free[bits] ??= []).push(at);
  }
}
