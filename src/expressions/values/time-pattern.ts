import { HeadwaterError } from '../../data/errors.ts';

/** A pattern of Java's letters, taken apart: `yyyy-MM` is year(4), '-', month(2). */
export type PatternPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'field'; readonly field: TimeField; readonly count: number };

export type TimeField =
  | 'year'
  | 'week-year'
  | 'month'
  | 'day'
  | 'day-of-year'
  | 'weekday'
  | 'weekday-number'
  | 'iso-weekday-number'
  | 'quarter'
  | 'week'
  | 'week-of-month'
  | 'era'
  | 'am-pm'
  | 'hour'
  | 'hour-from-1'
  | 'half-hour'
  | 'half-hour-from-1'
  | 'minute'
  | 'second'
  | 'fraction'
  | 'millisecond'
  | 'nanosecond'
  | 'milli-of-day'
  | 'nano-of-day';

/** `time`: DateTimeFormatter, `simple`: SimpleDateFormat. Letters of zones and offsets are in neither: values have none. */
export type PatternDialect = 'time' | 'simple';

const COMMON: Readonly<Record<string, TimeField>> = {
  y: 'year',
  Y: 'week-year',
  M: 'month',
  L: 'month',
  d: 'day',
  D: 'day-of-year',
  E: 'weekday',
  w: 'week',
  W: 'week-of-month',
  G: 'era',
  a: 'am-pm',
  H: 'hour',
  k: 'hour-from-1',
  K: 'half-hour',
  h: 'half-hour-from-1',
  m: 'minute',
  s: 'second',
};
const LETTERS: Readonly<Record<PatternDialect, Readonly<Record<string, TimeField>>>> = {
  time: {
    ...COMMON,
    u: 'year',
    Q: 'quarter',
    q: 'quarter',
    e: 'weekday-number',
    c: 'weekday-number',
    S: 'fraction',
    n: 'nanosecond',
    A: 'milli-of-day',
    N: 'nano-of-day',
  },
  simple: { ...COMMON, u: 'iso-weekday-number', S: 'millisecond' },
};

/** Throws `invalid-pattern` with what is wrong in it. */
export function parsePattern(pattern: string, dialect: PatternDialect): readonly PatternPart[] {
  const parts: PatternPart[] = [];
  const addText = (text: string): void => {
    const last = parts.at(-1);
    if (last?.kind === 'text') parts[parts.length - 1] = { kind: 'text', text: last.text + text };
    else parts.push({ kind: 'text', text });
  };
  for (let at = 0; at < pattern.length;) {
    const char = pattern[at];
    if (char === "'") {
      const quoted = /^'(?:((?:[^']|'')+)'|')/.exec(pattern.slice(at));
      if (quoted === null) throw bad(pattern, 'a quote is not closed');
      addText(quoted[1] === undefined ? "'" : quoted[1].replaceAll("''", "'"));
      at += quoted[0].length;
    } else if (/[A-Za-z]/.test(char)) {
      const field = LETTERS[dialect][char];
      if (field === undefined) throw bad(pattern, `the letter '${char}' is not supported`);
      let end = at;
      while (pattern[end] === char) end++;
      parts.push({ kind: 'field', field, count: end - at });
      at = end;
    } else {
      if (dialect === 'time' && '[]{}#'.includes(char)) throw bad(pattern, `'${char}' is not supported`);
      addText(char);
      at++;
    }
  }
  return parts;
}

function bad(pattern: string, reason: string): HeadwaterError {
  return new HeadwaterError('invalid-pattern', `The date and time pattern '${pattern}' is not valid: ${reason}`, {
    kind: 'runtime',
  });
}

export const MONTH_NAMES: readonly string[] = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];
/** By Sunday 0 to Saturday 6. */
export const WEEKDAY_NAMES: readonly string[] = [
  ...['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
];
