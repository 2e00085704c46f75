import type { SlotQueue } from './contracts.ts';

const MIN_SIZE = 16;
/** Of a chain in the heap, the map and the list of the free ones, about. */
const CHAIN_BYTES = 64;

/**
 * The slots of one time hang in one chain and only times are in a heap: by the million slots share their times, and a
 * heap of all of them would miss the cache at each step.
 */
export class ChainedSlotQueue implements SlotQueue {
  size = 0;
  /** By slot: neighbours in its chain, and the chain. */
  private nexts = new Int32Array(MIN_SIZE);
  private previous = new Int32Array(MIN_SIZE);
  private chains = new Int32Array(MIN_SIZE);
  /** By chain: its time, its ends, its place in the heap. */
  private times = new Float64Array(MIN_SIZE);
  private heads = new Int32Array(MIN_SIZE);
  private tails = new Int32Array(MIN_SIZE);
  private places = new Int32Array(MIN_SIZE);
  private readonly heap: number[] = [];
  private readonly byTime = new Map<number, number>();
  private readonly freeChains: number[] = [];
  private chainCount = 0;

  next(): number {
    return this.heap.length === 0 ? Infinity : this.times[this.heap[0]];
  }

  push(slot: number, time: number): void {
    if (slot >= this.nexts.length) this.growSlots(slot + 1);
    const chain = this.byTime.get(time) ?? this.open(time);
    const tail = this.tails[chain];
    this.chains[slot] = chain;
    this.previous[slot] = tail;
    this.nexts[slot] = -1;
    if (tail === -1) this.heads[chain] = slot;
    else this.nexts[tail] = slot;
    this.tails[chain] = slot;
    this.size++;
  }

  remove(slot: number): void {
    const chain = this.chains[slot];
    const before = this.previous[slot];
    const after = this.nexts[slot];
    if (before === -1) this.heads[chain] = after;
    else this.nexts[before] = after;
    if (after === -1) this.tails[chain] = before;
    else this.previous[after] = before;
    this.size--;
    if (this.heads[chain] === -1) this.close(chain);
  }

  pop(until: number, slots: Int32Array): number {
    let count = 0;
    while (count < slots.length && this.next() <= until) {
      const slot = this.heads[this.heap[0]];
      slots[count++] = slot;
      this.remove(slot);
    }
    return count;
  }

  clear(): void {
    this.heap.length = 0;
    this.byTime.clear();
    this.freeChains.length = 0;
    this.chainCount = 0;
    this.size = 0;
  }

  bytes(): number {
    const chains = this.times.byteLength + 3 * this.heads.byteLength;
    return 3 * this.nexts.byteLength + chains + this.chainCount * CHAIN_BYTES;
  }

  private open(time: number): number {
    const chain = this.freeChains.pop() ?? this.chainCount++;
    if (chain >= this.times.length) this.growChains(chain + 1);
    this.times[chain] = time;
    this.heads[chain] = -1;
    this.tails[chain] = -1;
    this.byTime.set(time, chain);
    this.heap.push(chain);
    this.siftUp(this.heap.length - 1, chain);
    return chain;
  }

  private close(chain: number): void {
    const at = this.places[chain];
    const moved = this.heap[this.heap.length - 1];
    this.heap.length--;
    if (moved !== chain) {
      this.siftUp(at, moved);
      if (this.places[moved] === at) this.siftDown(at, moved);
    }
    this.byTime.delete(this.times[chain]);
    this.freeChains.push(chain);
  }

  private siftUp(from: number, chain: number): void {
    const { heap, places, times } = this;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (times[chain] >= times[heap[parent]]) break;
      heap[at] = heap[parent];
      places[heap[at]] = at;
      at = parent;
    }
    heap[at] = chain;
    places[chain] = at;
  }

  private siftDown(from: number, chain: number): void {
    const { heap, places, times } = this;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && times[heap[child + 1]] < times[heap[child]]) child++;
      if (times[heap[child]] >= times[chain]) break;
      heap[at] = heap[child];
      places[heap[at]] = at;
      at = child;
    }
    heap[at] = chain;
    places[chain] = at;
  }

  private growSlots(needed: number): void {
    const size = Math.max(needed, this.nexts.length * 2);
    this.nexts = grown(this.nexts, size);
    this.previous = grown(this.previous, size);
    this.chains = grown(this.chains, size);
  }

  private growChains(needed: number): void {
    const size = Math.max(needed, this.times.length * 2);
    this.heads = grown(this.heads, size);
    this.tails = grown(this.tails, size);
    this.places = grown(this.places, size);
    const times = new Float64Array(size);
    times.set(this.times);
    this.times = times;
  }
}

function grown(old: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const next = new Int32Array(size);
  next.set(old);
  return next;
}
