import type { SourcePosition } from '../data/errors.ts';
import type { Schema } from '../data/types.ts';
import type { Expr, InputRef } from '../expressions/typed.ts';
import { inputRef } from './expression-tools.ts';
import { fieldAccess } from './field-access.ts';
import { didYouMean, problem } from './problem.ts';

/** The columns that FROM gives, by name, and which of them belong to a table's alias or name. */
export interface Scope {
  readonly tables: readonly ScopeTable[];
  readonly schema: Schema;
}

/** Columns [from, to) of a scope. */
export interface ScopeTable {
  readonly qualifier: string;
  readonly from: number;
  readonly to: number;
}

/** The scope of one table. */
export function tableScope(qualifier: string | undefined, schema: Schema): Scope {
  return { tables: qualifier === undefined ? [] : [{ qualifier, from: 0, to: schema.length }], schema };
}

/** The columns of one scope, then those of another. */
export function joinedScope(left: Scope, right: Scope): Scope {
  const shift = left.schema.length;
  const moved = right.tables.map((table) => ({ ...table, from: table.from + shift, to: table.to + shift }));
  return { tables: [...left.tables, ...moved], schema: [...left.schema, ...right.schema] };
}

/** Finds a column by its name, case-sensitive. Throws `unknown-column`, `ambiguous-column` or `unknown-table`. */
export function resolveColumn(scope: Scope, parts: readonly string[], position: SourcePosition): Expr {
  if (parts.length === 1) return lookUp(scope, parts[0], 'any table', position);
  const table = scope.tables.find((one) => one.qualifier === parts[0]);
  if (table !== undefined) {
    const found = lookUp(partOf(scope, table), parts[1], `table '${parts[0]}'`, position);
    return fieldAccess(inputRef(found.index + table.from, found.type), parts.slice(2), position);
  }
  if (scope.schema.some((field) => field.name === parts[0])) {
    return fieldAccess(lookUp(scope, parts[0], 'any table', position), parts.slice(1), position);
  }
  const known = scope.tables.map((one) => one.qualifier);
  throw problem(
    'unknown-table',
    `Table '${parts.slice(0, -1).join('.')}' not found.${didYouMean(parts[0], known)}`,
    position,
  );
}

function partOf(scope: Scope, { from, to }: ScopeTable): Scope {
  return { tables: [], schema: scope.schema.slice(from, to) };
}

function lookUp(scope: Scope, name: string, where: string, position: SourcePosition): InputRef {
  const index = scope.schema.findIndex((field) => field.name === name);
  if (index < 0) {
    const names = scope.schema.map((field) => field.name);
    const hint = didYouMean(name, names);
    const columns = hint === '' ? ` Columns: ${names.join(', ')}` : hint;
    throw problem('unknown-column', `Column '${name}' not found in ${where}.${columns}`, position);
  }
  if (scope.schema.some((field, i) => i > index && field.name === name)) {
    throw problem('ambiguous-column', `Column '${name}' is ambiguous`, position);
  }
  return inputRef(index, scope.schema[index].type);
}
