import type { Column } from '../../data/column.ts';
import { HeadwaterError, unreachable } from '../../data/errors.ts';
import { readValue, type TimestampValue } from '../../data/read.ts';
import { formatType, INT, notNull, type Schema, type SqlType } from '../../data/types.ts';
import { ByteWriter } from './byte-writer.ts';
import { Code } from './code.ts';
import { deriveAvroSchema } from './derive.ts';

/**
 * Writes rows as Avro records of the derived schema, with Confluent's header. Values are plain ones (data/read.ts):
 * bigint or number for BIGINT, an unscaled bigint for DECIMAL, days for DATE, milliseconds for TIME, TimestampValue or
 * epoch milliseconds for TIMESTAMP, pairs or a Map for MAP, an array for ROW; null or undefined is NULL.
 */
export interface AvroRowEncoder {
  /** The text to register. */
  readonly schemaText: string;
  /** One record; the bytes are valid until the next call. Throws HeadwaterError `null-value`. */
  encode(schemaId: number, row: readonly unknown[]): Uint8Array;
  /** A row of columns that have the encoder's types; the bytes are valid until the next call. */
  encodeColumns(schemaId: number, columns: readonly Column[], row: number): Uint8Array;
}

/** Generates an encoder for a table's physical columns. Throws HeadwaterError `unsupported`. */
export function compileAvroEncoder(schema: Schema): AvroRowEncoder {
  const schemaText = deriveAvroSchema(schema);
  const writer = new ByteWriter();
  const write = compileWrite(schema);
  const encode = (schemaId: number, row: readonly unknown[]): Uint8Array => {
    writer.at = 0;
    writer.header(schemaId);
    write(writer, row);
    return writer.written();
  };
  return {
    schemaText,
    encode,
    encodeColumns: (schemaId, columns, row) =>
      encode(
        schemaId,
        columns.map((column, i) => readValue(schema[i].type, column, row)),
      ),
  };
}

type WriteRow = (writer: ByteWriter, row: readonly unknown[]) => void;

function compileWrite(schema: Schema): WriteRow {
  const code = new Code(false);
  writeFields(code, schema, 'row', '');
  const constants = code.constants.map((_, i) => `const k${i} = K[${i}];`).join(' ');
  const source = `'use strict';\n${constants}\nreturn function write(W, row) {\n${code.text()}\n};`;
  const factory = new Function('K', 'ms', 'pairs', 'nullValue', source) as (...args: unknown[]) => WriteRow;
  return factory(code.constants, millisOf, pairsOf, nullValue);
}

function writeFields(code: Code, fields: Schema, row: string, path: string): void {
  fields.forEach((field, i) => {
    const value = code.fresh();
    code.add(`{ const ${value} = ${row}[${i}];`);
    writeValue(code, field.type, value, path + field.name);
    code.add('}');
  });
}

function writeValue(code: Code, type: SqlType, value: string, path: string): void {
  if (!type.nullable) {
    code.add(
      `if (${value} === null || ${value} === undefined) nullValue(${code.constant(path)}, ${code.constant(formatType(type))});`,
    );
    return writePresent(code, type, value, path);
  }
  code.add(`if (${value} === null || ${value} === undefined) W.byte(0); else { W.byte(2);`);
  writePresent(code, type, value, path);
  code.add('}');
}

function writePresent(code: Code, type: SqlType, value: string, path: string): void {
  switch (type.kind) {
    case 'BOOLEAN':
      return code.add(`W.byte(${value} ? 1 : 0);`);
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'DATE':
    case 'TIME':
    case 'INTERVAL_YEAR_MONTH':
      return code.add(`W.int(${value});`);
    case 'BIGINT':
    case 'INTERVAL_DAY_TIME':
      return code.add(`W.long(${value});`);
    case 'FLOAT':
      return code.add(`W.float(${value});`);
    case 'DOUBLE':
      return code.add(`W.double(${value});`);
    case 'CHAR':
    case 'VARCHAR':
      return code.add(`W.text(${value});`);
    case 'BINARY':
    case 'VARBINARY':
      return code.add(`W.raw(${value});`);
    case 'DECIMAL':
      return code.add(`W.decimal(${value});`);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return code.add(`W.long(ms(${value}));`);
    case 'ARRAY':
      return writeItems(code, value, (item) => writeValue(code, type.element, item, `${path}[]`));
    case 'MAP':
      return writePairs(code, value, type.value, path);
    case 'MULTISET':
      return writePairs(code, value, notNull(INT), path);
    case 'ROW':
      return writeFields(code, type.fields, value, `${path}.`);
    case 'NULL':
      return code.add('W.byte(0);');
    default:
      return unreachable(type);
  }
}

function writePairs(code: Code, value: string, valueType: SqlType, path: string): void {
  const pairs = code.fresh();
  code.add(`const ${pairs} = pairs(${value});`);
  writeItems(code, pairs, (pair) => {
    const item = code.fresh();
    code.add(`W.text(${pair}[0]); const ${item} = ${pair}[1];`);
    writeValue(code, valueType, item, `${path}{}`);
  });
}

/** One block, then the empty one that ends the list. */
function writeItems(code: Code, list: string, write: (item: string) => void): void {
  const item = code.fresh();
  code.add(`if (${list}.length > 0) { W.int(${list}.length); for (const ${item} of ${list}) {`);
  write(item);
  code.add('} } W.byte(0);');
}

function millisOf(value: number | TimestampValue): number {
  return typeof value === 'number' ? value : value.ms;
}

function pairsOf(value: ReadonlyMap<string, unknown> | readonly unknown[]): readonly unknown[] {
  return value instanceof Map ? [...value] : (value as readonly unknown[]);
}

function nullValue(path: string, type: string): never {
  throw new HeadwaterError('null-value', `column '${path}' is ${type} and was given NULL`, { kind: 'runtime' });
}
