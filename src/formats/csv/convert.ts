import { HeadwaterError } from '../../data/errors.ts';
import { formatType, type SqlType } from '../../data/types.ts';
import type { Dec128Slot, I64Slot, ListSlot, Slot } from '../slots/index.ts';
import { clearNull, storeNull } from '../slots/nulls.ts';
import { ConversionProblem, misfit } from '../text/problems.ts';
import {
  isWhole,
  parseBase64,
  parseBoolean,
  parseDate,
  parseDecimal,
  parseDouble,
  parseInteger,
  parseTime,
  parseTimestamp,
} from '../text/scalars.ts';
import { instantStore, nullOrProblem, storeDecimal } from '../text/store.ts';

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
        if (value === undefined) throw notOf(bytes, start, end, type);
        slot.values[row] = value;
      };
    }
    case 'f32':
    case 'f64':
      return (bytes, start, end, row) => {
        const value = parseDouble(bytes.toString('latin1', start, end));
        if (value === undefined) throw notOf(bytes, start, end, type);
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
        if (value === undefined) throw notOf(bytes, start, end, type);
        slot.values[row] = value;
      };
    case 'ts': {
      const zoned = type.kind === 'TIMESTAMP_LTZ';
      const store = instantStore(slot);
      return (bytes, start, end, row) => {
        const instant = parseTimestamp(bytes.toString('latin1', start, end), 'SQL', zoned);
        if (instant === undefined) throw notOf(bytes, start, end, type);
        store(row, instant);
      };
    }
    case 'bytes':
      slot.mode = 'own';
      if (type.kind !== 'BINARY' && type.kind !== 'VARBINARY') {
        return (bytes, start, end, row) => slot.append(row, bytes, start, end);
      }
      return (bytes, start, end, row) => {
        const value = parseBase64(bytes.toString('latin1', start, end));
        if (value === undefined) throw notOf(bytes, start, end, type);
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

function notOf(bytes: Buffer, start: number, end: number, type: SqlType): ConversionProblem {
  return misfit(bytes.toString('utf8', start, Math.min(end, start + 100)), type);
}

type SmallParser = (bytes: Buffer, start: number, end: number) => number | undefined;

function smallParser(type: SqlType): SmallParser {
  switch (type.kind) {
    case 'BOOLEAN':
      return (bytes, start, end) => (parseBoolean(bytes.toString('latin1', start, end)) ? 1 : 0);
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
    if (isWhole(small, bits)) return small;
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

function decimalConverter(slot: I64Slot | Dec128Slot, precision: number, scale: number): CsvConverter {
  return (bytes, start, end, row) => {
    const value = parseDecimal(bytes.toString('latin1', start, end), precision, scale);
    if (value === undefined) throw notOf(bytes, start, end, slot.type);
    storeDecimal(slot, row, value);
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
