import type { SlotQueue } from './contracts.ts';
import { EntryLinks } from './entry-links.ts';
import { grownInts } from './grown-ints.ts';
import { SlotNumbers } from './slot-numbers.ts';

const MIN_SIZE = 16;
/** Of a chain in the heap, the map and the list of the free ones, about. */
const CHAIN_BYTES = 64;

/**
 * The slots of one time hang in one chain and only times are in a heap: by the million slots share their times, and a
 * heap of all of them would miss the cache at each step.
 */
export class ChainedSlotQueue implements SlotQueue {
  size = 0;
  private readonly links = new EntryLinks();
  /** By slot: its chain. */
  private chains = new Int32Array(MIN_SIZE);
  /** By chain: its time, its place in the heap. */
  private readonly times = new SlotNumbers();
  private places = new Int32Array(MIN_SIZE);
  private readonly heap: number[] = [];
  private readonly byTime = new Map<number, number>();
  private readonly freeChains: number[] = [];
  private chainCount = 0;

  next(): number {
    return this.heap.length === 0 ? Infinity : this.times.values[this.heap[0]];
  }

  push(slot: number, time: number): void {
    if (slot >= this.chains.length) this.chains = grownInts(this.chains, Math.max(slot + 1, this.chains.length * 2));
    const chain = this.byTime.get(time) ?? this.open(time);
    this.links.grow(this.chainCount, slot + 1);
    this.chains[slot] = chain;
    this.links.append(chain, slot);
    this.size++;
  }

  remove(slot: number): void {
    const chain = this.chains[slot];
    this.links.unlink(chain, slot);
    this.size--;
    if (this.links.first(chain) === -1) this.close(chain);
  }

  pop(until: number, slots: Int32Array): number {
    let count = 0;
    while (count < slots.length && this.next() <= until) {
      const slot = this.links.first(this.heap[0]);
      slots[count++] = slot;
      this.remove(slot);
    }
    return count;
  }

  clear(): void {
    this.links.clear();
    this.heap.length = 0;
    this.byTime.clear();
    this.freeChains.length = 0;
    this.chainCount = 0;
    this.size = 0;
  }

  bytes(): number {
    const own = this.chains.byteLength + this.times.values.byteLength + this.places.byteLength;
    return this.links.bytes() + own + this.chainCount * CHAIN_BYTES;
  }

  private open(time: number): number {
    const chain = this.freeChains.pop() ?? this.chainCount++;
    if (chain >= this.places.length) this.places = grownInts(this.places, Math.max(chain + 1, this.places.length * 2));
    this.times.set(chain, time);
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
    this.byTime.delete(this.times.values[chain]);
    this.freeChains.push(chain);
  }

  private siftUp(from: number, chain: number): void {
    const { heap, places } = this;
    const times = this.times.values;
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
    const { heap, places } = this;
    const times = this.times.values;
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
}
