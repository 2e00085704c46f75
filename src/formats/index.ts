import { HeadwaterError } from '../data/errors.ts';
import { AvroDecoder } from './avro/decoder.ts';
import type { DecoderSpec, RecordDecoder } from './contracts.ts';
import { CsvDecoder } from './csv/decoder.ts';
import { csvOptions } from './csv/options.ts';
import { FilteredDecoder } from './filtered.ts';
import { JsonDecoder } from './json/decoder.ts';
import { jsonOptions } from './json/options.ts';

export { type AvroRowEncoder, compileAvroEncoder } from './avro/encoder.ts';
export { readerSchema } from './avro/reader-schema.ts';
export { deriveAvroSchema } from './avro/derive.ts';
export { formatDescriptors } from './descriptors.ts';

/**
 * A decoder of one table's records; one for each split and engine thread, for it holds the buffers of its batches.
 * Options are those of the table, with their prefixes. Throws HeadwaterError `unknown-format`, `invalid-option`.
 */
export function createDecoder(format: string, spec: DecoderSpec): RecordDecoder {
  const decoder = bareDecoder(format, spec);
  if (spec.filter === undefined) return decoder;
  return new FilteredDecoder(
    decoder,
    spec.filter,
    spec.columns.map((index) => spec.schema[index]),
  );
}

function bareDecoder(format: string, spec: DecoderSpec): RecordDecoder {
  switch (format) {
    case 'avro-confluent':
      return new AvroDecoder(spec);
    case 'json':
      return new JsonDecoder(spec, jsonOptions(spec));
    case 'csv':
      return new CsvDecoder(spec, csvOptions(spec.options));
    default:
      throw new HeadwaterError(
        'unknown-format',
        `format '${format}' is not known; expected one of: avro-confluent, json, csv`,
      );
  }
}
