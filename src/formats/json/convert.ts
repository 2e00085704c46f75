import { HeadwaterError, unreachable } from '../../data/errors.ts';
import { formatType, type SqlType } from '../../data/types.ts';
import { clearNull } from '../slots/nulls.ts';
import type { BytesSlot, Dec128Slot, I64Slot, ListSlot, MapSlot, RowSlot, Slot, TsSlot } from '../slots/index.ts';
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
  type TimestampStandard,
} from '../text/scalars.ts';
import { instantStore, nullOrProblem, storeDecimal } from '../text/store.ts';
import { type Converter, ObjectFields } from './object-fields.ts';
import type { JsonReader, TokenKind } from './reader.ts';

export interface JsonOptions {
  /** A field that cannot be converted is NULL rather than an error. */
  readonly ignoreParseErrors: boolean;
  readonly failOnMissingField: boolean;
  readonly timestampStandard: TimestampStandard;
}

/** NULL and, where the options say so, errors are dealt with here; the rest is done by the type's own converter. */
export function makeConverter(slot: Slot, options: JsonOptions): Converter {
  const convert = valueConverter(slot, options);
  const plain: Converter = (reader, row) => {
    if (reader.peek() === 'null') {
      reader.scalar('null');
      return nullOrProblem(slot, row);
    }
    clearNull(slot, row);
    convert(reader, row);
  };
  if (!options.ignoreParseErrors) return plain;
  return (reader, row) => {
    const mark = reader.mark();
    try {
      plain(reader, row);
    } catch (error) {
      if (!(error instanceof ConversionProblem)) throw error;
      reader.back(mark);
      reader.skipValue();
      nullOrProblem(slot, row);
    }
  };
}

function valueConverter(slot: Slot, options: JsonOptions): Converter {
  const { type } = slot;
  switch (slot.layout) {
    case 'i8':
    case 'i16':
    case 'i32': {
      const parse = smallParser(type);
      return (reader, row) => {
        const kind = scalarKind(reader, type);
        const value = parse(reader, kind);
        if (value === undefined) throw cannotConvert(reader, type);
        slot.values[row] = value;
      };
    }
    case 'i64':
    case 'dec128':
      return type.kind === 'DECIMAL' ? decimalConverter(slot, type) : bigintConverter(slot);
    case 'f32':
    case 'f64':
      return (reader, row) => {
        const kind = scalarKind(reader, type);
        const value = kind === 'number' ? Number(reader.text()) : parseDouble(reader.text());
        if (value === undefined) throw cannotConvert(reader, type);
        slot.values[row] = value;
      };
    case 'ts':
      return timestampConverter(slot, options.timestampStandard);
    case 'bytes':
      return type.kind === 'BINARY' || type.kind === 'VARBINARY' ? base64Converter(slot) : textConverter(slot);
    case 'list':
      return arrayConverter(slot, options);
    case 'map':
      return mapConverter(slot, options);
    case 'row':
      return rowConverter(slot, options);
    default:
      return unreachable(slot);
  }
}

function scalarKind(reader: JsonReader, type: SqlType): 'string' | 'number' | 'true' | 'false' | 'null' {
  const kind = reader.peek();
  if (kind === 'object' || kind === 'array') throw new ConversionProblem(`an ${kind} is not ${formatType(type)}`);
  reader.scalar(kind);
  return kind;
}

function cannotConvert(reader: JsonReader, type: SqlType): ConversionProblem {
  return misfit(reader.text().slice(0, 100), type);
}

function smallParser(type: SqlType): (reader: JsonReader, kind: TokenKind) => number | undefined {
  switch (type.kind) {
    case 'BOOLEAN':
      return (reader, kind) => (kind === 'true' || (kind === 'string' && parseBoolean(reader.text())) ? 1 : 0);
    case 'TINYINT':
      return (reader, kind) => smallInteger(reader, kind, 8);
    case 'SMALLINT':
      return (reader, kind) => smallInteger(reader, kind, 16);
    case 'DATE':
      return (reader) => parseDate(reader.text());
    case 'TIME':
      return (reader) => parseTime(reader.text());
    default:
      return (reader, kind) => smallInteger(reader, kind, 32);
  }
}

function smallInteger(reader: JsonReader, kind: TokenKind, bits: 8 | 16 | 32): number | undefined {
  const small = reader.smallInteger();
  if (isWhole(small, bits)) return small;
  const value = parseInteger(reader.text(), kind === 'number', bits);
  return value === undefined ? undefined : Number(value);
}

function bigintConverter(slot: I64Slot | Dec128Slot): Converter {
  if (slot.layout === 'dec128') throw new Error('only DECIMAL has 128 bits');
  return (reader, row) => {
    const kind = scalarKind(reader, slot.type);
    const small = reader.smallInteger();
    const value = !Number.isNaN(small) ? BigInt(small) : parseInteger(reader.text(), kind === 'number', 64);
    if (value === undefined) throw cannotConvert(reader, slot.type);
    slot.values[row] = value;
  };
}

function decimalConverter(
  slot: I64Slot | Dec128Slot,
  type: { readonly precision: number; readonly scale: number },
): Converter {
  return (reader, row) => {
    scalarKind(reader, slot.type);
    const value = parseDecimal(reader.text(), type.precision, type.scale);
    if (value === undefined) throw cannotConvert(reader, slot.type);
    storeDecimal(slot, row, value);
  };
}

function timestampConverter(slot: TsSlot, standard: TimestampStandard): Converter {
  const { type } = slot;
  const zoned = type.kind === 'TIMESTAMP_LTZ';
  const store = instantStore(slot);
  return (reader, row) => {
    const kind = scalarKind(reader, type);
    const instant = kind === 'string' ? parseTimestamp(reader.text(), standard, zoned) : undefined;
    if (instant === undefined) throw cannotConvert(reader, type);
    store(row, instant);
  };
}

function base64Converter(slot: BytesSlot): Converter {
  slot.mode = 'own';
  return (reader, row) => {
    const kind = scalarKind(reader, slot.type);
    const bytes = kind === 'string' ? parseBase64(reader.text()) : undefined;
    if (bytes === undefined) throw cannotConvert(reader, slot.type);
    slot.append(row, bytes, 0, bytes.length);
  };
}

function textConverter(slot: BytesSlot): Converter {
  slot.mode = 'own';
  return (reader, row) => {
    const kind = reader.peek();
    if (kind === 'object' || kind === 'array') return slot.appendText(row, reader.compactText());
    reader.scalar(kind);
    if (reader.escaped) slot.appendText(row, reader.text());
    else slot.append(row, reader.bytes, reader.start, reader.stop);
  };
}

function arrayConverter(slot: ListSlot, options: JsonOptions): Converter {
  const element = makeConverter(slot.children[0], options);
  return (reader, row) => {
    slot.restart(row);
    if (reader.peek() !== 'array') throw new ConversionProblem(`it is no array, as ${formatType(slot.type)} needs`);
    reader.enter();
    for (let first = true; reader.next(first, ']'); first = false) element(reader, slot.addElement());
    slot.offsets[row + 1] = slot.count;
  };
}

function mapConverter(slot: MapSlot, options: JsonOptions): Converter {
  const [key, valueSlot] = slot.children;
  if (key.layout !== 'bytes' || (key.type.kind !== 'CHAR' && key.type.kind !== 'VARCHAR')) {
    throw new HeadwaterError(
      'unsupported',
      `JSON format doesn't support non-string as key type of map. The type is: ${formatType(slot.type)}`,
    );
  }
  key.mode = 'own';
  const value = makeConverter(valueSlot, options);
  return (reader, row) => {
    slot.restart(row);
    if (reader.peek() !== 'object') throw new ConversionProblem(`it is no object, as ${formatType(slot.type)} needs`);
    reader.enter();
    for (let first = true; reader.next(first, '}'); first = false) {
      const element = slot.addElement();
      reader.key();
      if (reader.escaped) key.appendText(element, reader.text());
      else key.append(element, reader.bytes, reader.start, reader.stop);
      value(reader, element);
    }
    slot.offsets[row + 1] = slot.count;
  };
}

function rowConverter(slot: RowSlot, options: JsonOptions): Converter {
  const { type } = slot;
  const names = type.kind === 'ROW' ? type.fields.map((field) => field.name) : [];
  const converters = slot.children.map((child) => makeConverter(child, options));
  const fields = new ObjectFields(names, slot.children, converters, options.failOnMissingField);
  return (reader, row) => {
    if (reader.peek() !== 'object') throw new ConversionProblem(`it is no object, as ${formatType(type)} needs`);
    fields.read(reader, row);
  };
}
