/** Byte strings to dense ids: open addressing, bytes in an Int32 arena. The limit's key table. */
export class BytesDictionary {
  size = 0;
  private mask: number;
  private table: Int32Array;
  private arena: Int32Array;
  private top = 0;

  constructor(capacity = 1 << 12) {
    this.mask = capacity - 1;
    this.table = new Int32Array(capacity * 2);
    this.arena = new Int32Array(capacity * 8);
  }

  intern(view: DataView, start: number, length: number): number {
    const end = start + length;
    let h = length | 0;
    let p = start;
    for (; p + 4 <= end; p += 4) {
      h = Math.imul(h ^ view.getInt32(p, true), -1640531535);
      h ^= h >>> 15;
    }
    if (p < end) {
      h = Math.imul(h ^ (view.getInt32(p, true) & ((1 << ((end - p) << 3)) - 1)), -1640531535);
      h ^= h >>> 15;
    }
    h = Math.imul(h, -2048144789);
    h ^= h >>> 13;
    const { table, mask, arena } = this;
    let slot = h & mask;
    for (;;) {
      const at = table[2 * slot + 1];
      if (at === 0) return this.insert(view, start, length, h, slot);
      if (table[2 * slot] === h && arena[at] === length && this.equal(view, start, end, at + 1)) return arena[at - 1];
      slot = (slot + 1) & mask;
    }
  }

  private equal(view: DataView, start: number, end: number, word: number): boolean {
    const { arena } = this;
    let p = start;
    for (; p + 4 <= end; p += 4, word++) if (arena[word] !== view.getInt32(p, true)) return false;
    return p >= end || arena[word] === (view.getInt32(p, true) & ((1 << ((end - p) << 3)) - 1));
  }

  private insert(view: DataView, start: number, length: number, hash: number, slot: number): number {
    const words = 2 + ((length + 3) >> 2);
    if (this.top + words > this.arena.length) {
      const larger = new Int32Array(this.arena.length * 2);
      larger.set(this.arena);
      this.arena = larger;
    }
    const { arena } = this;
    const at = this.top;
    this.top += words;
    const id = this.size++;
    arena[at] = id;
    arena[at + 1] = length;
    let word = at + 2;
    let p = start;
    const end = start + length;
    for (; p + 4 <= end; p += 4) arena[word++] = view.getInt32(p, true);
    if (p < end) arena[word] = view.getInt32(p, true) & ((1 << ((end - p) << 3)) - 1);
    this.table[2 * slot] = hash;
    this.table[2 * slot + 1] = at + 1;
    if (this.size * 2 > this.mask) this.grow();
    return id;
  }

  private grow(): void {
    const capacity = (this.mask + 1) * 2;
    const mask = capacity - 1;
    const table = new Int32Array(capacity * 2);
    for (let i = 0; i < this.table.length; i += 2) {
      if (this.table[i + 1] === 0) continue;
      let slot = this.table[i] & mask;
      while (table[2 * slot + 1] !== 0) slot = (slot + 1) & mask;
      table[2 * slot] = this.table[i];
      table[2 * slot + 1] = this.table[i + 1];
    }
    this.table = table;
    this.mask = mask;
  }
}
