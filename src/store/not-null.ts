import { type Column, isNull } from '../data/column.ts';
import { HeadwaterError } from '../data/errors.ts';
import { DELETE, UPDATE_BEFORE } from '../data/batch.ts';
import type { Schema } from '../data/types.ts';

/** `table.exec.sink.not-null-enforcer`: fail, as Flink does by default, or leave such rows out. */
export type NotNullEnforcer = 'error' | 'drop';

/**
 * The rows (of `rows[0 .. count - 1]`) without NULLs in NOT NULL columns: `rows` itself when all are. A deleted row
 * needs its key only. Throws `not-null-violation` with Flink's text when such rows are an error.
 */
export function enforceNotNull(
  schema: Schema,
  primaryKey: readonly number[],
  columns: readonly Column[],
  kinds: Uint8Array | undefined,
  rows: Int32Array,
  count: number,
  enforcer: NotNullEnforcer,
): Int32Array {
  const checked = schema.flatMap(({ type }, c) => (type.nullable || !mayHaveNulls(columns[c]) ? [] : [c]));
  if (checked.length === 0) return rows;
  const violatedBy = (row: number): number | undefined => {
    const keyOnly = kinds !== undefined && (kinds[row] === DELETE || kinds[row] === UPDATE_BEFORE);
    return checked.find((c) => (!keyOnly || primaryKey.includes(c)) && isNullAt(columns[c], row));
  };
  const kept = rows.subarray(0, count).filter((row) => {
    const column = violatedBy(row);
    if (column !== undefined && enforcer === 'error') throw violation(schema[column].name);
    return column === undefined;
  });
  return kept.length === count ? rows : kept;
}

function mayHaveNulls(column: Column): boolean {
  switch (column.layout) {
    case 'const':
      return mayHaveNulls(column.value);
    case 'dict':
      return column.nulls !== undefined || mayHaveNulls(column.values);
    default:
      return column.nulls !== undefined;
  }
}

function isNullAt(column: Column, row: number): boolean {
  switch (column.layout) {
    case 'const':
      return isNullAt(column.value, 0);
    case 'dict':
      return isNull(column.nulls, row) || isNullAt(column.values, column.indices[row]);
    default:
      return isNull(column.nulls, row);
  }
}

function violation(column: string): HeadwaterError {
  return new HeadwaterError(
    'not-null-violation',
    `Column '${column}' is NOT NULL, however, a null value is being written into it. You can set job configuration ` +
      "'table.exec.sink.not-null-enforcer'='DROP' to suppress this exception and drop such records silently.",
    { kind: 'runtime' },
  );
}
