import { unreachable } from '../../data/errors.ts';
import { dayOf, dayOfYear, epochDay, isoDayOfWeek, isoWeek, isoYear, monthOf, packedDate, yearOf } from './calendar.ts';
import { DAY_MS, floorMod } from './datetime.ts';

export const DATE_UNITS = [
  ...(['MILLENNIUM', 'CENTURY', 'DECADE', 'YEAR', 'ISOYEAR', 'QUARTER', 'MONTH', 'WEEK', 'DAY'] as const),
  ...(['DOY', 'DOW', 'ISODOW'] as const),
] as const;
export const TIME_UNITS = ['HOUR', 'MINUTE', 'SECOND', 'MILLISECOND', 'MICROSECOND', 'NANOSECOND'] as const;
export type DateUnit = (typeof DATE_UNITS)[number];
export type TimeUnit = (typeof TIME_UNITS)[number];
export type ExtractUnit = DateUnit | TimeUnit | 'EPOCH';

export function isExtractUnit(unit: string): unit is ExtractUnit {
  return unit === 'EPOCH' || isDateUnit(unit) || TIME_UNITS.some((known) => known === unit);
}
export function isDateUnit(unit: string): unit is DateUnit {
  return DATE_UNITS.some((known) => known === unit);
}

/** Reads a part of a local date and time: milliseconds, and nanoseconds within the millisecond. */
export type Extract = (ms: number, nanos: number) => number;

export function extractor(unit: ExtractUnit): Extract {
  switch (unit) {
    case 'EPOCH':
      return (ms) => Math.floor(ms / 1000);
    case 'HOUR':
      return (ms) => Math.floor(floorMod(ms, DAY_MS) / 3_600_000);
    case 'MINUTE':
      return (ms) => Math.floor(floorMod(ms, 3_600_000) / 60_000);
    case 'SECOND':
      return (ms) => Math.floor(floorMod(ms, 60_000) / 1000);
    case 'MILLISECOND':
      return (ms) => floorMod(ms, 1000);
    case 'MICROSECOND':
      return (ms, nanos) => floorMod(ms, 1000) * 1000 + Math.floor(nanos / 1000);
    case 'NANOSECOND':
      return (ms, nanos) => floorMod(ms, 1000) * 1_000_000 + nanos;
    default: {
      const part = datePart(unit);
      return (ms) => part(epochDay(ms));
    }
  }
}

/** Reads a part of a date given as days since 1970-01-01. */
function datePart(unit: DateUnit): (days: number) => number {
  switch (unit) {
    case 'MILLENNIUM':
      return (days) => Math.floor((yearOf(packedDate(days)) + 999) / 1000);
    case 'CENTURY':
      return (days) => Math.floor((yearOf(packedDate(days)) + 99) / 100);
    case 'DECADE':
      return (days) => Math.floor(yearOf(packedDate(days)) / 10);
    case 'YEAR':
      return (days) => yearOf(packedDate(days));
    case 'ISOYEAR':
      return isoYear;
    case 'QUARTER':
      return (days) => Math.floor((monthOf(packedDate(days)) + 2) / 3);
    case 'MONTH':
      return (days) => monthOf(packedDate(days));
    case 'WEEK':
      return isoWeek;
    case 'DAY':
      return (days) => dayOf(packedDate(days));
    case 'DOY':
      return dayOfYear;
    case 'DOW':
      return (days) => (isoDayOfWeek(days) % 7) + 1;
    case 'ISODOW':
      return isoDayOfWeek;
    default:
      return unreachable(unit);
  }
}
