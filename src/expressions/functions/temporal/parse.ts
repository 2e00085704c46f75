import { HeadwaterError } from '../../../data/errors.ts';
import type { TimestampValue } from '../../../data/read.ts';
import { findZone, legacyInstant, timeZone, UTC } from '../../../data/time-zone.ts';
import { BIGINT, DATE, notNull, type SqlType, timestamp, timestampLtz } from '../../../data/types.ts';
import { isInteger, isNumeric, withNullable } from '../../types/common-type.ts';
import type { Call, Expr } from '../../typed.ts';
import { epochDay } from '../../values/calendar.ts';
import { floorMod } from '../../values/datetime.ts';
import { parseDate } from '../../values/parse.ts';
import { compileSimpleTimeParse } from '../../values/simple-time-parse.ts';
import { compileTimeParse, lastingDay, parseDefault } from '../../values/time-parse.ts';
import type { FunctionDefinition } from '../definition.ts';
import { plain, rewritten } from '../kernel.ts';
import { int, nullable, number, signature, text } from '../signature.ts';
import { currentTimestamp } from '../clock.ts';
import { extractOf } from './extract.ts';
import { DEFAULT_PATTERN } from './format.ts';
import { checkPattern, patternCache } from './patterns.ts';

const INSTANT = timestampLtz(3);
/** The years 0000 to 9999. */
const FIRST_MS = -62_167_219_200_000;
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const UNREADABLE = -9_223_372_036_854_775_808n;

export const timeParsing: readonly FunctionDefinition[] = [
  {
    name: 'TO_DATE',
    signatures: [signature([text('string'), text('pattern')], () => DATE, { optional: 1 })],
    check: checkPattern(1, compileSimpleTimeParse),
    kernel: plain(() => {
      const compiled = patternCache(compileSimpleTimeParse);
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
    check: checkPattern(1, compileTimeParse),
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
      signature([number('number'), int('precision')], (_params, args) => instantType(args.at(1)), { optional: 1 }),
      signature([text('string'), text('pattern'), text('zone')], () => INSTANT, { optional: 2 }),
    ],
    check: (args) => {
      if (!isNumeric(args[0].type)) return checkPattern(1, compileTimeParse)(args);
      const precision = args.at(1);
      if (precision?.kind === 'literal') checkPrecision(Number(precision.value), 9);
    },
    kernel: plain(instantKernel),
    doc:
      'An instant: seconds since 1970 (precision 0), milliseconds (3, also without precision), or other powers of 10 up to ' +
      'nanoseconds (9); above 3 the precision is a constant. Or a string in a zone (UTC) as TO_TIMESTAMP reads it. NULL outside of the years 0 to 9999 and where it cannot be read.',
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
      signature([text('string'), text('pattern')], nullable(BIGINT), { optional: 1 }),
    ],
    kernel: rewritten((args) => {
      const nullable = args.some((arg) => arg.type.nullable);
      if (args.length === 0) return extractOf('EPOCH', currentTimestamp);
      checkPattern(1, compileSimpleTimeParse)(args);
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
      const compiled = patternCache(compileSimpleTimeParse);
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
  const compiled = patternCache(compileTimeParse);
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
  const most = call.type.kind === 'TIMESTAMP_LTZ' ? call.type.precision : 3;
  return (value: number | bigint, precision = 3) => {
    checkPrecision(precision, most);
    return typeof value === 'number' && !isInteger(type)
      ? approximateInstant(value, precision)
      : exactInstant(BigInt(value), precision, type.kind === 'DECIMAL' ? type.scale : 0);
  };
}

/** Parts of a nanosecond are cut off. */
function exactInstant(unscaled: bigint, precision: number, scale: number): TimestampValue | null {
  // A fraction of the unit does not count.
  const units = unscaled / 10n ** BigInt(scale);
  const nanos = units * 10n ** BigInt(9 - precision);
  const rest = ((nanos % 1_000_000n) + 1_000_000n) % 1_000_000n;
  return within(Number((nanos - rest) / 1_000_000n), Number(rest));
}

/** Parts of a unit are rounded down; those of a nanosecond are cut off, as Flink does it. */
function approximateInstant(value: number, precision: number): TimestampValue | null {
  if (precision <= 3) return within(Math.floor(value * 10 ** (3 - precision)));
  const units = precision === 9 ? Math.trunc(value) : Math.floor(value);
  const perMs = 10 ** (precision - 3);
  const rest = floorMod(units, perMs);
  return within((units - rest) / perMs, rest * 10 ** (9 - precision));
}

function within(ms: number, nanos = 0): TimestampValue | null {
  return ms >= FIRST_MS && ms <= LAST_MS ? { ms, nanos } : null;
}

/** TIMESTAMP_LTZ of the precision that a constant names, at least 3. */
function instantType(precision: Expr | undefined): SqlType {
  const named = precision?.kind === 'literal' ? Number(precision.value) : 3;
  return named > 3 && named <= 9 ? timestampLtz(named) : INSTANT;
}

function checkPrecision(precision: number, most: number): void {
  if (precision >= 0 && precision <= most) return;
  const given = `not ${precision}`;
  throw new HeadwaterError('invalid-argument', `The precision of TO_TIMESTAMP_LTZ is from 0 to ${most}, ${given}`);
}
