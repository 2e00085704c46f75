import type { SlotQueue } from './contracts.ts';
import { grownInts } from './grown-ints.ts';
import { NumberIndex } from './number-index.ts';
import { SlotNumbers } from './slot-numbers.ts';

const MIN_SIZE = 16;
/** Words of a page: one line of the cache. The number of the next page, that of the chain, then slots. */
const PAGE = 16;
const NEXT = 0;
const CHAIN = 1;
const FIRST = 2;
/** Instead of a slot that was removed. */
const HOLE = -1;

/** Words of a chain: where its next slot is, where it ends, how many slots it has, and its place in the heap. */
const WORDS = 4;
const FROM = 0;
const TO = 1;
const COUNT = 2;
const PLACE = 3;

/**
 * The slots of one time are in one chain of pages and only times are in a heap: by the million slots share their times,
 * and a heap of all of them would miss the cache at each step. What is popped is read page by page; by slot there is
 * only its place, for its removal.
 */
export class PagedSlotQueue implements SlotQueue {
  size = 0;
  private pages = new Int32Array(MIN_SIZE * PAGE);
  private pageCount = 0;
  /** Given back, chained by NEXT; -1 at the end. */
  private freePage = -1;
  private places = new Int32Array(MIN_SIZE);
  private chains = new Int32Array(MIN_SIZE * WORDS);
  private readonly times = new SlotNumbers();
  private readonly heap: number[] = [];
  private readonly byTime = new NumberIndex();
  private readonly freeChains: number[] = [];
  private chainCount = 0;

  next(): number {
    return this.heap.length === 0 ? Infinity : this.times.values[this.heap[0]];
  }

  push(slot: number, time: number): void {
    if (slot >= this.places.length) this.places = grownInts(this.places, Math.max(slot + 1, this.places.length * 2));
    let chain = this.byTime.get(time);
    if (chain < 0) chain = this.open(time);
    const own = chain * WORDS;
    let at = this.chains[own + TO];
    // The word behind a page is that of another one.
    if (at % PAGE === 0) {
      const page = this.takePage(chain);
      this.pages[pageBefore(at) * PAGE + NEXT] = page;
      at = page * PAGE + FIRST;
    }
    this.pages[at] = slot;
    this.places[slot] = at;
    this.chains[own + TO] = at + 1;
    this.chains[own + COUNT]++;
    this.size++;
  }

  remove(slot: number): void {
    const { pages, chains } = this;
    const at = this.places[slot];
    const chain = pages[at - (at % PAGE) + CHAIN];
    pages[at] = HOLE;
    this.size--;
    if (--chains[chain * WORDS + COUNT] === 0) this.close(chain);
  }

  pop(until: number, slots: Int32Array): number {
    let count = 0;
    while (count < slots.length && this.next() <= until) {
      const before = count;
      const own = this.heap[0] * WORDS;
      count = this.take(own, slots, count);
      this.size -= count - before;
      this.chains[own + COUNT] -= count - before;
      if (this.chains[own + COUNT] === 0) this.close(this.heap[0]);
    }
    return count;
  }

  clear(): void {
    this.heap.length = 0;
    this.byTime.clear();
    this.freeChains.length = 0;
    this.chainCount = 0;
    this.pageCount = 0;
    this.freePage = -1;
    this.size = 0;
  }

  bytes(): number {
    const own = this.pages.byteLength + this.places.byteLength + this.chains.byteLength;
    return own + this.times.values.byteLength + this.heap.length * 8 + this.byTime.bytes();
  }

  /** Moves slots from a chain to `slots`, behind `count`, as far as there are both; returns the new count. */
  private take(own: number, slots: Int32Array, count: number): number {
    const { pages, chains } = this;
    const end = chains[own + TO];
    let from = chains[own + FROM];
    let taken = count;
    while (from !== end && taken < slots.length) {
      if (from % PAGE === 0) from = this.givePage(pageBefore(from)) * PAGE + FIRST;
      const slot = pages[from++];
      if (slot !== HOLE) slots[taken++] = slot;
    }
    chains[own + FROM] = from;
    return taken;
  }

  private takePage(chain: number): number {
    let page = this.freePage;
    if (page >= 0) this.freePage = this.pages[page * PAGE + NEXT];
    else page = this.pageCount++;
    if ((page + 1) * PAGE > this.pages.length) this.pages = grownInts(this.pages, this.pages.length * 2);
    this.pages[page * PAGE + CHAIN] = chain;
    return page;
  }

  /** Returns the page that came after it in its chain. */
  private givePage(page: number): number {
    const after = this.pages[page * PAGE + NEXT];
    this.pages[page * PAGE + NEXT] = this.freePage;
    this.freePage = page;
    return after;
  }

  private open(time: number): number {
    const chain = this.freeChains.pop() ?? this.chainCount++;
    const own = chain * WORDS;
    if (own + WORDS > this.chains.length) this.chains = grownInts(this.chains, this.chains.length * 2);
    const at = this.takePage(chain) * PAGE + FIRST;
    this.chains[own + FROM] = at;
    this.chains[own + TO] = at;
    this.chains[own + COUNT] = 0;
    this.times.set(chain, time);
    this.byTime.add(time, chain);
    this.heap.push(chain);
    this.siftUp(this.heap.length - 1, chain);
    return chain;
  }

  private close(chain: number): void {
    const own = chain * WORDS;
    const last = pageBefore(this.chains[own + TO]);
    for (let page = pageBefore(this.chains[own + FROM]); page !== last;) page = this.givePage(page);
    this.givePage(last);
    const at = this.chains[own + PLACE];
    const moved = this.heap[this.heap.length - 1];
    this.heap.length--;
    if (moved !== chain) {
      this.siftUp(at, moved);
      if (this.chains[moved * WORDS + PLACE] === at) this.siftDown(at, moved);
    }
    this.byTime.remove(this.times.values[chain]);
    this.freeChains.push(chain);
  }

  private siftUp(from: number, chain: number): void {
    const { heap, chains } = this;
    const times = this.times.values;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (times[chain] >= times[heap[parent]]) break;
      heap[at] = heap[parent];
      chains[heap[at] * WORDS + PLACE] = at;
      at = parent;
    }
    heap[at] = chain;
    chains[chain * WORDS + PLACE] = at;
  }

  private siftDown(from: number, chain: number): void {
    const { heap, chains } = this;
    const times = this.times.values;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && times[heap[child + 1]] < times[heap[child]]) child++;
      if (times[heap[child]] >= times[chain]) break;
      heap[at] = heap[child];
      chains[heap[at] * WORDS + PLACE] = at;
      at = child;
    }
    heap[at] = chain;
    chains[chain * WORDS + PLACE] = at;
  }
}

/** The page of the word before. */
function pageBefore(at: number): number {
  return Math.floor((at - 1) / PAGE);
}
