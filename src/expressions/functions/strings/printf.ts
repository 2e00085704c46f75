import { formatDecimal } from '../../../data/json-value.ts';
import type { TimestampValue } from '../../../data/read.ts';
import { type SqlType, STRING } from '../../../data/types.ts';
import { isNumeric, isString, isTimestamp } from '../../types/common-type.ts';
import type { Expr } from '../../typed.ts';
import { formatDouble, formatFloat, formatText } from '../../values/format.ts';
import { compileFormat, type Format, type FormatArgument } from '../../values/java-format.ts';
import type { FunctionDefinition, Signature } from '../definition.ts';
import { hashOf } from '../hash-code.ts';
import { plainWithNulls } from '../kernel.ts';
import { murmurHash } from '../murmur-hash.ts';
import { asText } from '../signature.ts';

const values: Signature = {
  shown: 'format [, value, ..]',
  resolve: ([format, ...rest]) => {
    if (format === undefined || !(format.type.kind === 'NULL' || asText(format.type) !== undefined)) return undefined;
    if (!rest.every(({ type }) => type.kind === 'NULL' || isFormatted(type))) return undefined;
    const params = [format.type.kind === 'NULL' ? STRING : format.type, ...rest.map(({ type }) => type)];
    return { params: params.map((type) => (type.kind === 'NULL' ? STRING : type)), result: STRING };
  },
};

export const printf: FunctionDefinition = {
  name: 'PRINTF',
  signatures: [values],
  kernel: plainWithNulls(({ args }) => {
    const given = args.slice(1).map(argumentOf);
    const hashes = args.slice(1).map(hashCodeOf);
    let known: { readonly text: string; readonly format: Format | undefined } | undefined;
    return (text: string | null, ...rest: readonly unknown[]) => {
      if (text === null) return null;
      if (known?.text !== text) known = { text, format: compileFormat(text) };
      const shown = rest.map((value, i) => (value === null ? null : given[i](value)));
      return known.format?.(shown, (i) => hashes[i](rest[i])) ?? null;
    };
  }),
  doc:
    "The values in a format of Java's Formatter: %s %d %x %o %c %b %f %e %g %a with flags, width and precision, %h (the hash code in " +
    'hexadecimal), %% and %n; %t and a letter for a part of a BIGINT of milliseconds after 1970 in UTC, such as %tF and %tT. A DATE is its ' +
    'number of days, a TIME its milliseconds. NULL where the format is wrong or does not fit the values; a NULL value is `null`.',
  examples: [
    ["PRINTF('%s: %05d', 'a', 42)", 'a: 00042'],
    ["PRINTF('%,.2f|%-5s|%x', 1234.5e0, 'b', 255)", '1,234.50|b    |ff'],
    ["PRINTF('%a', 0.1e0)", '0x1.999999999999ap-4'],
    ["PRINTF('%tF %<tT', 1709210096789)", '2024-02-29 12:34:56'],
    ["PRINTF('%d', 'text')", null],
  ],
};

function isFormatted(type: SqlType): boolean {
  if (isNumeric(type) || isString(type) || isTimestamp(type)) return true;
  return type.kind === 'BOOLEAN' || type.kind === 'DATE' || type.kind === 'TIME' || type.kind.startsWith('INTERVAL');
}

/** As Flink hashes what it gives to Java: its texts by their bytes. */
function hashCodeOf({ type }: Expr): (value: unknown) => number {
  if (isString(type)) return (value) => murmurHash(Buffer.from(value as string));
  return hashOf(type) as (value: unknown) => number;
}

function argumentOf({ type }: Expr): (value: unknown) => FormatArgument {
  const integer =
    (bits: 8 | 16 | 32 | 64) =>
    (value: unknown): FormatArgument => ({ kind: 'integer', bits, value: BigInt(value as number | bigint) });
  switch (type.kind) {
    case 'TINYINT':
      return integer(8);
    case 'SMALLINT':
      return integer(16);
    case 'INT':
    case 'DATE':
    case 'TIME':
    case 'INTERVAL_YEAR_MONTH':
      return integer(32);
    case 'BIGINT':
    case 'INTERVAL_DAY_TIME':
      return integer(64);
    case 'FLOAT':
      return (value) => ({ kind: 'double', value: value as number, text: formatFloat(value as number) });
    case 'DOUBLE':
      return (value) => ({ kind: 'double', value: value as number, text: formatDouble(value as number) });
    case 'BOOLEAN':
      return (value) => ({ kind: 'boolean', value: value as boolean });
    case 'DECIMAL':
      return (value) => ({ kind: 'text', value: formatDecimal(value as bigint, type.scale) });
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return (value) => ({ kind: 'text', value: localTime(value as TimestampValue) });
    default:
      return (value) => ({ kind: 'text', value: value as string });
  }
}

const NANOS: SqlType = { kind: 'TIMESTAMP', precision: 9, nullable: false };

/** As Java shows a LocalDateTime: without seconds that are 0, fractions in groups of three digits. */
function localTime(value: TimestampValue): string {
  const text = formatText(NANOS, value)
    .replace(' ', 'T')
    .replace(/(?:000){1,3}$/, '')
    .replace(/\.$/, '');
  return text.replace(/(T\d\d:\d\d):00$/, '$1');
}
