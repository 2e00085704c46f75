import type { Progress } from './progress.ts';

const BAR = 24;

/** A line for people: `[####......]  40.0 %  1200000 rows  at 2001-01-03T10:00:00.000Z  250000 rows/s  1 min 5 s left`. */
export function progressText(progress: Progress): string {
  const { done, rows, rowsPerSecond, eventTime, timeLeft } = progress;
  return [
    done === undefined ? undefined : `${bar(done)} ${(done * 100).toFixed(1).padStart(5)} %`,
    `${rows} rows`,
    eventTime === undefined ? undefined : `at ${new Date(eventTime).toISOString()}`,
    `${Math.round(rowsPerSecond)} rows/s`,
    timeLeft === undefined ? undefined : `${spoken(timeLeft)} left`,
  ]
    .filter((part) => part !== undefined)
    .join('  ');
}

/** The same for machines, on a line; what is not known is null. */
export function progressJson(progress: Progress): string {
  const { done, rows, rowsPerSecond, left, eventTime, timeLeft } = progress;
  return JSON.stringify({
    progress: done === undefined ? null : Math.round(done * 1e4) / 1e4,
    rows,
    rowsPerSecond: Math.round(rowsPerSecond),
    recordsLeft: left ?? null,
    eventTime: eventTime === undefined ? null : new Date(eventTime).toISOString(),
    secondsLeft: timeLeft === undefined ? null : Math.round(timeLeft / 100) / 10,
  });
}

function bar(done: number): string {
  const full = Math.floor(done * BAR);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}]`;
}

/** `5 s`, `1 min 5 s`, `2 h 3 min`, `4 d 1 h`: two units at most. */
export function spoken(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const [d, h, min, s] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  if (d > 0) return `${d} d ${h} h`;
  if (h > 0) return `${h} h ${min} min`;
  return min > 0 ? `${min} min ${s} s` : `${s} s`;
}
