import { HeadwaterError } from '../../data/errors.ts';
import type { Schema } from '../../data/types.ts';
import { makeSlots } from '../slots/index.ts';
import { resolveRecord } from './resolve.ts';
import { type AvroRecord, parseAvroSchema } from './schema.ts';

/** Option `schema` of avro-confluent: the reader's schema, of which defaults and aliases are used. */
export const READER_SCHEMA = 'avro-confluent.schema';

/**
 * The reader's schema of a table; undefined where its options have none. Throws HeadwaterError `invalid-option` when it
 * is no Avro record that the table's columns can be read from.
 */
export function readerSchema(schema: Schema, options: Readonly<Record<string, string>>): AvroRecord | undefined {
  const text = options[READER_SCHEMA];
  if (text === undefined) return undefined;
  const record = parsed(text);
  if (record.kind !== 'record') throw invalid(`it is ${record.kind}; expected a record`);
  const missing = schema.find(({ name }) => !record.fields.some((field) => field.name === name));
  if (missing !== undefined) throw invalid(`it has no field for the column '${missing.name}'`);
  const { roots } = makeSlots(
    schema,
    schema.map((_, i) => i),
  );
  const fields = schema.map(({ name }) => record.fields.find((field) => field.name === name));
  const targets = schema.map(({ name }, i) => ({ name, slot: roots[i], reader: fields[i] }));
  const names = new Set(schema.map(({ name }) => name));
  const whole = resolveRecord(record, targets, names);
  if ('problem' in whole) throw invalid(whole.problem);
  // As if a writer lacked every field that has a default.
  const defaults = targets.filter(({ reader }) => reader?.default !== undefined);
  const lacking = resolveRecord({ ...record, fields: [] }, defaults, names);
  if ('problem' in lacking) throw invalid(lacking.problem);
  return record;
}

function parsed(text: string): ReturnType<typeof parseAvroSchema> {
  try {
    return parseAvroSchema(text);
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

function invalid(why: string): HeadwaterError {
  return new HeadwaterError('invalid-option', `'${READER_SCHEMA}' does not fit the table: ${why}`);
}
