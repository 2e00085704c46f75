export const DAY_MS = 86_400_000;

export function floorMod(value: number, divisor: number): number {
  const rest = value % divisor;
  // `+ 0` turns -0 into 0.
  return (rest < 0 ? rest + divisor : rest) + 0;
}

export function floorTo(value: number, unit: number): number {
  return value - floorMod(value, unit);
}

/** Days since 1970-01-01 of a calendar date; undefined when there is no such day (years 0 to 9999). */
export function daysOf(year: number, month: number, day: number): number | undefined {
  if (year > 9999 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  return Math.floor(utc(year, month, day) / DAY_MS);
}

function utc(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime();
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Epoch milliseconds moved by months; the day of month is clamped to the month's last. */
export function addMonths(ms: number, months: number): number {
  const time = floorMod(ms, DAY_MS);
  const date = new Date(ms - time);
  const total = date.getUTCFullYear() * 12 + date.getUTCMonth() + months;
  const year = Math.floor(total / 12);
  const month = total - year * 12;
  return utc(year, month + 1, Math.min(date.getUTCDate(), daysInMonth(year, month + 1))) + time;
}

/** The nanoseconds within the millisecond that a precision keeps. */
export function nanosUnit(precision: number): number {
  return precision >= 9 ? 1 : precision <= 3 ? 1_000_000 : 10 ** (9 - precision);
}

/** The milliseconds that a precision keeps: 1000 for 0, 100 for 1, 10 for 2, else 1. */
export function msUnit(precision: number): number {
  return precision >= 3 ? 1 : 10 ** (3 - precision);
}
