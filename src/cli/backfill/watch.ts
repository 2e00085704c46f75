import { performance } from 'node:perf_hooks';
import { MAX_WATERMARK, MIN_WATERMARK } from '../../data/batch.ts';
import type { HistoryRange } from '../../planner/history.ts';
import type { Job } from '../../runtime/job.ts';
import { jobTotals } from '../../runtime/job-totals.ts';
import { ProgressMeter, type Sample } from './progress.ts';
import { progressJson, progressText } from './progress-line.ts';

export type ProgressStyle = 'in-place' | 'lines' | 'json';

/** Milliseconds between looks; a line of its own comes every tenth time. */
const LOOK_MS = 1000;
const LOOKS_PER_LINE = 10;

/** Shows how far a backfill is: a line rewritten in place, a line every ten seconds, or a JSON line a second. */
export class ProgressWatch {
  private readonly timer: NodeJS.Timeout;
  private readonly meter: ProgressMeter;
  private readonly job: Job;
  private readonly style: ProgressStyle;
  private readonly write: (text: string) => void;
  private looks = 0;

  constructor(job: Job, range: HistoryRange, style: ProgressStyle, write: (text: string) => void) {
    this.job = job;
    this.style = style;
    this.write = write;
    this.meter = new ProgressMeter(range);
    this.meter.observe(this.sample());
    this.timer = setInterval(() => this.look(), LOOK_MS);
  }

  private look(): void {
    const progress = this.meter.observe(this.sample());
    this.looks += 1;
    if (this.style === 'json') this.write(`${progressJson(progress)}\n`);
    else if (this.style === 'in-place') this.write(`\r\x1b[2K${progressText(progress)}`);
    else if (this.looks % LOOKS_PER_LINE === 0) this.write(`${progressText(progress)}\n`);
  }

  private sample(): Sample {
    const { rowsIn, lag } = jobTotals(this.job);
    const tasks = this.job.counters.filter((task) => task !== undefined);
    const known = tasks.length === this.job.options.parallelism;
    const time = Math.min(MAX_WATERMARK, ...tasks.map((task) => task.eventTime));
    return {
      at: performance.now(),
      rows: rowsIn,
      left: known ? lag : undefined,
      eventTime: time > MIN_WATERMARK && time < MAX_WATERMARK ? time : undefined,
    };
  }

  stop(): void {
    clearInterval(this.timer);
    if (this.style === 'in-place') this.write('\r\x1b[2K');
  }
}
