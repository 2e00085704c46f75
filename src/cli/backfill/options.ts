import { HeadwaterError } from '../../data/errors.ts';
import type { HistoryRange } from '../../planner/history.ts';

/** `--from`, `--to` and `--rate-limit` as they were given. */
export interface BackfillArguments {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly rateLimit: string | undefined;
}

export interface BackfillOptions {
  readonly range: HistoryRange;
  /** Rows a second over all sources; undefined: as fast as it goes. */
  readonly rateLimit: number | undefined;
}

/** Errors: `bad-arguments`. */
export function backfillOptions({ from, to, rateLimit }: BackfillArguments): BackfillOptions {
  const range = {
    from: from === undefined || from === 'earliest' ? undefined : timeOf('--from', from),
    to: to === undefined || to === 'latest' ? undefined : timeOf('--to', to),
  };
  if (range.from !== undefined && range.to !== undefined && range.from >= range.to) {
    throw bad(`--from ${from} --to ${to}`, 'a beginning before the end (which is not part of the range)');
  }
  return { range, rateLimit: rateLimit === undefined ? undefined : rateOf(rateLimit) };
}

const ISO = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?))?(Z|[+-]\d\d:\d\d)?$/;

/** Epoch milliseconds of ISO 8601 text (without an offset: UTC), or of a number of them. */
function timeOf(option: string, text: string): number {
  if (/^\d{5,15}$/.test(text)) return Number(text);
  const match = ISO.exec(text);
  const ms = match === null ? NaN : Date.parse(`${match[1]}T${match[2] ?? '00:00'}${match[3] ?? 'Z'}`);
  if (ms >= 0) return ms;
  throw bad(
    `${option} ${text}`,
    'a time since 1970 such as 2026-01-31, 2026-01-31T12:00:00, 2026-01-31T12:00:00+01:00 or milliseconds',
  );
}

function rateOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(?:\/s)?$/.exec(text);
  const rate = Number(match?.[1]);
  if (rate > 0) return rate;
  throw bad(`--rate-limit ${text}`, 'rows a second, such as 50000/s');
}

function bad(given: string, expected: string): HeadwaterError {
  return new HeadwaterError('bad-arguments', `${given} is not understood: expected ${expected}`);
}

/** How a range is kept with its job. */
export function rangeSettings({ from, to }: HistoryRange): Readonly<Record<string, string>> {
  return { 'backfill.from': from?.toFixed(0) ?? 'earliest', 'backfill.to': to?.toFixed(0) ?? 'latest' };
}

/** A checkpoint of another range would be gone on with as if it were this one. Errors: `backfill-range-changed`. */
export function checkSameRange(job: string, kept: Readonly<Record<string, string>>, range: HistoryRange): void {
  const given = rangeSettings(range);
  if (Object.entries(given).every(([key, value]) => kept[key] === value)) return;
  throw new HeadwaterError(
    'backfill-range-changed',
    `${job} was begun over ${describe(kept)}, not ${describe(given)}: expected the same range to go on, or --fresh to begin anew`,
  );
}

function describe(settings: Readonly<Record<string, string>>): string {
  const time = (text: string | undefined): string =>
    text === undefined || !/^\d+$/.test(text) ? (text ?? '?') : new Date(Number(text)).toISOString();
  return `${time(settings['backfill.from'])} to ${time(settings['backfill.to'])}`;
}
