/**
 * SIGINT and SIGTERM from the time this is made, so that one that comes while a job starts is not lost. The second of
 * each kind ends the process at once.
 */
export class StopSignal {
  /** Resolves at the first one. */
  readonly asked: Promise<void>;
  private readonly ask: () => void;

  constructor() {
    let resolve = (): void => undefined;
    this.asked = new Promise((done) => (resolve = done));
    this.ask = () => resolve();
    process.once('SIGINT', this.ask);
    process.once('SIGTERM', this.ask);
  }

  release(): void {
    process.off('SIGINT', this.ask);
    process.off('SIGTERM', this.ask);
  }
}
