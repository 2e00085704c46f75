import type { SourcePosition } from '../data/errors.ts';
import type { Expr } from '../expressions/typed.ts';
import { withNullable } from '../expressions/types/common-type.ts';
import { shown } from './bind-operators.ts';
import { didYouMean, problem } from './problem.ts';

/** `row.a.b`: fields of rows by their names, case-sensitive. Throws `unknown-column`. */
export function fieldAccess(row: Expr, names: readonly string[], position: SourcePosition): Expr {
  return names.reduce((expr, name) => field(expr, name, position), row);
}

function field(row: Expr, name: string, position: SourcePosition): Expr {
  const { type } = row;
  if (type.kind !== 'ROW') {
    throw problem('type-mismatch', `Only a row has fields such as '${name}', not ${shown(type)}`, position);
  }
  const index = type.fields.findIndex((candidate) => candidate.name === name);
  if (index < 0) {
    const hint = didYouMean(
      name,
      type.fields.map((candidate) => candidate.name),
    );
    throw problem('unknown-column', `Field '${name}' not found in ${shown(type)}.${hint}`, position);
  }
  const found = type.fields[index].type;
  return {
    kind: 'call',
    fn: 'FIELD',
    args: [row, { kind: 'literal', value: index, type: { kind: 'INT', nullable: false } }],
    type: withNullable(found, found.nullable || type.nullable),
  };
}
