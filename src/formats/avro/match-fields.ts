import type { AvroField } from './schema.ts';

/** A column (or field of a ROW) by its name, and what the reader's schema says of it. */
export interface Wanted {
  readonly name: string;
  readonly reader: AvroField | undefined;
}

/**
 * Which field of a writer each column is read from: the one of its name; else one of a name that the reader's schema
 * gives as an alias; else one whose own aliases hold the column's name (the writer renamed it). A field that is a column
 * of the table itself, read or not (`columns`), is never taken for another.
 */
export function matchFields<W extends Wanted>(
  fields: readonly AvroField[],
  wanted: readonly W[],
  columns: ReadonlySet<string>,
): ReadonlyMap<AvroField, W> {
  const matched = new Map<AvroField, W>();
  for (const one of wanted) {
    const field = fieldFor(one, fields, (candidate) => !columns.has(candidate.name) && !matched.has(candidate));
    if (field !== undefined) matched.set(field, one);
  }
  return matched;
}

function fieldFor(
  { name, reader }: Wanted,
  fields: readonly AvroField[],
  free: (field: AvroField) => boolean,
): AvroField | undefined {
  return (
    fields.find((field) => field.name === name) ??
    fields.find((field) => free(field) && reader?.aliases.includes(field.name) === true) ??
    fields.find((field) => free(field) && field.aliases.includes(name))
  );
}
