/** What the tasks of a job share of its rate limit; travels between threads. */
export interface SharedRate {
  readonly rowsPerSecond: number;
  /** One number: the wall-clock time, nanoseconds, by which the rows read so far are due; 0 before the first. */
  readonly due: BigInt64Array;
}

const NANOS = 1_000_000n;
/** Time that was not used (a pause, a busy machine) is caught up with by this much at most. */
const CATCH_UP = 1000n * NANOS;
/** By every task a slice, and the time of a row. */
const MOST_OWED = 10_000n * NANOS;
/** Rows are read for this long at once: a low rate flows, instead of coming in gulps. */
const SLICE_SECONDS = 0.05;

/**
 * Keeps the tasks of a job below a number of rows a second, all together. Rows are paid for after they were read: each
 * moves the time at which the next may be read, so the rate is exact over time and no task needs to know the others.
 */
export class RateLimit {
  private readonly shared: SharedRate;
  private readonly slice: number;
  private readonly mostOwed: bigint;

  constructor(shared: SharedRate) {
    this.shared = shared;
    this.slice = Math.max(1, Math.floor(shared.rowsPerSecond * SLICE_SECONDS));
    this.mostOwed = MOST_OWED + BigInt(Math.ceil(1e9 / shared.rowsPerSecond));
  }

  static share(rowsPerSecond: number): SharedRate {
    return { rowsPerSecond, due: new BigInt64Array(new SharedArrayBuffer(8)) };
  }

  /** How many rows may be read now, 0 to `most`. `now`: wall clock, epoch milliseconds. */
  room(most: number, now: number): number {
    return this.wait(now) > 0 ? 0 : Math.min(most, this.slice);
  }

  /** These rows were read. */
  took(rows: number, now: number): void {
    if (rows === 0) return;
    const cost = BigInt(Math.round((rows * 1e9) / this.shared.rowsPerSecond));
    const time = nanos(now);
    const { due } = this.shared;
    for (;;) {
      const before = Atomics.load(due, 0);
      const after = this.fromWhen(before, time) + cost;
      if (Atomics.compareExchange(due, 0, before, after) === before) return;
    }
  }

  private fromWhen(due: bigint, time: bigint): bigint {
    if (due === 0n || due - time > this.mostOwed) return time;
    return due < time - CATCH_UP ? time - CATCH_UP : due;
  }

  /** Milliseconds until rows may be read. */
  wait(now: number): number {
    const due = Atomics.load(this.shared.due, 0);
    const time = nanos(now);
    // Nobody owes that much: the clock was set back.
    if (due <= time || due - time > this.mostOwed) return 0;
    return Number((due - time + NANOS - 1n) / NANOS);
  }
}

function nanos(ms: number): bigint {
  return BigInt(Math.round(ms)) * NANOS;
}
