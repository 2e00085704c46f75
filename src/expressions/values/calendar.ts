import { DAY_MS, floorMod } from './datetime.ts';

/** The proleptic Gregorian calendar on days since 1970-01-01, in plain number arithmetic. */

/** Year, month (1 to 12) and day packed into one number, for loops that make no objects. */
export type PackedDate = number;

export function packedDate(days: number): PackedDate {
  // Years begin in March here, so that the leap day is the last.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leaps = ((dayOfEra / 1460) | 0) - ((dayOfEra / 36_524) | 0) + ((dayOfEra / 146_096) | 0);
  const yearOfEra = ((dayOfEra - leaps) / 365) | 0;
  const dayOfYear = dayOfEra - (365 * yearOfEra + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0));
  const monthFromMarch = ((5 * dayOfYear + 2) / 153) | 0;
  const day = dayOfYear - (((153 * monthFromMarch + 2) / 5) | 0) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0)) * 512 + month * 32 + day;
}

export function yearOf(date: PackedDate): number {
  return Math.floor(date / 512);
}
export function monthOf(date: PackedDate): number {
  return floorMod(date, 512) >> 5;
}
export function dayOf(date: PackedDate): number {
  return floorMod(date, 512) & 31;
}

/** Days since 1970-01-01; months beyond a year and days beyond a month roll over. */
export function daysFrom(year: number, month: number, day: number): number {
  const carried = year + Math.floor((month - 1) / 12);
  const within = floorMod(month - 1, 12) + 1;
  const shifted = within <= 2 ? carried - 1 : carried;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const firstOfMonth = ((153 * (within > 2 ? within - 3 : within + 9) + 2) / 5) | 0;
  const firstOfYear = yearOfEra * 365 + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0);
  return era * 146_097 + firstOfYear + firstOfMonth + day - 1 - 719_468;
}

export function dayOfYear(days: number): number {
  return days - daysFrom(yearOf(packedDate(days)), 1, 1) + 1;
}

/** Monday 1 to Sunday 7. */
export function isoDayOfWeek(days: number): number {
  return floorMod(days + 3, 7) + 1;
}

/** The year of the ISO week: that of its Thursday. */
export function isoYear(days: number): number {
  return yearOf(packedDate(days + 4 - isoDayOfWeek(days)));
}

export function isoWeek(days: number): number {
  const thursday = days + 4 - isoDayOfWeek(days);
  return Math.floor((dayOfYear(thursday) - 1) / 7) + 1;
}

export function epochDay(ms: number): number {
  return Math.floor(ms / DAY_MS);
}

/** Days since 1970-01-01 of a calendar date; undefined when there is no such day (years 0 to 9999). */
export function daysOf(year: number, month: number, day: number): number | undefined {
  if (year > 9999 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  return daysFrom(year, month, day);
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Epoch milliseconds moved by months; the day of month is clamped to the month's last. */
export function addMonths(ms: number, months: number): number {
  const time = floorMod(ms, DAY_MS);
  const date = packedDate((ms - time) / DAY_MS);
  const total = yearOf(date) * 12 + monthOf(date) - 1 + months;
  const year = Math.floor(total / 12);
  const month = total - year * 12 + 1;
  return daysFrom(year, month, Math.min(dayOf(date), daysInMonth(year, month))) * DAY_MS + time;
}
