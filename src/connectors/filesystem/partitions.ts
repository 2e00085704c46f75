import type { Column } from '../../data/column.ts';
import { columnFromValues } from '../../data/builder.ts';
import { runtimeError } from '../../data/errors.ts';
import type { Field } from '../../data/types.ts';
import { csvConverter } from '../../formats/csv/convert.ts';
import { columnsOf, makeSlots } from '../../formats/slots/index.ts';
import { ConversionProblem } from '../../formats/text/problems.ts';
import { partitionValues, tableRoot } from './list-files.ts';
import type { FileOptions } from './options.ts';

/** The partition columns of one file: one value each. Errors: `bad-partition`. */
export function partitionColumns(options: FileOptions, fields: readonly Field[], path: string): Map<string, Column> {
  const values = partitionValues(tableRoot(options.path), path);
  const columns = new Map<string, Column>();
  for (const field of fields) {
    const text = values.get(field.name);
    if (text === undefined) {
      throw runtimeError('bad-partition', `${path} is in no folder ${field.name}=..; expected one for that column`);
    }
    const value = text === options.defaultPartition ? nullColumn(path, field) : columnOfText(path, field, text);
    columns.set(field.name, { layout: 'const', value, nulls: undefined });
  }
  return columns;
}

function nullColumn(path: string, field: Field): Column {
  if (field.type.nullable) return columnFromValues(field.type, [null]);
  throw runtimeError('bad-partition', `${path}: column ${field.name} is NOT NULL, and its folder stands for NULL`);
}

function columnOfText(path: string, field: Field, text: string): Column {
  const slots = makeSlots([field], [0]);
  const [slot] = slots.roots;
  slot.ensure(1);
  const bytes = Buffer.from(text);
  try {
    csvConverter(slot, undefined, ';')(bytes, 0, bytes.length, 0);
  } catch (error) {
    if (!(error instanceof ConversionProblem)) throw error;
    throw runtimeError('bad-partition', `${path}: folder ${field.name}=${text}: ${error.message}`, error);
  }
  return columnsOf(slots, { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) })[0];
}
