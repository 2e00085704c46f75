import type { Produced } from './produce.ts';

/** A line a second about what was produced: rewritten in place on a terminal, a line every ten seconds otherwise. */
export class ProgressLine {
  private readonly inPlace: boolean;
  private readonly write: (text: string) => void;
  private readonly every: number;
  private shownAt = 0;
  private shownEvents = 0;
  private shownBytes = 0;

  constructor(inPlace: boolean, write: (text: string) => void) {
    this.inPlace = inPlace;
    this.write = write;
    this.every = inPlace ? 1000 : 10_000;
  }

  show({ events, bytes, elapsed, lastTime }: Produced): void {
    const passed = elapsed - this.shownAt;
    if (passed < this.every) return;
    const perSecond = (value: number) => (value * 1000) / passed;
    const rate = Math.round(perSecond(events - this.shownEvents));
    const megabytes = (perSecond(bytes - this.shownBytes) / 1e6).toFixed(1);
    const time = lastTime === undefined ? '-' : new Date(lastTime).toISOString();
    const text = `${events} events  ${rate} events/s  ${megabytes} MB/s  event time ${time}`;
    this.write(this.inPlace ? `\r\x1b[2K${text}` : `${text}\n`);
    this.shownAt = elapsed;
    this.shownEvents = events;
    this.shownBytes = bytes;
  }

  end(): void {
    if (this.inPlace && this.shownAt > 0) this.write('\n');
  }
}
