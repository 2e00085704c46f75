import type { TimestampValue } from '../../data/read.ts';
import { daysFrom, daysOf } from './calendar.ts';
import { DAY_MS } from './datetime.ts';
import { MONTH_NAMES, parsePattern, type PatternPart, type TimeField, WEEKDAY_NAMES } from './time-pattern.ts';

/** Reads text as a local date and time; undefined for what does not match. Missing fields are those of 1970-01-01 00:00. */
export type TimeParse = (text: string) => TimestampValue | undefined;

/** As DateTimeFormatter: the whole text in exactly the digits of the pattern, days beyond the month's last being the last. */
export function compileTimeParse(pattern: string): TimeParse {
  const parts = parsePattern(pattern, 'time');
  const fields: TimeField[] = [];
  const source = parts.map((part, i) => sourceOf(part, parts[i + 1], fields)).join('');
  const regex = new RegExp(`^${source}$`);
  return (text) => {
    const match = regex.exec(text);
    if (match === null) return undefined;
    const values = new Map<TimeField, number>();
    fields.forEach((field, i) => values.set(field, valueOf(field, match[i + 1])));
    return resolve(values);
  };
}

function sourceOf(part: PatternPart, next: PatternPart | undefined, fields: TimeField[]): string {
  if (part.kind === 'text') return part.text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const { field, count } = part;
  fields.push(field);
  if (field === 'am-pm') return '(AM|PM)';
  if (field === 'era') return '(AD|BC)';
  if (field === 'weekday') return `(${WEEKDAY_NAMES.flatMap((name) => [name, name.slice(0, 3)]).join('|')})`;
  if (field === 'month' && count >= 3) {
    return `(${MONTH_NAMES.map((name) => (count === 3 ? name.slice(0, 3) : name)).join('|')})`;
  }
  const adjacent = next?.kind === 'field';
  if (field === 'year') return count === 4 && !adjacent ? '(\\d{4})' : count === 1 ? '(\\d{1,9})' : `(\\d{${count}})`;
  return count === 1 && !adjacent ? '(\\d{1,9})' : `(\\d{${count}})`;
}

function valueOf(field: TimeField, text: string): number {
  if (!/^\d/.test(text)) return namedValue(field, text);
  if (field === 'year') return text.length === 2 ? 2000 + Number(text) : Number(text);
  return Number(field === 'fraction' ? text.padEnd(9, '0').slice(0, 9) : text);
}

/** What a word stands for, in whatever case. */
export function namedValue(field: TimeField, text: string): number {
  switch (field) {
    case 'am-pm':
      return text.toUpperCase() === 'PM' ? 12 : 0;
    case 'era':
      return text.toUpperCase() === 'BC' ? 0 : 1;
    case 'month': {
      const start = text.slice(0, 3).toLowerCase();
      return MONTH_NAMES.findIndex((name) => name.slice(0, 3).toLowerCase() === start) + 1;
    }
    default:
      // The day of the week follows from the date.
      return 0;
  }
}

/** Of the day, of 24 or of twice 12 hours. */
export function hourOf(values: ReadonlyMap<TimeField, number>): number {
  const half = values.get('half-hour') ?? values.get('half-hour-from-1');
  if (half !== undefined) return (half % 12) + (values.get('am-pm') ?? 0);
  const fromOne = values.get('hour-from-1');
  return values.get('hour') ?? (fromOne === 24 ? 0 : (fromOne ?? 0));
}

function resolve(values: ReadonlyMap<TimeField, number>): TimestampValue | undefined {
  const [year, month, day] = [values.get('year') ?? 1970, values.get('month') ?? 1, values.get('day') ?? 1];
  const [hour, minute, second] = [hourOf(values), values.get('minute') ?? 0, values.get('second') ?? 0];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) return undefined;
  const dayOfYear = values.get('day-of-year');
  const days = dayOfYear === undefined ? lastingDay(year, month, day) : daysFrom(year, 1, dayOfYear);
  const nanos = values.get('fraction') ?? values.get('nanosecond') ?? 0;
  const ms = Math.floor(nanos / 1_000_000);
  return {
    ms: days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + ms,
    nanos: nanos - ms * 1_000_000,
  };
}

/** The 30th of February is its last day. */
export function lastingDay(year: number, month: number, day: number): number {
  return daysOf(year, month, day) ?? daysFrom(year, month + 1, 0);
}

const DEFAULT = /^(\d{4})-(\d{1,2})-(\d{1,2})(?: (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{0,9}))?)?$/;

/** `yyyy-M-d[ H:m:s[.fffffffff]]`, as TO_TIMESTAMP reads it without a pattern. */
export function parseDefault(text: string): TimestampValue | undefined {
  const match = DEFAULT.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) return undefined;
  const fraction = (match[7] ?? '').padEnd(9, '0');
  const ms = ((hour * 60 + minute) * 60 + second) * 1000 + Number(fraction.slice(0, 3));
  return { ms: lastingDay(year, month, day) * DAY_MS + ms, nanos: Number(fraction.slice(3)) };
}
