import { HeadwaterError } from '../../../data/errors.ts';
import type { TimestampValue } from '../../../data/read.ts';
import { findZone, legacyInstant, timeZone, UTC } from '../../../data/time-zone.ts';
import { BIGINT, DATE, notNull, timestamp, timestampLtz } from '../../../data/types.ts';
import { isInteger, isNumeric, withNullable } from '../../types/common-type.ts';
import type { Call } from '../../typed.ts';
import { epochDay } from '../../values/calendar.ts';
import { parseDate } from '../../values/parse.ts';
import { compileTimeParse, lastingDay, parseDefault, type TimeParse } from '../../values/time-parse.ts';
import type { FunctionDefinition } from '../definition.ts';
import { plain, rewritten } from '../kernel.ts';
import { int, number, signature, strict, text } from '../signature.ts';
import { currentTimestamp } from '../clock.ts';
import { extractOf } from './extract.ts';
import { DEFAULT_PATTERN } from './format.ts';
import { checkPattern, patternCache } from './patterns.ts';

const inTime = (pattern: string): TimeParse => compileTimeParse(pattern, 'time');
const inSimple = (pattern: string): TimeParse => compileTimeParse(pattern, 'simple');
const INSTANT = timestampLtz(3);
/** The years 0000 to 9999. */
const FIRST_MS = -62_167_219_200_000;
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const UNREADABLE = -9_223_372_036_854_775_808n;

export const timeParsing: readonly FunctionDefinition[] = [
  {
    name: 'TO_DATE',
    signatures: [signature([text('string'), text('pattern')], () => DATE, { optional: 1 })],
    check: checkPattern(1, inSimple),
    kernel: plain(() => {
      const compiled = patternCache(inSimple);
      return (string: string, pattern?: string) => {
        if (pattern === undefined) return parseDate(string) ?? null;
        const time = compiled(pattern)(string);
        return time === undefined ? null : epochDay(time.ms);
      };
    }),
    doc: "The string as a DATE: yyyy-MM-dd, or by a pattern of Java's SimpleDateFormat. NULL where it cannot be read.",
    examples: [
      ["TO_DATE('2024-02-29')", '2024-02-29'],
      ["TO_DATE('29.02.2024', 'dd.MM.yyyy')", '2024-02-29'],
      ["TO_DATE('2024-02-30')", null],
    ],
  },
  {
    name: 'TO_TIMESTAMP',
    signatures: [signature([text('string'), text('pattern')], () => timestamp(3), { optional: 1 })],
    check: checkPattern(1, inTime),
    kernel: plain(() => {
      const read = timestampReader();
      return (string: string, pattern?: string) => toMillis(read(string, pattern)) ?? null;
    }),
    doc:
      "The string as a TIMESTAMP(3): yyyy-MM-dd [HH:mm:ss[.fraction]], or by a pattern of Java's DateTimeFormatter, whose missing " +
      'parts are those of 1970-01-01. The 30th of February is its last day. NULL where it cannot be read.',
    examples: [
      ["TO_TIMESTAMP('2024-02-29 12:34:56.789123')", '2024-02-29T12:34:56.789'],
      ["TO_TIMESTAMP('29/02/2024 07', 'dd/MM/yyyy HH')", '2024-02-29T07:00:00.000'],
      ["TO_TIMESTAMP('2024-02-29T12:34:56')", null],
    ],
  },
  {
    name: 'TO_TIMESTAMP_LTZ',
    signatures: [
      signature([number('number'), int('precision')], () => INSTANT, { optional: 1 }),
      signature([text('string'), text('pattern'), text('zone')], () => INSTANT, { optional: 2 }),
    ],
    check: (args) => {
      if (!isNumeric(args[0].type)) return checkPattern(1, inTime)(args);
      const precision = args.at(1);
      if (precision?.kind === 'literal') checkPrecision(Number(precision.value));
    },
    kernel: plain(instantKernel),
    doc:
      'An instant: seconds since 1970 (precision 0) or milliseconds (3, also without precision), or a string in a zone (UTC) as ' +
      'TO_TIMESTAMP reads it. NULL outside of the years 0 to 9999 and where it cannot be read.',
    examples: [
      ['TO_TIMESTAMP_LTZ(1709210096, 0)', '2024-02-29T12:34:56.000Z'],
      ['TO_TIMESTAMP_LTZ(1709210096789, 3)', '2024-02-29T12:34:56.789Z'],
      ["TO_TIMESTAMP_LTZ('2024-07-01 00:00', 'yyyy-MM-dd HH:mm', 'Europe/Berlin')", '2024-06-30T22:00:00.000Z'],
    ],
  },
  {
    name: 'UNIX_TIMESTAMP',
    signatures: [
      { shown: '', resolve: (args) => (args.length === 0 ? { params: [], result: notNull(BIGINT) } : undefined) },
      signature([text('string'), text('pattern')], strict(BIGINT), { optional: 1 }),
    ],
    kernel: rewritten((args) => {
      const nullable = args.some((arg) => arg.type.nullable);
      if (args.length === 0) return extractOf('EPOCH', currentTimestamp);
      checkPattern(1, inSimple)(args);
      return { kind: 'call', fn: 'UNIX_TIMESTAMP OF', args, type: withNullable(BIGINT, nullable) };
    }),
    doc:
      "Seconds since 1970 of a string (yyyy-MM-dd HH:mm:ss, or by a pattern of Java's SimpleDateFormat) in the session's zone; " +
      '-9223372036854775808 where it cannot be read. Without arguments, those of the clock, read for each row.',
    examples: [
      ['UNIX_TIMESTAMP()', '1709210096'],
      ["UNIX_TIMESTAMP('2024-02-29 12:34:56')", '1709210096'],
      ["UNIX_TIMESTAMP('bad')", '-9223372036854775808'],
    ],
  },
  {
    name: 'UNIX_TIMESTAMP OF',
    syntax: ['UNIX_TIMESTAMP(string, pattern)'],
    signatures: [],
    zoned: 'always',
    kernel: plain((_call, context) => {
      const zone = timeZone(context.zone);
      const compiled = patternCache(inSimple);
      return (string: string, pattern: string = DEFAULT_PATTERN) => {
        const time = compiled(pattern)(string);
        return time === undefined ? UNREADABLE : BigInt(Math.trunc(legacyInstant(zone, time.ms) / 1000));
      };
    }),
    doc: 'What UNIX_TIMESTAMP of a string is in a plan.',
    examples: [["UNIX_TIMESTAMP('29.02.2024', 'dd.MM.yyyy')", '1709164800']],
  },
];

/** TO_TIMESTAMP: by the pattern, else, if that fails, in the form that JDBC reads. */
function timestampReader(): (text: string, pattern: string | undefined) => TimestampValue | undefined {
  const compiled = patternCache(inTime);
  return (string, pattern) =>
    pattern === undefined ? parseDefault(string) : (compiled(pattern)(string) ?? parseJdbc(string));
}

const JDBC = /^\s*(\d{4})-(\d{1,2})-(\d{1,2})(?: +(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?)?\s*$/;

function parseJdbc(string: string): TimestampValue | undefined {
  const match = JDBC.exec(string);
  if (match === null) return undefined;
  const [year, month, day] = match.slice(1, 4).map(Number);
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  const [hour, minute, second] = match.slice(4, 7).map((part) => Number(part ?? 0));
  const fraction = (match[7] ?? '').padEnd(9, '0');
  const seconds = (hour * 60 + minute) * 60 + second;
  const ms = lastingDay(year, month, day) * 86_400_000 + seconds * 1000 + Number(fraction.slice(0, 3));
  return { ms, nanos: Number(fraction.slice(3)) };
}

function toMillis(time: TimestampValue | undefined): TimestampValue | undefined {
  return time && { ms: time.ms, nanos: 0 };
}

function instantKernel(call: Call): (...args: never[]) => unknown {
  const [first] = call.args;
  if (!isNumeric(first.type)) {
    const read = timestampReader();
    return (string: string, pattern?: string, zone?: string) => {
      const local = read(string, pattern);
      const place = zone === undefined ? UTC : findZone(zone);
      return local === undefined || place === undefined ? null : within(place.toInstant(local.ms));
    };
  }
  const { type } = first;
  const scale = type.kind === 'DECIMAL' ? 10 ** type.scale : 1;
  return (value: number | bigint, precision = 3) => {
    checkPrecision(precision);
    const exact = isInteger(type) ? Number(value) : Number(value) / scale;
    return within(Math.trunc(precision === 0 ? exact * 1000 : exact));
  };
}

function within(ms: number): TimestampValue | null {
  return ms >= FIRST_MS && ms <= LAST_MS ? { ms, nanos: 0 } : null;
}

function checkPrecision(precision: number): void {
  if (precision === 0 || precision === 3) return;
  throw new HeadwaterError('invalid-argument', `The precision of TO_TIMESTAMP_LTZ is 0 or 3, not ${precision}`);
}
