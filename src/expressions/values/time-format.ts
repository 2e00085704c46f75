import { unreachable } from '../../data/errors.ts';
import { dayOf, dayOfYear, daysFrom, epochDay, isoDayOfWeek, monthOf, packedDate, yearOf } from './calendar.ts';
import { DAY_MS, floorMod } from './datetime.ts';
import {
  MONTH_NAMES,
  parsePattern,
  type PatternDialect,
  type PatternPart,
  type TimeField,
  WEEKDAY_NAMES,
} from './time-pattern.ts';

/** Writes a local date and time: milliseconds, and nanoseconds within the millisecond. */
export type TimeFormat = (ms: number, nanos: number) => string;

export function compileTimeFormat(pattern: string, dialect: PatternDialect): TimeFormat {
  const parts = parsePattern(pattern, dialect).map(writerOf);
  return (ms, nanos) => {
    let text = '';
    for (const part of parts) text += part(ms, nanos);
    return text;
  };
}

function writerOf(part: PatternPart): TimeFormat {
  if (part.kind === 'text') return () => part.text;
  const { field, count } = part;
  switch (field) {
    case 'year':
      return (ms) => year(yearOf(packedDate(epochDay(ms))), count);
    case 'week-year':
      return (ms) => year(weekYear(epochDay(ms)), count);
    case 'month':
      if (count >= 3) return (ms) => name(MONTH_NAMES[monthOf(packedDate(epochDay(ms))) - 1], count);
      break;
    case 'weekday':
      return (ms) => name(WEEKDAY_NAMES[isoDayOfWeek(epochDay(ms)) % 7], count);
    case 'quarter':
      if (count >= 3) return (ms) => `Q${number('quarter', ms, 0)}`;
      break;
    case 'era':
      return (ms) => (yearOf(packedDate(epochDay(ms))) > 0 ? 'AD' : 'BC');
    case 'am-pm':
      return (ms) => (floorMod(ms, DAY_MS) < DAY_MS / 2 ? 'AM' : 'PM');
    case 'fraction':
      return (ms, nanos) =>
        digits(floorMod(ms, 1000) * 1_000_000 + nanos, 9)
          .padEnd(count, '0')
          .slice(0, count);
    default:
      break;
  }
  return (ms, nanos) => digits(number(field, ms, nanos), count);
}

function number(field: NumberField, ms: number, nanos: number): number {
  const days = epochDay(ms);
  const time = floorMod(ms, DAY_MS);
  const hour = Math.floor(time / 3_600_000);
  switch (field) {
    case 'month':
      return monthOf(packedDate(days));
    case 'day':
      return dayOf(packedDate(days));
    case 'day-of-year':
      return dayOfYear(days);
    case 'weekday-number':
      return (isoDayOfWeek(days) % 7) + 1;
    case 'iso-weekday-number':
      return isoDayOfWeek(days);
    case 'quarter':
      return Math.floor((monthOf(packedDate(days)) + 2) / 3);
    case 'week':
      return weekOf(days, daysFrom(weekYear(days), 1, 1));
    case 'week-of-month':
      return weekOf(days, days - dayOf(packedDate(days)) + 1);
    case 'hour':
      return hour;
    case 'hour-from-1':
      return hour === 0 ? 24 : hour;
    case 'half-hour':
      return hour % 12;
    case 'half-hour-from-1':
      return hour % 12 === 0 ? 12 : hour % 12;
    case 'minute':
      return Math.floor(time / 60_000) % 60;
    case 'second':
      return Math.floor(time / 1000) % 60;
    case 'millisecond':
      return time % 1000;
    case 'nanosecond':
      return (time % 1000) * 1_000_000 + nanos;
    case 'milli-of-day':
      return time;
    case 'nano-of-day':
      return time * 1_000_000 + nanos;
    default:
      return unreachable(field);
  }
}

type NumberField = Exclude<TimeField, 'year' | 'week-year' | 'weekday' | 'era' | 'am-pm' | 'fraction'>;

/** Weeks begin on Sunday and the first one holds January 1st, as in the United States. */
function weekYear(days: number): number {
  return yearOf(packedDate(days - (isoDayOfWeek(days) % 7) + 6));
}

/** Weeks from the one that holds `first`. */
function weekOf(days: number, first: number): number {
  return Math.floor((days - first + (isoDayOfWeek(first) % 7)) / 7) + 1;
}

function year(value: number, count: number): string {
  return count === 2 ? digits(floorMod(value, 100), 2) : digits(value, count);
}

function name(full: string, count: number): string {
  return count === 4 ? full : count === 5 ? full[0] : full.slice(0, 3);
}

function digits(value: number, count: number): string {
  return value < 0 ? `-${digits(-value, count)}` : String(value).padStart(count, '0');
}
