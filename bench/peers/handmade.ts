import avsc from 'avsc';
import { EVENT_SCHEMA } from '../event.ts';

interface Totals {
  count: number;
  sum: number;
  max: number;
}

interface BenchEvent {
  readonly user_id: string;
  readonly price: number;
  readonly ts: number;
}

/**
 * What a service written by hand does today: avsc turns every record into an object, a Map per window holds the
 * totals of every user, and closed windows are walked.
 */
export class HandmadeAggregation {
  emitted = 0;
  checksum = 0;
  private readonly type = avsc.Type.forSchema(EVENT_SCHEMA);
  private readonly windows = new Map<number, Map<string, Totals>>();
  private maxTs = 0;
  private readonly size: number;
  private readonly lag: number;

  constructor(size = 10_000, lag = 1000) {
    this.size = size;
    this.lag = lag;
  }

  /** `value` begins with the five bytes of the registry's header. */
  add(value: Buffer): void {
    const event = this.type.fromBuffer(value.subarray(5)) as BenchEvent;
    const start = event.ts - (event.ts % this.size);
    let window = this.windows.get(start);
    if (window === undefined) this.windows.set(start, (window = new Map()));
    const totals = window.get(event.user_id);
    if (totals === undefined) {
      window.set(event.user_id, { count: 1, sum: event.price, max: event.price });
    } else {
      totals.count += 1;
      totals.sum += event.price;
      if (event.price > totals.max) totals.max = event.price;
    }
    if (event.ts > this.maxTs) this.maxTs = event.ts;
  }

  /** Emits the windows that the watermark has passed. */
  fire(): void {
    for (const [start, window] of this.windows) {
      if (start + this.size > this.maxTs - this.lag + 1) continue;
      for (const totals of window.values()) {
        this.emitted += 1;
        this.checksum += totals.sum / totals.count + totals.max;
      }
      this.windows.delete(start);
    }
  }
}
