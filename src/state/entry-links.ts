/** Doubly linked chains of entry slots, one per owner slot, in order of appending. */
export class EntryLinks {
  private heads = new Int32Array(16).fill(-1);
  private tails = new Int32Array(16).fill(-1);
  private nexts = new Int32Array(16).fill(-1);
  private previous = new Int32Array(16).fill(-1);
  /** 1 for an entry that is in a chain. */
  private linked = new Uint8Array(16);

  /** Makes room for owner and entry slots below these counts. */
  grow(owners: number, entries: number): void {
    if (owners > this.heads.length) {
      const size = Math.max(owners, this.heads.length * 2);
      this.heads = grown(this.heads, size);
      this.tails = grown(this.tails, size);
    }
    if (entries > this.nexts.length) {
      const size = Math.max(entries, this.nexts.length * 2);
      this.nexts = grown(this.nexts, size);
      this.previous = grown(this.previous, size);
      const linked = new Uint8Array(size);
      linked.set(this.linked);
      this.linked = linked;
    }
  }

  first(owner: number): number {
    return this.heads[owner];
  }

  next(entry: number): number {
    return this.nexts[entry];
  }

  /** Puts an entry at the end of its owner's chain, from wherever in that chain it was. */
  append(owner: number, entry: number): void {
    if (this.linked[entry] !== 0) this.unlink(owner, entry);
    const tail = this.tails[owner];
    this.previous[entry] = tail;
    this.nexts[entry] = -1;
    if (tail === -1) this.heads[owner] = entry;
    else this.nexts[tail] = entry;
    this.tails[owner] = entry;
    this.linked[entry] = 1;
  }

  unlink(owner: number, entry: number): void {
    const before = this.previous[entry];
    const after = this.nexts[entry];
    if (before === -1) this.heads[owner] = after;
    else this.nexts[before] = after;
    if (after === -1) this.tails[owner] = before;
    else this.previous[after] = before;
    this.nexts[entry] = -1;
    this.previous[entry] = -1;
    this.linked[entry] = 0;
  }

  clear(): void {
    this.heads.fill(-1);
    this.tails.fill(-1);
    this.nexts.fill(-1);
    this.previous.fill(-1);
    this.linked.fill(0);
  }

  bytes(): number {
    return 2 * this.heads.byteLength + 2 * this.nexts.byteLength + this.linked.byteLength;
  }
}

function grown(old: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const next = new Int32Array(size).fill(-1);
  next.set(old);
  return next;
}
