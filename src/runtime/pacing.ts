/** Panes of event time that a task may be ahead. */
const AHEAD_PANES = 2;
/** A task that waits goes on when it is ahead by no more than this: waits are fewer and longer. */
const RESUME_PANES = 1;

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
  private readonly pane: number;
  private waits = false;

  /** `pane`: milliseconds of event time of the largest pane. */
  constructor(shared: Float64Array, task: number, pane: number) {
    this.shared = shared;
    this.task = task;
    this.pane = pane;
  }

  static share(parallelism: number): Float64Array {
    return new Float64Array(new SharedArrayBuffer(parallelism * 16));
  }

  /** Tells the others where this task is, and whether it has more to read at once. */
  note(eventTime: number, reading: boolean): void {
    this.shared[2 * this.task] = eventTime;
    this.shared[2 * this.task + 1] = reading ? 1 : 0;
  }

  /** Whether a task that has something to read is further behind than this one may be ahead. */
  isAhead(eventTime: number): boolean {
    const panes = this.waits ? RESUME_PANES : AHEAD_PANES;
    this.waits = this.slowest() < eventTime - panes * this.pane;
    return this.waits;
  }

  /** Event time of the reading task that is furthest behind. */
  private slowest(): number {
    let slowest = Infinity;
    for (let task = 0; task * 2 < this.shared.length; task++) {
      if (this.shared[2 * task + 1] === 1) slowest = Math.min(slowest, this.shared[2 * task]);
    }
    return slowest;
  }
}
