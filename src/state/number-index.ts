const MIN_POSITIONS = 32;

/** Small numbers by other numbers (of any size, no NaN): open addressing, at most half full. */
export class NumberIndex {
  private keys = new Float64Array(MIN_POSITIONS);
  /** -1 where nothing is. */
  private values = new Int32Array(MIN_POSITIONS).fill(-1);
  private size = 0;

  /** The value of a key, or -1. */
  get(key: number): number {
    return this.values[this.position(key)];
  }

  /** Adds a key that is not there. */
  add(key: number, value: number): void {
    if ((this.size + 1) * 2 > this.keys.length) this.grow();
    const at = this.position(key);
    this.keys[at] = key;
    this.values[at] = value;
    this.size++;
  }

  /** Removes a key that is there; those behind it move up. */
  remove(key: number): void {
    const { keys, values } = this;
    const mask = keys.length - 1;
    let gap = this.position(key);
    for (let p = (gap + 1) & mask; values[p] !== -1; p = (p + 1) & mask) {
      const home = this.home(keys[p]);
      if (((p - home) & mask) < ((p - gap) & mask)) continue;
      keys[gap] = keys[p];
      values[gap] = values[p];
      gap = p;
    }
    values[gap] = -1;
    this.size--;
  }

  clear(): void {
    this.values.fill(-1);
    this.size = 0;
  }

  bytes(): number {
    return this.keys.byteLength + this.values.byteLength;
  }

  /** Where a key is, or would be. */
  private position(key: number): number {
    const { keys, values } = this;
    const mask = keys.length - 1;
    let p = this.home(key);
    while (values[p] !== -1 && keys[p] !== key) p = (p + 1) & mask;
    return p;
  }

  private home(key: number): number {
    const hash = Math.imul(key | 0, -1640531535);
    return (hash ^ (hash >>> 15)) & (this.keys.length - 1);
  }

  private grow(): void {
    const { keys, values } = this;
    this.keys = new Float64Array(keys.length * 2);
    this.values = new Int32Array(keys.length * 2).fill(-1);
    this.size = 0;
    for (let p = 0; p < keys.length; p++) if (values[p] !== -1) this.add(keys[p], values[p]);
  }
}
