import type { Job } from '../runtime/job.ts';
import type { Platform } from '../runtime/platform.ts';

/** A line a second about a running job: rewritten in place on a terminal, one line every ten seconds otherwise. */
export class LiveLine {
  private readonly timer: NodeJS.Timeout;
  private readonly platform: Platform;
  private readonly job: Job;
  private readonly inPlace: boolean;
  private readonly write: (text: string) => void;
  private lastRows = 0;
  private readonly everySeconds: number;

  constructor(platform: Platform, job: Job, inPlace: boolean, write: (text: string) => void) {
    this.platform = platform;
    this.job = job;
    this.inPlace = inPlace;
    this.write = write;
    this.everySeconds = inPlace ? 1 : 10;
    this.timer = setInterval(() => this.show(), this.everySeconds * 1000);
  }

  private show(): void {
    const tasks = this.job.counters.filter((task) => task !== undefined);
    const rows = tasks.reduce((sum, task) => sum + task.rowsIn, 0);
    const lag = tasks.reduce((sum, task) => sum + (task.lag ?? 0), 0);
    const rate = Math.round((rows - this.lastRows) / this.everySeconds);
    this.lastRows = rows;
    let features = 0;
    for (const { image, job } of this.platform.tables.values()) if (job === this.job.name) features += image.size;
    const text = `${rate} events/s  ${features} features  epoch ${this.job.committedEpoch}  lag ${lag}`;
    this.write(this.inPlace ? `\r\x1b[2K${text}` : `${text}\n`);
  }

  stop(): void {
    clearInterval(this.timer);
    if (this.inPlace) this.write('\n');
  }
}
