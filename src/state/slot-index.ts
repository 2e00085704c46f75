/** What a position has whose record is gone while others are behind it: the place of a record that no key is equal to. */
export const GONE = 1;

/**
 * Positions up to which an index is at most an eighth full: then more than nine of ten keys are where their hash says, and
 * the loops that look them up seldom guess wrong. It is half a megabyte, which a core's second cache holds. Larger ones are
 * at most half full: there memory counts.
 */
const SPARSE_POSITIONS = 1 << 17;

/**
 * Where the record of each key is, by the key's hash: open addressing with linear probing. A position has the record's
 * place in KeyRecords (0 = none), whose first word is the hash. Fields are public for the generated loops.
 */
export class SlotIndex {
  places: Int32Array;
  mask: number;
  /** Positions that have GONE. */
  private gone = 0;

  constructor(positions: number) {
    this.places = new Int32Array(positions);
    this.mask = positions - 1;
  }

  /** Has room for so many keys. */
  fits(keys: number): boolean {
    return fitsInto(this.places.length, keys + this.gone);
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

  /** Makes room for so many keys; the records are those in `refs` above 0. */
  grow(keys: number, refs: Int32Array, count: number, words: Int32Array): void {
    // Where records go, a tenth is left for what they leave behind, so that it is not soon done again.
    const wanted = this.gone > 0 ? keys * 1.25 : keys;
    let positions = this.places.length;
    while (!fitsInto(positions, wanted)) positions *= 2;
    if (positions > this.places.length) {
      this.places = new Int32Array(positions);
      this.mask = positions - 1;
      this.gone = 0;
    } else {
      this.reset();
    }
    this.fill(refs, count, words);
  }

  /** Adds the records in `refs` (those above 0) to an empty index. */
  fill(refs: Int32Array, count: number, words: Int32Array): void {
    for (let slot = 0; slot < count; slot++) {
      const ref = refs[slot];
      if (ref > 0) this.places[this.emptyPosition(words[ref])] = ref;
    }
  }

  reset(): void {
    this.places.fill(0);
    this.gone = 0;
  }

  /** Removes a record. No other one is looked at, which would mostly miss the cache. */
  remove(ref: number, hash: number): void {
    const { places, mask } = this;
    let p = hash & mask;
    while (places[p] !== ref) p = (p + 1) & mask;
    if (places[(p + 1) & mask] !== 0) {
      places[p] = GONE;
      this.gone++;
      return;
    }
    places[p] = 0;
    for (p = (p - 1) & mask; places[p] === GONE; p = (p - 1) & mask) {
      places[p] = 0;
      this.gone--;
    }
  }

  /** Forgets the `size` records of `refs`, looking only at theirs when they are few. */
  clear(size: number, refs: Int32Array, count: number, words: Int32Array): void {
    const { places, mask } = this;
    if (this.gone > 0 || size * 16 > mask) {
      this.reset();
      return;
    }
    for (let slot = 0; slot < count; slot++) {
      const ref = refs[slot];
      if (ref <= 0) continue;
      let p = words[ref] & mask;
      while (places[p] !== ref) p = (p + 1) & mask;
      places[p] = 0;
    }
  }
}

function fitsInto(positions: number, keys: number): boolean {
  return keys * 2 <= positions && (positions >= SPARSE_POSITIONS || keys * 8 <= positions);
}
