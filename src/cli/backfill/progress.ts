import type { HistoryRange } from '../../planner/history.ts';

/** What is known of a running backfill at one time. */
export interface Sample {
  /** Milliseconds of a clock that never goes back. */
  readonly at: number;
  readonly rows: number;
  /** Records that are still to be read, where the sources know. */
  readonly left: number | undefined;
  /** Reached by the source that is furthest behind, epoch milliseconds; undefined before the first row and at the end. */
  readonly eventTime: number | undefined;
}

export interface Progress {
  /** 0 to 1; undefined where nothing tells. */
  readonly done: number | undefined;
  readonly rows: number;
  readonly rowsPerSecond: number;
  readonly left: number | undefined;
  readonly eventTime: number | undefined;
  /** Milliseconds; undefined where nothing tells, or nothing moves. */
  readonly timeLeft: number | undefined;
}

/** Rates are those of the last so many milliseconds: what was read in a burst says little of what is to come. */
const WINDOW_MS = 15_000;

/**
 * How far a backfill is: by records where the sources know how many there are, by event time in a range with both
 * ends otherwise.
 */
export class ProgressMeter {
  private readonly range: HistoryRange;
  private readonly samples: Sample[] = [];
  private total: number | undefined;

  constructor(range: HistoryRange) {
    this.range = range;
  }

  observe(sample: Sample): Progress {
    this.samples.push(sample);
    while (this.samples.length > 2 && this.samples[1].at <= sample.at - WINDOW_MS) this.samples.shift();
    if (sample.left !== undefined) this.total ??= sample.left + sample.rows;
    const first = this.samples[0];
    const passed = sample.at - first.at;
    return {
      done: this.doneAt(sample),
      rows: sample.rows,
      rowsPerSecond: passed > 0 ? ((sample.rows - first.rows) * 1000) / passed : 0,
      left: sample.left,
      eventTime: sample.eventTime,
      timeLeft: this.timeLeft(sample),
    };
  }

  /** What remains, at the pace of the last while. */
  private timeLeft(sample: Sample): number | undefined {
    const done = this.doneAt(sample);
    const first = this.samples.find((earlier) => this.doneAt(earlier) !== undefined);
    if (done === undefined || first === undefined) return undefined;
    if (done >= 1) return 0;
    const moved = done - (this.doneAt(first) ?? 0);
    return moved > 0 ? Math.round(((1 - done) * (sample.at - first.at)) / moved) : undefined;
  }

  private doneAt({ left, eventTime }: Sample): number | undefined {
    if (left !== undefined && this.total !== undefined) return share(this.total - left, this.total);
    const { from, to } = this.range;
    if (from === undefined || to === undefined || eventTime === undefined) return undefined;
    return share(eventTime - from, to - from);
  }
}

function share(part: number, whole: number): number {
  return whole <= 0 ? 1 : Math.min(1, Math.max(0, part / whole));
}
