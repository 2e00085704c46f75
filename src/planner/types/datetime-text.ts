/** Days since the epoch of `yyyy-MM-dd`; undefined when it is not a date of the calendar. */
export function parseDate(text: string): number | undefined {
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text.trim());
  return match === null ? undefined : daysOf(Number(match[1]), Number(match[2]), Number(match[3]));
}

/** Milliseconds of the day of `HH:mm:ss[.fff]` and the digits written after the point. */
export function parseTime(text: string): { readonly ms: number; readonly precision: number } | undefined {
  const match = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{0,9}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const fraction = match[4] ?? '';
  const ms = ((hour * 60 + minute) * 60 + second) * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3));
  return { ms, precision: fraction.length };
}

/** `yyyy-MM-dd [HH:mm:ss[.fffffffff]]` as [epoch ms, nanoseconds within the millisecond]. */
export function parseTimestamp(
  text: string,
): { readonly value: readonly [number, number]; readonly precision: number } | undefined {
  const match = /^(\S+)(?: (\S+))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, date, timeOfDay = '00:00:00'] = match as readonly (string | undefined)[];
  const days = parseDate(date ?? '');
  const time = parseTime(timeOfDay);
  if (days === undefined || time === undefined) return undefined;
  const fraction = /\.(\d*)$/.exec(timeOfDay)?.[1] ?? '';
  const nanos = Number(fraction.padEnd(9, '0').slice(3));
  return { value: [days * 86_400_000 + time.ms, nanos], precision: time.precision };
}

function daysOf(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const same = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return same ? date.getTime() / 86_400_000 : undefined;
}
