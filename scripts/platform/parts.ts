/** What was started; ended in the opposite order. */
export class Parts {
  private readonly started: { readonly name: string; readonly end: () => Promise<unknown> }[] = [];
  private readonly say: (text: string) => void;

  constructor(say: (text: string) => void) {
    this.say = say;
  }

  add(name: string, end: () => Promise<unknown>): void {
    this.started.push({ name, end });
  }

  /** Goes on when one does not end well, and says so. */
  async endAll(): Promise<void> {
    for (let part = this.started.pop(); part !== undefined; part = this.started.pop()) {
      this.say(`ending ${part.name}`);
      try {
        await part.end();
      } catch (error) {
        this.say(`${part.name} did not end well: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}
