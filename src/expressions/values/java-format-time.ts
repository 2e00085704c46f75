import { dayOf, daysFrom, monthOf, packedDate, yearOf } from './calendar.ts';
import { DAY_MS, floorMod } from './datetime.ts';

const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const MONTHS = 'January February March April May June July August September October November December'.split(' ');
/** Days from 0000-03-01 of the Julian calendar to 1970-01-01. */
const JULIAN_START = 719_470;
/** 1582-10-15: before it Java's calendar is the Julian one. */
const FIRST_GREGORIAN_DAY = -141_427;

/** A time by the parts that Java's GregorianCalendar has. */
interface Calendar {
  /** In its era: 1 before 1 is 1 again. */
  readonly year: number;
  /** From 1 on. */
  readonly month: number;
  readonly day: number;
  readonly dayOfYear: number;
  /** From Sunday, 0. */
  readonly weekday: number;
  /** Of the day. */
  readonly ms: number;
}

const PARTS: Readonly<Record<string, (calendar: Calendar) => string>> = {
  H: ({ ms }) => padded(hours(ms), 2),
  k: ({ ms }) => String(hours(ms)),
  I: ({ ms }) => padded(hours(ms) % 12 || 12, 2),
  l: ({ ms }) => String(hours(ms) % 12 || 12),
  M: ({ ms }) => padded(Math.floor(ms / 60_000) % 60, 2),
  S: ({ ms }) => padded(Math.floor(ms / 1000) % 60, 2),
  L: ({ ms }) => padded(ms % 1000, 3),
  N: ({ ms }) => `${padded(ms % 1000, 3)}000000`,
  p: ({ ms }) => (hours(ms) < 12 ? 'am' : 'pm'),
  z: () => '+0000',
  Z: () => 'UTC',
  B: ({ month }) => MONTHS[month - 1],
  b: ({ month }) => MONTHS[month - 1].slice(0, 3),
  A: ({ weekday }) => DAYS[weekday],
  a: ({ weekday }) => DAYS[weekday].slice(0, 3),
  C: ({ year }) => padded(Math.floor(year / 100), 2),
  Y: ({ year }) => padded(year, 4),
  y: ({ year }) => padded(year % 100, 2),
  j: ({ dayOfYear }) => padded(dayOfYear, 3),
  m: ({ month }) => padded(month, 2),
  d: ({ day }) => padded(day, 2),
  e: ({ day }) => String(day),
};

/** Letters that stand for several. */
const COMPOSED: Readonly<Record<string, string>> = {
  h: 'b',
  R: 'H:M',
  T: 'H:M:S',
  r: 'I:M:S p',
  D: 'm/d/y',
  F: 'Y-m-d',
  c: 'a b d T Z Y',
};

/** Whether `%t` with this letter shows a part of a time. */
export function isTimeLetter(letter: string): boolean {
  return letter === 's' || letter === 'Q' || letter in PARTS || letter in COMPOSED;
}

/** A part of the time so many milliseconds after 1970 in UTC, by its letter in Java's Formatter. */
export function timeText(letter: string, ms: bigint): string {
  if (letter === 'Q') return String(ms);
  if (letter === 's') return String(ms / 1000n);
  return shown(letter, calendarOf(ms));
}

function shown(letter: string, calendar: Calendar): string {
  if (letter in PARTS) return PARTS[letter](calendar);
  return COMPOSED[letter].replace(/[a-zA-Z]/g, (one) => {
    const text = shown(one, calendar);
    return letter === 'r' ? text.toUpperCase() : text;
  });
}

function calendarOf(time: bigint): Calendar {
  const dayMs = BigInt(DAY_MS);
  const ms = ((time % dayMs) + dayMs) % dayMs;
  const days = Number((time - ms) / dayMs);
  const date = days < FIRST_GREGORIAN_DAY ? julianDate(days) : gregorianDate(days);
  const newYear = date.year <= 1582 ? julianNewYear(date.year) : daysFrom(date.year, 1, 1);
  return {
    ...date,
    year: date.year > 0 ? date.year : 1 - date.year,
    dayOfYear: days - newYear + 1,
    weekday: floorMod(days + 4, 7),
    ms: Number(ms),
  };
}

type CalendarDate = Pick<Calendar, 'year' | 'month' | 'day'>;

function gregorianDate(days: number): CalendarDate {
  const date = packedDate(days);
  return { year: yearOf(date), month: monthOf(date), day: dayOf(date) };
}

/** Years begin in March here, so that the leap day is the last. */
function julianDate(days: number): CalendarDate {
  const shifted = days + JULIAN_START;
  const year = Math.floor((4 * shifted + 3) / 1461);
  const dayOfYear = shifted - Math.floor((1461 * year) / 4);
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const isNext = monthFromMarch >= 10;
  return { year: isNext ? year + 1 : year, month: monthFromMarch + (isNext ? -9 : 3), day };
}

function julianNewYear(year: number): number {
  return Math.floor((1461 * (year - 1)) / 4) + 306 - JULIAN_START;
}

function hours(ms: number): number {
  return Math.floor(ms / 3_600_000);
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
