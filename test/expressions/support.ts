import { expect } from 'vitest';
import { type Batch, makeBatch, withSelection } from '../../src/data/batch.ts';
import { columnFromValues } from '../../src/data/builder.ts';
import type { Column } from '../../src/data/column.ts';
import { readValue } from '../../src/data/read.ts';
import { BOOLEAN, type Schema, type SqlType } from '../../src/data/types.ts';
import { compileCalc, type ExpressionContext, NO_CONTEXT } from '../../src/expressions/index.ts';
import type { Call, CaseExpr, CastExpr, Expr, FunctionName, InputRef, Literal } from '../../src/expressions/typed.ts';

export const input = (index: number, type: SqlType): InputRef => ({ kind: 'input', index, type });
export const literal = (value: Literal['value'], type: SqlType): Literal => ({ kind: 'literal', value, type });
export const call = (fn: FunctionName, type: SqlType, ...args: readonly Expr[]): Call => ({
  kind: 'call',
  fn,
  args,
  type,
});
export const test3 = (fn: FunctionName, ...args: readonly Expr[]): Call => call(fn, BOOLEAN, ...args);
export const cast = (arg: Expr, type: SqlType): CastExpr => ({ kind: 'cast', arg, type, tryCast: false });
export const tryCast = (arg: Expr, type: SqlType): CastExpr => ({ kind: 'cast', arg, type, tryCast: true });
export const caseOf = (type: SqlType, otherwise: Expr, ...branches: readonly (readonly [Expr, Expr])[]): CaseExpr => ({
  kind: 'case',
  branches: branches.map(([when, then]) => ({ when, then })),
  otherwise,
  type,
});

export type Row = readonly unknown[];

export function columnsOf(types: readonly SqlType[], rows: readonly Row[]): readonly Column[] {
  return types.map((type, c) =>
    columnFromValues(
      type,
      rows.map((row) => row[c]),
    ),
  );
}

/** The same rows as dictionaries whose values are in reverse order, each with a spare one in front. */
function dictionaries(types: readonly SqlType[], rows: readonly Row[]): readonly Column[] {
  return columnsOf(types, rows).map((column, c): Column => {
    const indices = Int32Array.from(rows, (_row, i) => rows.length - 1 - i);
    const reversed = columnFromValues(types[c], rows.map((row) => row[c]).reverse());
    const nulls = column.layout === 'const' ? undefined : column.nulls;
    return { layout: 'dict', indices, values: reversed, nulls };
  });
}

const constant = (value: Column): Column => ({ layout: 'const', value, nulls: undefined });

/** Every row of a batch, in every form that columns and batches take (of constants, the first rows). Each gives the input and which rows it holds. */
export function* batchForms(
  types: readonly SqlType[],
  rows: readonly Row[],
): Generator<{ readonly name: string; readonly batch: Batch; readonly rows: readonly number[] }> {
  const all = rows.map((_row, i) => i);
  const odd = all.filter((i) => i % 2 === 1);
  const selection = Int32Array.from(odd);
  const flat = makeBatch(columnsOf(types, rows), rows.length);
  const dict = makeBatch(dictionaries(types, rows), rows.length);
  yield { name: 'flat', batch: flat, rows: all };
  yield { name: 'dictionary', batch: dict, rows: all };
  if (odd.length > 0) {
    yield { name: 'flat, selected', batch: withSelection(flat, selection, odd.length), rows: odd };
    yield { name: 'dictionary, selected', batch: withSelection(dict, selection, odd.length), rows: odd };
  }
  for (const i of all.slice(0, 6)) {
    const columns = columnsOf(types, [rows[i]]).map(constant);
    yield { name: `constant row ${i}`, batch: makeBatch(columns, 1), rows: [i] };
  }
}

export const schemaOf = (types: readonly SqlType[]): Schema => types.map((type, i) => ({ name: `c${i}`, type }));

export function readRows(type: SqlType, column: Column, batch: Batch): unknown[] {
  return Array.from({ length: batch.selectedCount }, (_, j) =>
    readValue(type, column, batch.selection === undefined ? j : batch.selection[j]),
  );
}

/** The value for each row; asserts that all forms of the batch agree. */
export function evaluate(
  expr: Expr,
  types: readonly SqlType[] = [],
  rows: readonly Row[] = [[]],
  context: ExpressionContext = NO_CONTEXT,
): unknown[] {
  // One instance for all forms: its variants must not disturb each other.
  const calc = compileCalc(undefined, [expr], context);
  let first: unknown[] | undefined;
  for (const form of batchForms(types, rows)) {
    const result = calc.run(form.batch);
    if (result === undefined) throw new Error('no filter, yet no rows');
    const values = readRows(expr.type, result.columns[0], form.batch);
    first ??= values;
    expect({ form: form.name, values }).toEqual({ form: form.name, values: form.rows.map((i) => first?.[i]) });
  }
  return first ?? [];
}

/** One value of an expression over one row. */
export function valueOf(expr: Expr, types: readonly SqlType[] = [], row: Row = []): unknown {
  return evaluate(expr, types, [row])[0];
}
