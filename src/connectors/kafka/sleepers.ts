/** Loops that wait for room, for news or for the next attempt, and are woken together. */
export class Sleepers {
  private readonly asleep = new Set<() => void>();

  wake(): void {
    for (const wake of this.asleep) wake();
  }

  /** Resolves when woken or after `ms`. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.asleep.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.asleep.add(wake);
    });
  }
}
