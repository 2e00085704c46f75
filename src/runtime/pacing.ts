/** Panes that a task may be ahead while it holds next to nothing: enough for the time that a thread loses now and then. */
const MAX_PANES = 16;
/** Bytes held from which on it is fewer of them, down to one. */
const FREE_BYTES = 64 << 20;
/** A task that waits goes on when it is ahead by no more than this part of what it may be: waits are few and longer. */
const RESUME_PART = 0.75;

/**
 * Keeps the tasks of a job near one another in event time while all of them have something to read: a task that runs
 * ahead opens windows that none can close before the slowest task's watermark allows it, and their state is carried
 * from epoch to epoch. How far it may be ahead depends on what it holds, since that is what is bounded: on a
 * busy machine threads in lockstep wait for one another often. It only decides who reads next, so no result depends on
 * it, and a stale value does no harm.
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

  /** A task that has something to read is further behind than this one may be ahead, which holds so many bytes. */
  isAhead(eventTime: number, held: number): boolean {
    const may = this.pane * Math.min(MAX_PANES, Math.max(1, FREE_BYTES / held));
    this.waits = this.slowest() < eventTime - (this.waits ? may * RESUME_PART : may);
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
