import type { SourcePosition } from '../data/errors.ts';
import type { Schema } from '../data/types.ts';
import type { Expr } from '../expressions/typed.ts';
import { inputRef } from './expression-tools.ts';
import { fieldAccess } from './field-access.ts';
import { didYouMean, problem } from './problem.ts';

/** The columns that FROM gives, by name; `qualifier` is the table's alias or name. */
export interface Scope {
  readonly qualifier: string | undefined;
  readonly schema: Schema;
}

/** Finds a column by its name, case-sensitive. Throws `unknown-column`, `ambiguous-column` or `unknown-table`. */
export function resolveColumn(scope: Scope, parts: readonly string[], position: SourcePosition): Expr {
  if (parts.length === 1) return lookUp(scope, parts[0], 'any table', position);
  if (parts[0] === scope.qualifier) {
    return fieldAccess(lookUp(scope, parts[1], `table '${parts[0]}'`, position), parts.slice(2), position);
  }
  if (scope.schema.some((field) => field.name === parts[0])) {
    return fieldAccess(lookUp(scope, parts[0], 'any table', position), parts.slice(1), position);
  }
  const known = scope.qualifier === undefined ? [] : [scope.qualifier];
  throw problem(
    'unknown-table',
    `Table '${parts.slice(0, -1).join('.')}' not found.${didYouMean(parts[0], known)}`,
    position,
  );
}

function lookUp(scope: Scope, name: string, where: string, position: SourcePosition): Expr {
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
