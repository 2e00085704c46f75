import type { Column } from '../../../data/column.ts';
import { HeadwaterError } from '../../../data/errors.ts';
import { readValue } from '../../../data/read.ts';
import type { Schema } from '../../../data/types.ts';
import { compileAvroEncoder } from '../../../formats/index.ts';
import { createJsonEncoder } from '../../../formats/json/encoder.ts';
import { openRegistry, registryAccess } from '../../registry/index.ts';
import type { Options } from '../options.ts';
import type { PartOptions } from './options.ts';

/** Writes the key or the value of the record of a row; the bytes are valid until the next call. */
export type PartEncoder = (columns: readonly Column[], row: number) => Uint8Array;

/**
 * An encoder for some columns of a table. Avro's schema is registered under `subject`, unless the options name another
 * one. Errors: those of the registry, `unsupported` for types that the format does not have.
 */
export async function openPartEncoder(
  part: PartOptions,
  table: Schema,
  subject: string,
  dataDir: string,
): Promise<PartEncoder> {
  const schema = part.columns.map((place, i) => ({ name: part.names[i], type: table[place].type }));
  switch (part.format) {
    case 'json':
      return jsonPart(part, schema);
    case 'avro-confluent': {
      const encoder = compileAvroEncoder(schema);
      const id = await register(
        part.options,
        part.options['avro-confluent.subject'] ?? subject,
        encoder.schemaText,
        dataDir,
      );
      const { columns: places } = part;
      return (columns, row) =>
        encoder.encodeColumns(
          id,
          places.map((place) => columns[place]),
          row,
        );
    }
    default:
      throw new HeadwaterError(
        'unknown-format',
        `format '${part.format}' cannot be written; expected one of: avro-confluent, json`,
      );
  }
}

function jsonPart({ columns: places, options }: PartOptions, schema: Schema): PartEncoder {
  const encoder = createJsonEncoder(schema, {
    timestampStandard: options['json.timestamp-format.standard'] === 'ISO-8601' ? 'ISO-8601' : 'SQL',
    decimalAsPlainNumber: options['json.encode.decimal-as-plain-number'] === 'true',
    ignoreNullFields: options['json.encode.ignore-null-fields'] === 'true',
  });
  const values = new Array<unknown>(places.length);
  return (columns, row) => {
    for (let i = 0; i < places.length; i++) values[i] = readValue(schema[i].type, columns[places[i]], row);
    return encoder.encode(values);
  };
}

async function register(options: Options, subject: string, schemaText: string, dataDir: string): Promise<number> {
  const registry = await openRegistry(options['avro-confluent.url'] ?? '', dataDir, registryAccess(options));
  try {
    return await registry.register(subject, schemaText);
  } finally {
    registry.close();
  }
}
