import { HeadwaterError } from '../../data/errors.ts';
import { formatType, type SqlType } from '../../data/types.ts';
import {
  parseBase64,
  parseDate,
  parseDecimal,
  parseDouble,
  parseInteger,
  parseTime,
  parseTimestamp,
} from '../json/scalars.ts';
import { nullOrProblem } from '../json/null-or-problem.ts';
import { ConversionProblem } from '../json/problems.ts';
import { clearNull, storeNull } from '../slots/nulls.ts';
import type { ListSlot, Slot } from '../slots/index.ts';

/** Stores the text in bytes [start, end) as the value of a row. Throws ConversionProblem. */
export type CsvConverter = (bytes: Buffer, start: number, end: number, row: number) => void;

/** Of a column. Throws HeadwaterError `unsupported` for a type without a csv form. */
export function csvConverter(slot: Slot, nullLiteral: string | undefined, arrayDelimiter: string): CsvConverter {
  const convert = valueConverter(slot, arrayDelimiter);
  const none = nullLiteral === undefined ? undefined : Buffer.from(nullLiteral);
  return (bytes, start, end, row) => {
    if (none !== undefined && end - start === none.length && none.compare(bytes, start, end) === 0) {
      nullOrProblem(slot, row);
      return;
    }
    clearNull(slot, row);
    convert(bytes, start, end, row);
  };
}

function valueConverter(slot: Slot, arrayDelimiter: string): CsvConverter {
  const { type } = slot;
  switch (slot.layout) {
    case 'i8':
    case 'i16':
    case 'i32': {
      const parse = smallParser(type);
      return (bytes, start, end, row) => {
        const value = parse(bytes, start, end);
        if (value === undefined) throw misfit(bytes, start, end, type);
        slot.values[row] = value;
      };
    }
    case 'f32':
    case 'f64':
      return (bytes, start, end, row) => {
        const value = parseDouble(bytes.toString('latin1', start, end));
        if (value === undefined) throw misfit(bytes, start, end, type);
        slot.values[row] = value;
      };
    case 'i64':
    case 'dec128':
      if (type.kind === 'DECIMAL') return decimalConverter(slot, type.precision, type.scale);
      if (slot.layout !== 'i64' || type.kind !== 'BIGINT') throw noCsv(type);
      return (bytes, start, end, row) => {
        const small = digits(bytes, start, end);
        const value = Number.isNaN(small)
          ? parseInteger(bytes.toString('latin1', start, end), false, 64)
          : BigInt(small);
        if (value === undefined) throw misfit(bytes, start, end, type);
        slot.values[row] = value;
      };
    case 'ts': {
      const zoned = type.kind === 'TIMESTAMP_LTZ';
      const step = 'precision' in type ? 10 ** (9 - type.precision) : 1;
      return (bytes, start, end, row) => {
        const instant = parseTimestamp(bytes.toString('latin1', start, end), 'SQL', zoned);
        if (instant === undefined) throw misfit(bytes, start, end, type);
        slot.values[row] = instant.millis;
        if (slot.withNanos) slot.nanos[row] = instant.nanos - (instant.nanos % step);
      };
    }
    case 'bytes':
      slot.mode = 'own';
      if (type.kind !== 'BINARY' && type.kind !== 'VARBINARY') {
        return (bytes, start, end, row) => slot.append(row, bytes, start, end);
      }
      return (bytes, start, end, row) => {
        const value = parseBase64(bytes.toString('latin1', start, end));
        if (value === undefined) throw misfit(bytes, start, end, type);
        slot.append(row, value, 0, value.length);
      };
    case 'list':
      return arrayConverter(slot, arrayDelimiter);
    case 'map':
    case 'row':
      throw noCsv(type);
  }
}

function noCsv(type: SqlType): HeadwaterError {
  return new HeadwaterError('unsupported', `the csv format has no columns of type ${formatType(type)}`);
}

function misfit(bytes: Buffer, start: number, end: number, type: SqlType): ConversionProblem {
  return new ConversionProblem(
    `'${bytes.toString('utf8', start, Math.min(end, start + 100))}' is not ${formatType(type)}`,
  );
}

type SmallParser = (bytes: Buffer, start: number, end: number) => number | undefined;

function smallParser(type: SqlType): SmallParser {
  switch (type.kind) {
    case 'BOOLEAN':
      // Java's Boolean.parseBoolean: anything else is FALSE.
      return (bytes, start, end) => (bytes.toString('latin1', start, end).trim().toLowerCase() === 'true' ? 1 : 0);
    case 'DATE':
      return (bytes, start, end) => parseDate(bytes.toString('latin1', start, end));
    case 'TIME':
      return (bytes, start, end) => parseTime(bytes.toString('latin1', start, end));
    case 'TINYINT':
      return integerParser(8);
    case 'SMALLINT':
      return integerParser(16);
    default:
      return integerParser(32);
  }
}

function integerParser(bits: 8 | 16 | 32): SmallParser {
  return (bytes, start, end) => {
    const small = digits(bytes, start, end);
    if ((small << (32 - bits)) >> (32 - bits) === small) return small;
    const value = parseInteger(bytes.toString('latin1', start, end), false, bits);
    return value === undefined ? undefined : Number(value);
  };
}

/** A number of at most fifteen digits; NaN when the text is anything else. */
function digits(bytes: Buffer, start: number, end: number): number {
  const negative = bytes[start] === 0x2d;
  const from = negative ? start + 1 : start;
  if (from >= end || end - from > 15) return NaN;
  let value = 0;
  for (let i = from; i < end; i++) {
    const digit = bytes[i] - 0x30;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}

function decimalConverter(
  slot: Extract<Slot, { layout: 'i64' | 'dec128' }>,
  precision: number,
  scale: number,
): CsvConverter {
  return (bytes, start, end, row) => {
    const value = parseDecimal(bytes.toString('latin1', start, end), precision, scale);
    if (value === undefined) throw misfit(bytes, start, end, slot.type);
    if (value === 'overflow') nullOrProblem(slot, row);
    else if (slot.layout === 'i64') slot.values[row] = value;
    else {
      slot.high[row] = value >> 64n;
      slot.low[row] = BigInt.asIntN(64, value);
    }
  };
}

/** Elements between delimiters; an empty field is an empty array. */
function arrayConverter(slot: ListSlot, delimiter: string): CsvConverter {
  const [child] = slot.children;
  const element = csvConverter(child, undefined, delimiter);
  const between = Buffer.from(delimiter);
  return (bytes, start, end, row) => {
    slot.restart(row);
    for (let from = start; start < end && from <= end;) {
      const found = bytes.indexOf(between, from);
      const to = found < 0 || found > end - between.length ? end : found;
      element(bytes, from, to, slot.addElement());
      from = to + between.length;
    }
    slot.offsets[row + 1] = slot.count;
  };
}

/** What a field becomes that cannot be converted while errors are ignored. */
export function nullOnProblem(slot: Slot, convert: CsvConverter): CsvConverter {
  return (bytes, start, end, row) => {
    try {
      convert(bytes, start, end, row);
    } catch (error) {
      if (!(error instanceof ConversionProblem) || !slot.type.nullable) throw error;
      storeNull(slot, row);
    }
  };
}
