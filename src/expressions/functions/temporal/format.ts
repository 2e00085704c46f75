import { STRING, timestamp } from '../../../data/types.ts';
import { legacyInstant, legacyZone, timeZone } from '../../../data/time-zone.ts';
import { isInteger, isString, isTimestamp, withNullable } from '../../types/common-type.ts';
import type { Call, Expr } from '../../typed.ts';
import type { BytesArena } from '../../values/arena.ts';
import { compileTimeFormat, type TimeFormat } from '../../values/time-format.ts';
import { compileSimpleTimeParse } from '../../values/simple-time-parse.ts';
import { decodeText } from '../../values/utf8.ts';
import type { FunctionDefinition, Resolution } from '../definition.ts';
import { plain, raw, rawOrNull, type RawFunction } from '../kernel.ts';
import { signature, text } from '../signature.ts';
import { checkPattern, patternCache } from './patterns.ts';

export const DEFAULT_PATTERN = 'yyyy-MM-dd HH:mm:ss';

const inTime = (pattern: string): TimeFormat => compileTimeFormat(pattern, 'time');
const inSimple = (pattern: string): TimeFormat => compileTimeFormat(pattern, 'simple');

export const timeFormatting: readonly FunctionDefinition[] = [
  {
    name: 'DATE_FORMAT',
    signatures: [
      { shown: 'time, pattern', resolve: formatted },
      signature([text('string'), text('pattern')], () => STRING),
    ],
    check: (args) => checkPattern(1, isString(args[0].type) ? inSimple : inTime)(args),
    kernel: rawOrNull(formatKernel),
    doc:
      "The time by a pattern of Java's DateTimeFormatter, for TIMESTAMP_LTZ by the wall clock of the session. " +
      'A string is read as yyyy-MM-dd HH:mm:ss and written by a pattern of SimpleDateFormat; NULL where it cannot be read. ' +
      'Letters of zones and offsets are refused.',
    examples: [
      ["DATE_FORMAT(TIMESTAMP '2024-02-29 12:34:56.123', 'yyyy/MM/dd HH:mm:ss.SSS')", '2024/02/29 12:34:56.123'],
      ["DATE_FORMAT(TIMESTAMP '2024-02-29 12:34:56', 'EEE d MMM yy, h a')", 'Thu 29 Feb 24, 12 PM'],
    ],
  },
  {
    name: 'FROM_UNIXTIME',
    signatures: [
      {
        shown: 'seconds [, pattern]',
        resolve: (args) => {
          if (args.length < 1 || args.length > 2 || !isInteger(args[0].type)) return undefined;
          if (args.length === 2 && !isString(args[1].type)) return undefined;
          const params = [
            withNullable({ kind: 'BIGINT', nullable: true }, args[0].type.nullable),
            ...args.slice(1).map((arg) => arg.type),
          ];
          return { params, result: STRING };
        },
      },
    ],
    check: checkPattern(1, inSimple),
    zoned: 'always',
    kernel: raw((_call, out, context) => {
      const zone = timeZone(context.zone);
      const compiled = patternCache(inSimple);
      return (seconds: bigint, bytes?: Uint8Array, start = 0, end = 0) => {
        const format = compiled(bytes === undefined ? DEFAULT_PATTERN : decodeText(bytes, start, end));
        return out.text(format(zone.toLocal(Number(seconds) * 1000), 0));
      };
    }),
    doc: "Seconds since 1970 as text by a pattern of Java's SimpleDateFormat (yyyy-MM-dd HH:mm:ss), in the session's zone.",
    examples: [
      ['FROM_UNIXTIME(1709210096)', '2024-02-29 12:34:56'],
      ["FROM_UNIXTIME(1709210096, 'HH:mm')", '12:34'],
    ],
  },
  {
    name: 'CONVERT_TZ',
    signatures: [signature([text('string'), text('from zone'), text('to zone')], () => STRING)],
    kernel: plain(() => {
      const parse = compileSimpleTimeParse(DEFAULT_PATTERN);
      const format = inSimple(DEFAULT_PATTERN);
      return (string: string, from: string, to: string) => {
        const local = parse(string);
        return local === undefined
          ? null
          : format(legacyZone(to).toLocal(legacyInstant(legacyZone(from), local.ms)), 0);
      };
    }),
    doc: 'A local time yyyy-MM-dd HH:mm:ss of one zone as that of another; NULL where it cannot be read. An unknown zone is UTC.',
    examples: [["CONVERT_TZ('1970-01-01 00:00:00', 'UTC', 'America/Los_Angeles')", '1969-12-31 16:00:00']],
  },
];

function formatted(args: readonly Expr[]): Resolution | undefined {
  const [time, pattern] = args;
  if (args.length !== 2 || !isString(pattern.type)) return undefined;
  if (!isTimestamp(time.type) && time.type.kind !== 'DATE') return undefined;
  const precision = isTimestamp(time.type) ? time.type.precision : 0;
  return { params: [timestamp(precision), pattern.type], result: STRING };
}

function formatKernel(call: Call, out: BytesArena): RawFunction {
  if (isString(call.args[0].type)) {
    const parse = compileSimpleTimeParse(DEFAULT_PATTERN);
    const compiled = patternCache(inSimple);
    return (bytes: Uint8Array, start: number, end: number, p: Uint8Array, from: number, to: number) => {
      const time = parse(decodeText(bytes, start, end));
      return time === undefined ? -1 : out.text(compiled(decodeText(p, from, to))(time.ms, 0));
    };
  }
  const [, pattern] = call.args;
  if (pattern.kind === 'literal' && typeof pattern.value === 'string') {
    const format = inTime(pattern.value);
    return (ms: number, nanos: number) => out.text(format(ms, nanos));
  }
  const compiled = patternCache(inTime);
  return (ms: number, nanos: number, p: Uint8Array, from: number, to: number) =>
    out.text(compiled(decodeText(p, from, to))(ms, nanos));
}
