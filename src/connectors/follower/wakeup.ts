/** A sleep that others can end; a word that came before it is not lost. */
export class Wakeup {
  private pending = false;
  private end: (() => void) | undefined;

  wake(): void {
    this.pending = true;
    this.end?.();
  }

  /** True when it was woken, false when the time passed. Returns at once when `over` says so. */
  sleep(ms: number, over: () => boolean): Promise<boolean> {
    if (this.pending || over()) {
      this.pending = false;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => finish(false), ms);
      const finish = (woken: boolean): void => {
        clearTimeout(timer);
        this.end = undefined;
        this.pending = false;
        resolve(woken);
      };
      this.end = () => finish(true);
    });
  }
}
