import type { SchemaElement } from 'hyparquet';
import { HeadwaterError } from '../../data/errors.ts';
import type { TimestampValue } from '../../data/read.ts';
import { type Field, formatType, type Schema } from '../../data/types.ts';

const ROW_GROUP = 100_000;

type ColumnElement = Omit<SchemaElement, 'logical_type'>;
type Element = Omit<ColumnElement, 'name' | 'repetition_type'>;

interface WrittenColumn {
  readonly element: ColumnElement;
  readonly convert: (value: unknown) => unknown;
  readonly values: unknown[];
}

/** Rows collected by column, and the bytes of their parquet file. */
export class ParquetColumns {
  private readonly columns: readonly WrittenColumn[];

  /** Throws HeadwaterError `unsupported`. */
  constructor(schema: Schema) {
    this.columns = schema.map((field) => ({ ...written(field), values: [] }));
  }

  add(row: readonly unknown[]): void {
    this.columns.forEach(({ values, convert }, i) => {
      const value = row[i];
      values.push(value === null || value === undefined ? null : convert(value));
    });
  }

  async encode(): Promise<Uint8Array> {
    const { parquetWriteBuffer } = await import('hyparquet-writer');
    const buffer = parquetWriteBuffer({
      schema: [{ name: 'root', num_children: this.columns.length }, ...this.columns.map(({ element }) => element)],
      columnData: this.columns.map(({ element, values }) => ({ name: element.name, data: values })),
      rowGroupSize: ROW_GROUP,
    });
    return new Uint8Array(buffer);
  }
}

const same = (value: unknown): unknown => value;

function written(field: Field): Pick<WrittenColumn, 'element' | 'convert'> {
  const { element, convert } = form(field);
  const repetition = field.type.nullable ? 'OPTIONAL' : 'REQUIRED';
  return { element: { name: field.name, repetition_type: repetition, ...element }, convert };
}

function form({ name, type }: Field): { readonly element: Element; readonly convert: (value: unknown) => unknown } {
  switch (type.kind) {
    case 'BOOLEAN':
      return { element: { type: 'BOOLEAN' }, convert: same };
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
      return { element: { type: 'INT32' }, convert: same };
    case 'BIGINT':
      return { element: { type: 'INT64' }, convert: same };
    case 'FLOAT':
      return { element: { type: 'FLOAT' }, convert: same };
    case 'DOUBLE':
      return { element: { type: 'DOUBLE' }, convert: same };
    case 'DECIMAL': {
      const { precision, scale } = type;
      const storage: Element = precision <= 18 ? { type: 'INT64' } : { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16 };
      return { element: { ...storage, converted_type: 'DECIMAL', precision, scale }, convert: same };
    }
    case 'CHAR':
    case 'VARCHAR':
      return { element: { type: 'BYTE_ARRAY', converted_type: 'UTF8' }, convert: same };
    case 'BINARY':
    case 'VARBINARY':
      return { element: { type: 'BYTE_ARRAY' }, convert: same };
    case 'DATE':
      return { element: { type: 'INT32', converted_type: 'DATE' }, convert: same };
    case 'TIME':
      return { element: { type: 'INT32', converted_type: 'TIME_MILLIS' }, convert: same };
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      if (type.precision <= 3) {
        return {
          element: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
          convert: (value) => BigInt((value as TimestampValue).ms),
        };
      }
      if (type.precision <= 6)
        return { element: { type: 'INT64', converted_type: 'TIMESTAMP_MICROS' }, convert: micros };
      break;
    default:
      break;
  }
  throw new HeadwaterError(
    'unsupported',
    `column ${name}: parquet columns of type ${formatType(type)} are not written yet`,
  );
}

function micros(value: unknown): bigint {
  const { ms, nanos } = value as TimestampValue;
  return BigInt(ms) * 1000n + BigInt(Math.floor(nanos / 1000));
}
