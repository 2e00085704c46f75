/** Gives so many zeroed bytes, at a multiple of eight. */
export type Allocate = (size: number) => Uint8Array;

/** Memory of its own for each: what is seldom made, or by tests. */
export const allocateBytes: Allocate = (size) => new Uint8Array(size);

const SLAB_BYTES = 256 << 10;
/** More than that at once is not worth keeping: it comes from a full snapshot of a very large state. */
const LARGEST_KEPT = 64 << 20;
/** A slab that was not needed for so many epochs is given back. */
const IDLE_EPOCHS = 32;

/** Of a slab: how many of its parts are still read by another thread, in the first four bytes. */
const HEADER_BYTES = 8;

interface Slab {
  readonly memory: SharedArrayBuffer;
  /** The epoch that used it last. */
  lastUsed: number;
}

/**
 * Memory for the bytes that a task hands to an epoch, shared with the threads that commit and apply them: they read where
 * the task wrote, nothing is copied on the way, and nothing has to be collected. What was allocated before `seal` belongs
 * to that epoch and must not be read any more once it is released: as a whole, or part by part where its parts are known.
 */
export class SlabPool {
  private readonly free: Slab[] = [];
  /** Of the epoch that is not sealed yet; the last one is being filled. */
  private open: Slab[] = [];
  private used = 0;
  private sealed: Sealed[] = [];

  /** Memory held, in bytes. */
  bytes(): number {
    return bytesOf([...this.open, ...this.free, ...this.sealed.flatMap(({ slabs }) => slabs)]);
  }

  /** Of which: of epochs that are sealed, and not released or read. */
  inFlightBytes(): number {
    let bytes = 0;
    for (const { slabs, inParts } of this.sealed) {
      for (const slab of slabs) if (!inParts || !isRead(slab)) bytes += slab.memory.byteLength;
    }
    return bytes;
  }

  readonly allocate: Allocate = (size) => {
    if (size > LARGEST_KEPT) return allocateBytes(size);
    const room = (size + 7) & ~7;
    let slab = this.open.at(-1);
    if (slab === undefined || slab.memory.byteLength - this.used < room) {
      slab = this.takeSlab(room);
      this.open.push(slab);
      this.used = HEADER_BYTES;
    }
    const bytes = new Uint8Array(slab.memory, this.used, size);
    this.used += room;
    bytes.fill(0);
    return bytes;
  };

  private takeSlab(room: number): Slab {
    const size = room + HEADER_BYTES;
    const fits = (slab: Slab): boolean => slab.memory.byteLength >= size;
    const index = this.free.findLastIndex(fits);
    if (index >= 0) return this.free.splice(index, 1)[0];
    for (const { slabs, inParts } of this.sealed) {
      const read = inParts ? slabs.findIndex((slab) => fits(slab) && isRead(slab)) : -1;
      if (read >= 0) return slabs.splice(read, 1)[0];
    }
    return { memory: new SharedArrayBuffer(slabSize(size)), lastUsed: 0 };
  }

  /**
   * Everything allocated so far is part of this epoch, or of none. With `parts`, these are all that will be read, and the
   * memory is free when `releasePart` was called for each, whatever becomes of the rest of the epoch.
   */
  seal(epoch: number, parts?: readonly Uint8Array[]): void {
    for (const slab of this.open) slab.lastUsed = epoch;
    if (parts !== undefined) countParts(this.open, parts);
    if (this.open.length > 0) this.sealed.push({ epoch, slabs: this.open, inParts: parts !== undefined });
    this.open = [];
    this.used = 0;
  }

  /** Nobody reads what was allocated for this epoch, or for an earlier one. */
  release(epoch: number): void {
    while (this.sealed.length > 0 && this.sealed[0].epoch <= epoch) {
      this.free.push(...(this.sealed.shift()?.slabs ?? []));
    }
    while (this.free.length > 0 && epoch - this.free[0].lastUsed > IDLE_EPOCHS) this.free.shift();
  }
}

interface Sealed {
  readonly epoch: number;
  readonly slabs: Slab[];
  readonly inParts: boolean;
}

function bytesOf(slabs: readonly Slab[]): number {
  return slabs.reduce((sum, { memory }) => sum + memory.byteLength, 0);
}

/** A part of a sealed epoch is not read any more. From any thread, once for each part. */
export function releasePart(part: Uint8Array): void {
  if (part.buffer instanceof SharedArrayBuffer) Atomics.sub(new Int32Array(part.buffer, 0, 1), 0, 1);
}

function countParts(slabs: readonly Slab[], parts: readonly Uint8Array[]): void {
  const counts = new Map<ArrayBufferLike, number>();
  for (const { buffer } of parts) counts.set(buffer, (counts.get(buffer) ?? 0) + 1);
  for (const { memory } of slabs) Atomics.store(new Int32Array(memory, 0, 1), 0, counts.get(memory) ?? 0);
}

function isRead({ memory }: Slab): boolean {
  return Atomics.load(new Int32Array(memory, 0, 1), 0) === 0;
}

/** A quarter more at most, so that what grows slowly fits again. Memory that nobody has written takes no room. */
function slabSize(room: number): number {
  const step = Math.max(SLAB_BYTES, 1 << (Math.floor(Math.log2(room)) - 2));
  return Math.ceil(room / step) * step;
}
