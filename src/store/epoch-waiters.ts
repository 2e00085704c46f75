interface Waiter {
  readonly epoch: number;
  readonly done: (reached: boolean) => void;
}

/** Readers that wait until an epoch can be read. */
export class EpochWaiters {
  private readonly waiters = new Set<Waiter>();

  /** Resolves with true when `reached(epoch)` is called with this epoch or a later one, with false after the time. */
  wait(epoch: number, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const waiter: Waiter = {
        epoch,
        done: (reached) => {
          clearTimeout(timer);
          this.waiters.delete(waiter);
          resolve(reached);
        },
      };
      const timer = setTimeout(() => waiter.done(false), timeoutMs);
      this.waiters.add(waiter);
    });
  }

  reached(epoch: number): void {
    for (const waiter of this.waiters) if (waiter.epoch <= epoch) waiter.done(true);
  }
}
