import { registerSchema } from '../../connectors/registry/index.ts';
import { HeadwaterError } from '../../data/errors.ts';
import type { Schema } from '../../data/types.ts';
import { compileAvroEncoder } from '../../formats/avro/encoder.ts';
import { createJsonEncoder } from '../../formats/json/encoder.ts';
import type { ProduceOptions } from './arguments.ts';

export type EncoderOptions = Pick<ProduceOptions, 'format' | 'registry' | 'dataDir'>;

export interface ValueEncoder {
  /** Of the registry; undefined where the format has none. */
  readonly schemaId: number | undefined;
  /** The bytes are valid until the next call. */
  readonly encode: (row: readonly unknown[]) => Uint8Array;
}

/** Registers the schema under the topic's name, as producers do by default. Errors: those of the registry. */
export async function openValueEncoder(options: EncoderOptions, topic: string, schema: Schema): Promise<ValueEncoder> {
  if (options.format === 'json') {
    const encoder = createJsonEncoder(schema);
    return { schemaId: undefined, encode: (row) => encoder.encode(row) };
  }
  if (options.registry === undefined) {
    throw new HeadwaterError(
      'bad-arguments',
      'expected --registry URL (or --format json): Avro needs a schema registry',
    );
  }
  const encoder = compileAvroEncoder(schema);
  const schemaId = await registerSchema(options.registry, `${topic}-value`, encoder.schemaText, options.dataDir);
  return { schemaId, encode: (row) => encoder.encode(schemaId, row) };
}
