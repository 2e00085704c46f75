import { unreachable } from '../../data/errors.ts';
import { dayOf, daysFrom, isoDayOfWeek, monthOf, packedDate, yearOf } from './calendar.ts';
import { DAY_MS, floorMod, floorTo } from './datetime.ts';

const CALENDAR_UNITS = ['MILLENNIUM', 'CENTURY', 'DECADE', 'YEAR', 'QUARTER', 'MONTH', 'WEEK'] as const;
const CLOCK_UNITS = { DAY: DAY_MS, HOUR: 3_600_000, MINUTE: 60_000, SECOND: 1000, MILLISECOND: 1 } as const;
type CalendarUnit = (typeof CALENDAR_UNITS)[number];
type ClockUnit = keyof typeof CLOCK_UNITS;
export type RoundingUnit = CalendarUnit | ClockUnit;

export function isRoundingUnit(unit: string): unit is RoundingUnit {
  return unit in CLOCK_UNITS || isCalendarUnit(unit);
}
export function isCalendarUnit(unit: string): unit is CalendarUnit {
  return CALENDAR_UNITS.some((known) => known === unit);
}

/** Rounds a local date and time: milliseconds, and nanoseconds within the millisecond, which are dropped. */
export type Round = (ms: number, nanos: number) => number;

export function flooring(unit: RoundingUnit): Round {
  if (isCalendarUnit(unit)) return (ms) => floorDays(unit, Math.floor(ms / DAY_MS)) * DAY_MS;
  const size = CLOCK_UNITS[unit];
  return (ms) => floorTo(ms, size);
}

/** Calendar units look at the date only, as in Flink: what is on the first day of a month is not rounded up to the next. */
export function ceiling(unit: RoundingUnit): Round {
  if (isCalendarUnit(unit)) return (ms) => ceilDays(unit, Math.floor(ms / DAY_MS)) * DAY_MS;
  const size = CLOCK_UNITS[unit];
  return (ms, nanos) => {
    const rest = floorMod(ms, size);
    return rest === 0 && nanos === 0 ? ms : ms - rest + size;
  };
}

/** The first day of the unit that holds the day. Weeks start on Sunday. */
function floorDays(unit: CalendarUnit, days: number): number {
  const date = packedDate(days);
  const year = yearOf(date);
  switch (unit) {
    case 'MILLENNIUM':
      return daysFrom(Math.floor((year + 999) / 1000) * 1000 - 999, 1, 1);
    case 'CENTURY':
      return daysFrom(Math.floor((year + 99) / 100) * 100 - 99, 1, 1);
    case 'DECADE':
      return daysFrom(Math.floor(year / 10) * 10, 1, 1);
    case 'YEAR':
      return daysFrom(year, 1, 1);
    case 'QUARTER':
      return daysFrom(year, Math.floor((monthOf(date) - 1) / 3) * 3 + 1, 1);
    case 'MONTH':
      return daysFrom(year, monthOf(date), 1);
    case 'WEEK':
      return days - (isoDayOfWeek(days) % 7);
    default:
      return unreachable(unit);
  }
}

function ceilDays(unit: CalendarUnit, days: number): number {
  const floor = floorDays(unit, days);
  const date = packedDate(floor);
  const year = yearOf(date);
  switch (unit) {
    // The next one even for its first day.
    case 'MILLENNIUM':
      return daysFrom(year + 1000, 1, 1);
    case 'CENTURY':
      return daysFrom(year + 100, 1, 1);
    case 'DECADE':
      return daysFrom(year + 10, 1, 1);
    case 'YEAR':
      return floor === days ? days : daysFrom(year + 1, 1, 1);
    case 'QUARTER':
      return floor === days ? days : daysFrom(year, monthOf(date) + 3, dayOf(date));
    case 'MONTH':
      return floor === days ? days : daysFrom(year, monthOf(date) + 1, dayOf(date));
    case 'WEEK':
      return floor === days ? days : floor + 7;
    default:
      return unreachable(unit);
  }
}
