import { daysFrom } from './calendar.ts';
import { DAY_MS } from './datetime.ts';
import { hourOf, namedValue, type TimeParse } from './time-parse.ts';
import { MONTH_NAMES, parsePattern, type PatternPart, type TimeField, WEEKDAY_NAMES } from './time-pattern.ts';

/** Reads a part of the text at `at` into `values`; where it ends, or -1 where the text has something else. */
type Reader = (text: string, at: number, values: Map<TimeField, number>) => number;

/**
 * As SimpleDateFormat: values roll over, numbers have any digits and a sign, and what follows is ignored. A number directly
 * before another one has as many characters as letters, or fewer where something else follows: `yyyyMMdd` reads
 * 2024-02-29 as the years 2024, months -0, days 2.
 */
export function compileSimpleTimeParse(pattern: string): TimeParse {
  const parts = parsePattern(pattern, 'simple');
  const readers = parts.map((part, i) => readerOf(part, parts[i + 1]));
  return (text) => {
    const values = new Map<TimeField, number>();
    let at = 0;
    for (const read of readers) {
      at = read(text, at, values);
      if (at < 0) return undefined;
    }
    const month = values.get('month') ?? 1;
    const dayOfYear = values.get('day-of-year');
    const days = daysFrom(
      values.get('year') ?? 1970,
      dayOfYear === undefined ? month : 1,
      dayOfYear ?? values.get('day') ?? 1,
    );
    const seconds = (hourOf(values) * 60 + (values.get('minute') ?? 0)) * 60 + (values.get('second') ?? 0);
    return { ms: days * DAY_MS + seconds * 1000 + (values.get('millisecond') ?? 0), nanos: 0 };
  };
}

function readerOf(part: PatternPart, next: PatternPart | undefined): Reader {
  if (part.kind === 'text') {
    return (text, at) => (text.startsWith(part.text, at) ? at + part.text.length : -1);
  }
  const { field, count } = part;
  const names = namesOf(part);
  if (names !== undefined) return nameReader(field, names);
  const isBeforeNumber = next?.kind === 'field' && namesOf(next) === undefined;
  return numberReader(field, isBeforeNumber ? count : undefined, count <= 2);
}

/** Of a field that is a word. */
function namesOf({ field, count }: PatternPart & { readonly kind: 'field' }): readonly string[] | undefined {
  const orShort = (list: readonly string[]): string[] => list.flatMap((name) => [name, name.slice(0, 3)]);
  if (field === 'am-pm') return ['AM', 'PM'];
  if (field === 'era') return ['AD', 'BC'];
  if (field === 'weekday') return orShort(WEEKDAY_NAMES);
  return field === 'month' && count >= 3 ? orShort(MONTH_NAMES) : undefined;
}

function nameReader(field: TimeField, names: readonly string[]): Reader {
  const regex = new RegExp(names.join('|'), 'iy');
  return (text, at, values) => {
    regex.lastIndex = at;
    const match = regex.exec(text);
    if (match === null) return -1;
    values.set(field, namedValue(field, match[0]));
    return regex.lastIndex;
  };
}

/** `width`: of so many characters, blanks before it included. */
function numberReader(field: TimeField, width: number | undefined, isShortYear: boolean): Reader {
  const regex = /[ \t]*(-?\d{1,10})/y;
  return (text, at, values) => {
    const end = width === undefined ? text.length : at + width;
    if (end > text.length) return -1;
    regex.lastIndex = at;
    const match = regex.exec(width === undefined ? text : text.slice(0, end));
    if (match === null) return -1;
    const inCentury = field === 'year' && isShortYear && /^\d\d$/.test(match[1]);
    values.set(field, Number(match[1]) + (inCentury ? 2000 : 0));
    return regex.lastIndex;
  };
}
