import { performance } from 'node:perf_hooks';

/** What one fresh process measured over its stretch. */
export interface Measurement {
  readonly events: number;
  /** Wall time of the stretch, without the time in which the memory source moved event times on. */
  readonly seconds: number;
  readonly patchSeconds: number;
  readonly eventsPerSecond: number;
  /** Of the whole process, all threads, without the patch time. */
  readonly cpuSecondsPerMillion: number;
  /** Largest RSS seen in the stretch, bytes, log included. */
  readonly rss: number;
  /** Of which: the log in memory and the places of its times. */
  readonly logBytes: number;
  /** Of the engine, by its own account: the most that its operators held, and the tables' images at the end, bytes. */
  readonly held?: { readonly state: number; readonly images: number };
  readonly epochs: number;
  readonly bytesWritten: number;
  /** Stretches that were added up, where a topic was read more than once. */
  readonly readings?: number;
  /** Of the peers that count them: results emitted and a checksum, so that nothing can be left out. */
  readonly emitted?: number;
}

export interface Counts {
  readonly events: number;
  readonly patchMs: number;
  /** The processor's share of it. */
  readonly patchCpuMs: number;
  readonly epochs: number;
  readonly bytesWritten: number;
}

/** Takes the difference between two moments; `sample` in between keeps the largest RSS. */
export class Stretch {
  private readonly begun = performance.now();
  private readonly cpu = process.cpuUsage();
  private readonly first: Counts;
  private rss = 0;

  constructor(first: Counts) {
    this.first = first;
    this.sample();
  }

  /** Seconds since it began, without those in which event times were moved on. */
  seconds(now: Counts): number {
    return (performance.now() - this.begun - (now.patchMs - this.first.patchMs)) / 1000;
  }

  sample(): void {
    this.rss = Math.max(this.rss, process.memoryUsage.rss());
  }

  end(last: Counts, logBytes: number): Measurement {
    this.sample();
    const { user, system } = process.cpuUsage(this.cpu);
    const seconds = this.seconds(last);
    const patchSeconds = (last.patchMs - this.first.patchMs) / 1000;
    const patchCpuSeconds = (last.patchCpuMs - this.first.patchCpuMs) / 1000;
    const events = last.events - this.first.events;
    return {
      events,
      seconds,
      patchSeconds,
      eventsPerSecond: events / seconds,
      cpuSecondsPerMillion: ((user + system) / 1e6 - patchCpuSeconds) / (events / 1e6),
      rss: this.rss,
      logBytes,
      epochs: last.epochs - this.first.epochs,
      bytesWritten: last.bytesWritten - this.first.bytesWritten,
    };
  }
}
