const MULTIPLIER = 0x5deece66dn;
const MASK = (1n << 48n) - 1n;

/** The linear congruential generator of java.util.Random: the same seed gives the same numbers as in Flink. */
export class JavaRandom {
  private seed: bigint;

  constructor(seed: bigint) {
    this.seed = (seed ^ MULTIPLIER) & MASK;
  }

  private next(bits: number): number {
    this.seed = (this.seed * MULTIPLIER + 0xbn) & MASK;
    return Number(BigInt.asIntN(32, this.seed >> BigInt(48 - bits)));
  }

  /** From 0 to below 1. */
  nextDouble(): number {
    return (this.next(26) * 2 ** 27 + this.next(27)) * 2 ** -53;
  }

  /** From 0 to below the bound, which is positive. */
  nextInt(bound: number): number {
    if ((bound & -bound) === bound) return Number((BigInt(bound) * BigInt(this.next(31))) >> 31n);
    for (;;) {
      const bits = this.next(31);
      const value = bits % bound;
      // The last, incomplete run of values would favour small ones.
      if (bits - value + (bound - 1) <= 0x7fffffff) return value;
    }
  }
}
