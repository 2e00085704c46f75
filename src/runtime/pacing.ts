/**
 * Keeps the tasks of a job near one another in event time while all of them have something to read: a task that runs
 * ahead opens windows that none can close before the slowest task's watermark allows it, and their state is carried
 * from epoch to epoch. It only decides who reads next, so no result depends on it, and a stale value does no harm.
 *
 * The array is shared by the tasks: two numbers each, the event time reached and whether it is reading.
 */
export class Pacing {
  private readonly shared: Float64Array;
  private readonly task: number;
  private readonly drift: number;

  /** `drift`: milliseconds of event time that a task may be ahead; Infinity: as far as it likes. */
  constructor(shared: Float64Array, task: number, drift: number) {
    this.shared = shared;
    this.task = task;
    this.drift = drift;
  }

  static share(parallelism: number): Float64Array {
    return new Float64Array(new SharedArrayBuffer(parallelism * 16));
  }

  /** Tells the others where this task is, and whether it has more to read at once. */
  note(eventTime: number, reading: boolean): void {
    this.shared[2 * this.task] = eventTime;
    this.shared[2 * this.task + 1] = reading ? 1 : 0;
  }

  /** A task that has something to read is more than the drift behind. */
  isAhead(eventTime: number): boolean {
    for (let other = 0; other * 2 < this.shared.length; other++) {
      if (this.shared[2 * other + 1] === 1 && this.shared[2 * other] < eventTime - this.drift) return true;
    }
    return false;
  }
}
