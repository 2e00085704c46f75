/** What slicing needs of its surroundings. */
export interface SliceClock {
  /** Milliseconds, monotonic. */
  readonly monotonic: () => number;
  /** Calls back in a later turn of the event loop. */
  readonly later: (callback: () => void) => void;
}

/** Does a little work (well under a millisecond); returns true when the task is done, false to be called again. */
export type Step = () => boolean;

const SLICE_MS = 1;

/**
 * Tasks on a busy thread, in order, a slice of about a millisecond per turn of the event loop. A task that throws
 * stops the queue for good: what follows would be built on a hole.
 */
export class SlicedQueue {
  error: unknown;
  private readonly clock: SliceClock;
  private tasks: Step[] = [];
  private head = 0;
  private scheduled = false;
  private idlers: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  constructor(clock: SliceClock) {
    this.clock = clock;
  }

  get pending(): number {
    return this.tasks.length - this.head;
  }

  /** Adds tasks and works for a slice at once, unless earlier tasks wait for their turn. */
  push(tasks: readonly Step[]): void {
    if (this.error !== undefined) return;
    this.tasks.push(...tasks);
    if (!this.scheduled) this.slice();
  }

  /** Resolves when all tasks are done; rejects with what a task threw. */
  idle(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.idlers.push({ resolve, reject });
      if (this.pending === 0) this.settle();
    });
  }

  /** Does everything that waits, now. */
  drain(): void {
    this.work(Infinity);
    this.settle();
  }

  private slice(): void {
    this.scheduled = false;
    this.work(this.clock.monotonic() + SLICE_MS);
    if (this.pending === 0) {
      this.settle();
    } else {
      this.scheduled = true;
      this.clock.later(() => this.slice());
    }
  }

  private work(end: number): void {
    try {
      while (this.head < this.tasks.length) {
        if (this.tasks[this.head]()) this.head++;
        if (this.clock.monotonic() >= end) break;
      }
    } catch (error) {
      this.error = error;
      this.head = this.tasks.length;
    }
    if (this.pending === 0) {
      this.tasks = [];
      this.head = 0;
    }
  }

  private settle(): void {
    const idlers = this.idlers;
    this.idlers = [];
    for (const idler of idlers) {
      if (this.error === undefined) idler.resolve();
      else idler.reject(this.error);
    }
  }
}
