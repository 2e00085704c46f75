import { type Batch, MAX_WATERMARK } from '../data/batch.ts';
import type { Scalars } from '../state/contracts.ts';
import type { Operator, OperatorContext, Output } from './operator.ts';
import { constantTime } from './window-emitter.ts';

/** A window operator over event time that can say when its next window closes. */
export interface ClosingWindows extends Operator {
  /** The watermark that closes the earliest open window; Infinity when none is open. */
  nextClose(): number;
}

/** What the clock has in state: the latest time seen, and 1 once the input has ended. */
const LATEST = 0;
const ENDED = 1;

/**
 * Windows by the wall clock: rows get the time at which they come, and a window goes out when the clock reaches its
 * end, also when no rows come. A clock that was set back stands still until it is ahead again. Windows that are open at
 * the end of the input never go out.
 */
export class ProcessingTimeWindows implements Operator {
  private readonly inner: ClosingWindows;
  private readonly timeColumn: number;
  private readonly output: Output;
  private readonly now: () => number;
  private readonly clock: Scalars;

  /** `create` makes the windows over event time; their time is in `timeColumn`. */
  constructor(timeColumn: number, create: (context: OperatorContext) => ClosingWindows, context: OperatorContext) {
    this.timeColumn = timeColumn;
    this.output = context.output;
    this.now = context.now;
    this.clock = context.state.scalars('clock', 2);
    const emit = (batch: Batch): void => context.output.emit(batch);
    this.inner = create({ ...context, output: { emit, watermark: () => undefined } });
  }

  process(input: number, batch: Batch): void {
    const now = this.tick(this.now());
    const columns = batch.columns.map((column, i) => (i === this.timeColumn ? constantTime(now) : column));
    this.inner.process(input, { ...batch, columns });
  }

  watermark(time: number): void {
    if (time >= MAX_WATERMARK) this.clock.set(ENDED, 1);
    this.output.watermark(time);
  }

  nextTimer(): number {
    return this.clock.get(ENDED) === 1 ? Infinity : this.inner.nextClose() + 1;
  }

  onTimer(now: number): void {
    this.tick(now);
  }

  /** Closes what ended before `now`; a window that ends 1 ms later still takes rows. */
  private tick(now: number): number {
    const latest = this.clock.get(LATEST);
    if (now <= latest) return latest;
    this.clock.set(LATEST, now);
    this.inner.watermark(now - 1);
    return now;
  }
}
