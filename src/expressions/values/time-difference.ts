import { addMonths } from './calendar.ts';
import { DAY_MS, floorMod } from './datetime.ts';

/** Whole months from `from` to `to` (local milliseconds): a month is full when the day is reached or the month ended. */
export function monthsBetween(from: number, to: number): number {
  const [clockFrom, clockTo] = [floorMod(from, DAY_MS), floorMod(to, DAY_MS)];
  const [dayFrom, dayTo] = [from - clockFrom, to - clockTo];
  const months = monthsOfDays(dayFrom, dayTo);
  const reached = addMonths(dayFrom, months) === dayTo;
  return reached && clockTo < clockFrom ? months - 1 : months;
}

function monthsOfDays(from: number, to: number): number {
  if (to < from) return -monthsOfDays(to, from);
  // No month is longer than 31 days, so this is not too many.
  let months = Math.floor((to - from) / (31 * DAY_MS));
  while (addMonths(from, months) < to && addMonths(from, months + 1) <= to) months++;
  return months;
}
