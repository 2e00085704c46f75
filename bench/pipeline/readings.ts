import type { MeasureSpec } from './measure.ts';
import { measureInChild } from './child.ts';
import type { Measurement } from './measurement.ts';

/** Seconds: what is left of the time asked for may be too short to be seen in the counts of a task. */
const MIN_STRETCH = 1;

/**
 * A topic may end before a stretch does. Then a fresh process reads it from its beginning again, with a warm-up of its
 * own, until the stretches make up the time asked for; what is reported is their sum. Every peer is measured so.
 */
export async function measureReadings(spec: MeasureSpec & { readonly seconds: number }): Promise<Measurement> {
  const readings: Measurement[] = [];
  for (let left = spec.seconds; left > 0; left = spec.seconds - total(readings, ({ seconds }) => seconds)) {
    const reading = await measureInChild({ ...spec, seconds: Math.max(left, MIN_STRETCH) });
    if (!(reading.events > 0)) throw new Error(`measuring ${spec.peer}: the topic ended before the stretch`);
    readings.push(reading);
  }
  return sumOf(readings);
}

/** Several stretches as one: counts and times are added, the largest RSS counts, the images are those of the last. */
export function sumOf(readings: readonly Measurement[]): Measurement {
  const last = readings[readings.length - 1];
  const events = total(readings, (reading) => reading.events);
  const seconds = total(readings, (reading) => reading.seconds);
  const cpuSeconds = total(readings, (reading) => (reading.cpuSecondsPerMillion * reading.events) / 1e6);
  return {
    ...last,
    events,
    seconds,
    patchSeconds: total(readings, (reading) => reading.patchSeconds),
    eventsPerSecond: events / seconds,
    cpuSecondsPerMillion: cpuSeconds / (events / 1e6),
    rss: Math.max(...readings.map(({ rss }) => rss)),
    epochs: total(readings, ({ epochs }) => epochs),
    bytesWritten: total(readings, ({ bytesWritten }) => bytesWritten),
    readings: readings.length,
  };
}

function total(readings: readonly Measurement[], of: (reading: Measurement) => number): number {
  return readings.reduce((sum, reading) => sum + of(reading), 0);
}
