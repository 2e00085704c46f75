import { HeadwaterError, type SourcePosition } from '../data/errors.ts';

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  milli: 1,
  millis: 1,
  millisecond: 1,
  milliseconds: 1,
  s: 1000,
  sec: 1000,
  secs: 1000,
  second: 1000,
  seconds: 1000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
};

/**
 * Milliseconds of a duration as Flink writes it: `1 s`, `500ms`, `1 min`, `2 h`, `1 d`; a bare number counts
 * milliseconds. Throws HeadwaterError `invalid-duration`; `what` names the option in the message.
 */
export function parseDuration(text: string, what = 'The value', position?: SourcePosition): number {
  const match = /^\s*(\d+)\s*([a-z]*)\s*$/i.exec(text);
  const unit = match === null ? undefined : match[2] === '' ? 1 : UNITS[match[2].toLowerCase()];
  const value = match === null || unit === undefined ? NaN : Number(match[1]) * unit;
  if (!Number.isSafeInteger(value)) {
    throw new HeadwaterError(
      'invalid-duration',
      `${what} must be a duration such as '500 ms', '1 s', '5 min', '2 h' or '1 d', but is '${text}'`,
      { position },
    );
  }
  return value;
}

/** The shortest exact text of a number of milliseconds: `10 s`, `90 s`, `500 ms`. */
export function formatDuration(ms: number): string {
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ] as const) {
    if (ms !== 0 && ms % size === 0) return `${ms / size} ${unit}`;
  }
  return `${ms} ms`;
}
