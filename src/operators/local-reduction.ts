/** Rows after which a local phase is judged. */
export const JUDGED_ROWS = 131_072;
/** It is tried again after so many times as many. */
const PAUSE = 64;
/** Partials per row up to which it is worth while: looking a key up twice costs about as much as sending its row. */
const MOST_PARTIALS = 0.5;
/** So many are known to be too many before all have been sent: later rows of a window meet keys that are there. */
const TOO_MANY_HELD = 0.9;

/**
 * Whether a local phase adds rows up or lets them pass, by how many partials its rows came to. It adds up until it knows
 * better; while rows pass it learns nothing, so it tries again now and then.
 */
export class LocalReduction {
  passes = false;
  private rows = 0;
  private partials = 0;
  private readonly judgedRows: number;

  /** `judgedRows`: Infinity: it adds up whatever comes. */
  constructor(judgedRows: number) {
    this.judgedRows = judgedRows;
  }

  /** Rows came in. */
  took(rows: number): void {
    this.rows += rows;
    if (this.passes && this.rows >= this.judgedRows * PAUSE) this.decide(false);
  }

  /** Partials were sent on. */
  sent(partials: number): void {
    this.partials += partials;
  }

  /** Windows have been sent on, and so many partials are held still. */
  judge(held: number): void {
    if (this.isKnown()) this.decide(this.partials + held > this.rows * MOST_PARTIALS);
  }

  /** In the midst of windows. */
  judgeEarly(held: number): void {
    if (this.isKnown() && this.partials + held > this.rows * TOO_MANY_HELD) this.decide(true);
  }

  private isKnown(): boolean {
    return !this.passes && this.rows >= this.judgedRows;
  }

  private decide(passes: boolean): void {
    this.passes = passes;
    this.rows = 0;
    this.partials = 0;
  }
}
