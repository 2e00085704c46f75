/** A binary heap of slots by (time, sequence) that knows where each slot is, so that any can be removed. */
export class SlotHeap {
  length = 0;
  private heap = new Int32Array(16);
  private position = new Int32Array(16);
  private time = new Float64Array(16);
  private sequence = new Float64Array(16);

  /** The first slot, or -1. */
  top(): number {
    return this.length === 0 ? -1 : this.heap[0];
  }
  timeOf(slot: number): number {
    return this.time[slot];
  }
  sequenceOf(slot: number): number {
    return this.sequence[slot];
  }

  push(slot: number, time: number, sequence: number): void {
    this.grow(slot);
    this.time[slot] = time;
    this.sequence[slot] = sequence;
    this.siftUp(this.length++, slot);
  }

  remove(slot: number): void {
    const at = this.position[slot];
    const moved = this.heap[--this.length];
    if (moved === slot) return;
    this.siftUp(at, moved);
    if (this.position[moved] === at) this.siftDown(at, moved);
  }

  bytes(): number {
    return this.heap.byteLength + this.position.byteLength + this.time.byteLength + this.sequence.byteLength;
  }

  private siftUp(from: number, slot: number): void {
    const { heap, position } = this;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.before(slot, heap[parent])) break;
      heap[at] = heap[parent];
      position[heap[at]] = at;
      at = parent;
    }
    heap[at] = slot;
    position[slot] = at;
  }

  private siftDown(from: number, slot: number): void {
    const { heap, position, length } = this;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && this.before(heap[child + 1], heap[child])) child++;
      if (!this.before(heap[child], slot)) break;
      heap[at] = heap[child];
      position[heap[at]] = at;
      at = child;
    }
    heap[at] = slot;
    position[slot] = at;
  }

  private before(a: number, b: number): boolean {
    return this.time[a] < this.time[b] || (this.time[a] === this.time[b] && this.sequence[a] < this.sequence[b]);
  }

  private grow(slot: number): void {
    const needed = Math.max(slot + 1, this.length + 1);
    if (needed <= this.heap.length) return;
    const size = Math.max(needed, this.heap.length * 2);
    const ints = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const next = new Int32Array(size);
      next.set(old);
      return next;
    };
    const floats = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const next = new Float64Array(size);
      next.set(old);
      return next;
    };
    this.heap = ints(this.heap);
    this.position = ints(this.position);
    this.time = floats(this.time);
    this.sequence = floats(this.sequence);
  }
}
