import { measureInChild } from './child.ts';
import type { MeasureSpec } from './measure.ts';
import type { Measurement } from './measurement.ts';

/** Seconds: what is left of the time asked for may be too short to be seen in the counts of a task. */
const MIN_STRETCH = 1;
/** Seconds of a turn: a machine that is shared is faster and slower from minute to minute. */
const TURN_SECONDS = 10;

type TimedSpec = MeasureSpec & {
  readonly seconds: number;
  /** So many processes measure at the same time, 1 when not given: what is reported is all that they did. */
  readonly atOnce?: number;
};

/**
 * Several measurements in turns, so that what else happens on the machine happens to all of them: a fresh process for each
 * turn, with a warm-up of its own, until the stretches of each make up the time asked for; what is reported is their
 * sum. A topic may end before a turn does: then there are more of them.
 */
export async function measureInTurns<Needed extends string, Optional extends string = never>(
  needed: Readonly<Record<Needed, TimedSpec>>,
  optional = {} as Readonly<Partial<Record<Optional, TimedSpec>>>,
  turnSeconds = TURN_SECONDS,
): Promise<Record<Needed, Measurement> & Partial<Record<Optional, Measurement>>> {
  const measured = Object.entries<TimedSpec | undefined>({ ...needed, ...optional }).flatMap(([name, spec]) =>
    spec === undefined ? [] : [{ name, spec, readings: [] as Measurement[] }],
  );
  const left = ({ spec, readings }: (typeof measured)[number]): number =>
    spec.seconds - total(readings, ({ seconds }) => seconds);
  while (measured.some((one) => left(one) > 0)) {
    for (const one of measured.filter((candidate) => left(candidate) > 0)) {
      const seconds = Math.max(Math.min(left(one), turnSeconds), MIN_STRETCH);
      const reading = await measureAtOnce({ ...one.spec, seconds });
      if (!(reading.events > 0)) throw new Error(`measuring ${one.name}: the topic ended before the stretch`);
      one.readings.push(reading);
    }
  }
  return Object.fromEntries(measured.map(({ name, readings }) => [name, sumOf(readings)])) as Record<
    Needed,
    Measurement
  > &
    Partial<Record<Optional, Measurement>>;
}

/** One measurement by itself, in as few stretches as its topic allows. */
export async function measureReadings(spec: TimedSpec): Promise<Measurement> {
  return (await measureInTurns({ only: spec }, {}, Infinity)).only;
}

async function measureAtOnce({ atOnce = 1, ...spec }: TimedSpec): Promise<Measurement> {
  const all = await Promise.all(Array.from({ length: atOnce }, () => measureInChild(spec)));
  const seconds = total(all, (one) => one.seconds) / atOnce;
  return { ...sumOf(all), seconds, eventsPerSecond: total(all, (one) => one.eventsPerSecond) };
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
