/**
 * Where the record of each key is, by the key's hash: open addressing with linear probing, at most half full. A position
 * has the record's place in the arena (0 = none), whose first word is the hash. Fields are public for the generated loops.
 */
export class SlotIndex {
  places: Int32Array;
  mask: number;

  constructor(positions: number) {
    this.places = new Int32Array(positions);
    this.mask = positions - 1;
  }

  /** Has room for so many keys. */
  fits(keys: number): boolean {
    return keys * 2 <= this.places.length;
  }

  /** Memory held, in bytes. */
  bytes(): number {
    return this.places.byteLength;
  }

  /** The first empty position for a hash. */
  emptyPosition(hash: number): number {
    let p = hash & this.mask;
    while (this.places[p] !== 0) p = (p + 1) & this.mask;
    return p;
  }

  /** A larger index of the records in `refs` (those above 0). */
  grow(keys: number, refs: Int32Array, count: number, arena: Int32Array): void {
    let positions = this.places.length;
    while (positions < keys * 2) positions *= 2;
    this.places = new Int32Array(positions);
    this.mask = positions - 1;
    this.fill(refs, count, arena);
  }

  /** Adds the records in `refs` (those above 0) to an empty index. */
  fill(refs: Int32Array, count: number, arena: Int32Array): void {
    for (let slot = 0; slot < count; slot++) {
      const ref = refs[slot];
      if (ref > 0) this.places[this.emptyPosition(arena[ref])] = ref;
    }
  }

  /** Removes a record, closing the gap (no tombstones here). */
  remove(ref: number, arena: Int32Array): void {
    const { places, mask } = this;
    let gap = arena[ref] & mask;
    while (places[gap] !== ref) gap = (gap + 1) & mask;
    for (let p = (gap + 1) & mask; places[p] !== 0; p = (p + 1) & mask) {
      const home = arena[places[p]] & mask;
      if (((p - home) & mask) < ((p - gap) & mask)) continue;
      places[gap] = places[p];
      gap = p;
    }
    places[gap] = 0;
  }

  /** Reads what the removal of a record with this hash will look at. */
  peek(hash: number, arena: Int32Array): number {
    const { places, mask } = this;
    return arena[places[hash & mask]] ^ arena[places[(hash + 1) & mask]];
  }

  /** All records have moved: a record's second word is its slot. */
  move(refs: Int32Array, arena: Int32Array): void {
    const { places } = this;
    for (let p = 0; p < places.length; p++) if (places[p] !== 0) places[p] = refs[arena[places[p] + 1]];
  }

  /** Forgets the `size` records of `refs`, looking only at theirs when they are few. */
  clear(size: number, refs: Int32Array, count: number, arena: Int32Array): void {
    const { places, mask } = this;
    if (size * 8 > mask) {
      places.fill(0);
      return;
    }
    for (let slot = 0; slot < count; slot++) {
      const ref = refs[slot];
      if (ref <= 0) continue;
      let p = arena[ref] & mask;
      while (places[p] !== ref) p = (p + 1) & mask;
      places[p] = 0;
    }
  }
}
