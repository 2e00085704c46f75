/** Gives so many zeroed bytes, at a multiple of eight. */
export type Allocate = (size: number) => Uint8Array;

/** Memory of its own for each: what is seldom made, or by tests. */
export const allocateBytes: Allocate = (size) => new Uint8Array(size);

const SLAB_BYTES = 256 << 10;
/** More than that at once is not worth keeping: it comes from a full snapshot of a very large state. */
const LARGEST_KEPT = 64 << 20;
/** A slab that was not needed for so many epochs is given back. */
const IDLE_EPOCHS = 32;

interface Slab {
  readonly memory: SharedArrayBuffer;
  /** The epoch that used it last. */
  lastUsed: number;
}

/**
 * Memory for the bytes that a task hands to an epoch, shared with the threads that commit and apply them: they read where
 * the task wrote, nothing is copied on the way, and nothing has to be collected. What was allocated before `seal` belongs
 * to that epoch and must not be read any more once it is released.
 */
export class SlabPool {
  private readonly free: Slab[] = [];
  /** Of the epoch that is not sealed yet; the last one is being filled. */
  private open: Slab[] = [];
  private used = 0;
  private sealed: { readonly epoch: number; readonly slabs: readonly Slab[] }[] = [];

  /** Memory held, in bytes. */
  bytes(): number {
    const inUse = [...this.open, ...this.sealed.flatMap((epoch) => epoch.slabs)];
    return [...this.free, ...inUse].reduce((sum, slab) => sum + slab.memory.byteLength, 0);
  }

  readonly allocate: Allocate = (size) => {
    if (size > LARGEST_KEPT) return allocateBytes(size);
    const room = (size + 7) & ~7;
    let slab = this.open.at(-1);
    if (slab === undefined || slab.memory.byteLength - this.used < room) {
      slab = this.takeSlab(room);
      this.open.push(slab);
      this.used = 0;
    }
    const bytes = new Uint8Array(slab.memory, this.used, size);
    this.used += room;
    bytes.fill(0);
    return bytes;
  };

  private takeSlab(room: number): Slab {
    const index = this.free.findLastIndex((slab) => slab.memory.byteLength >= room);
    if (index >= 0) return this.free.splice(index, 1)[0];
    return { memory: new SharedArrayBuffer(slabSize(room)), lastUsed: 0 };
  }

  /** Everything allocated so far is part of this epoch, or of none. */
  seal(epoch: number): void {
    for (const slab of this.open) slab.lastUsed = epoch;
    if (this.open.length > 0) this.sealed.push({ epoch, slabs: this.open });
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

/** A quarter more at most, so that what grows slowly fits again. Memory that nobody has written takes no room. */
function slabSize(room: number): number {
  const step = Math.max(SLAB_BYTES, 1 << (Math.floor(Math.log2(room)) - 2));
  return Math.ceil(room / step) * step;
}
