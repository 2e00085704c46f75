import { INT, notNull, nullable, type Schema, type SqlType } from '../data/types.ts';
import type { Expr } from '../expressions/typed.ts';
import type * as ast from '../sql/ast.ts';
import { bindCondition, bindExpression } from './bind-expression.ts';
import type { Relation } from './bind-from.ts';
import { shown } from './bind-operators.ts';
import { scopeContext } from './bind-query.ts';
import { remap } from './expression-tools.ts';
import type { LogicalNode } from './logical.ts';
import { filterNode, projectNode, refs } from './logical-tools.ts';
import { problem, unsupported } from './problem.ts';
import { joinedScope, tableScope } from './scope.ts';

/** `left CROSS JOIN UNNEST(..)`, `left [INNER] JOIN UNNEST(..) ON ..`, `left LEFT JOIN UNNEST(..) ON ..`. */
export function bindUnnestJoin(join: ast.Join, unnest: ast.UnnestTable, left: Relation): Relation {
  const { type, on, using } = join;
  if (type === 'RIGHT' || type === 'FULL') throw unsupported(`${type} JOIN UNNEST`, unnest.position);
  if (using.length > 0) throw unsupported('USING with UNNEST', unnest.position);
  const condition = on?.kind === 'literal' && on.text.toUpperCase() === 'TRUE' ? undefined : on;
  if (type === 'LEFT') {
    if (on === undefined) throw problem('type-mismatch', 'LEFT JOIN UNNEST needs ON', unnest.position);
    return bindUnnest(unnest, left, { outer: true, condition });
  }
  const joined = bindUnnest(unnest, left);
  if (condition === undefined) return joined;
  const filter = bindCondition(condition, scopeContext(joined.scope, 'ON'), 'The condition of ON');
  return { ...joined, node: filterNode(joined.node, filter) };
}

/**
 * Each row of `left` once for every element of a collection of it; `outer`: once with NULLs where there is none, or none
 * for which `condition` is TRUE.
 */
export function bindUnnest(
  unnest: ast.UnnestTable,
  left: Relation,
  { outer, condition }: { readonly outer: boolean; readonly condition?: ast.Expression | undefined } = { outer: false },
): Relation {
  const expr = bindExpression(unnest.expr, scopeContext(left.scope, 'UNNEST'));
  const width = left.scope.schema.length;
  const input = projectNode(
    left.node,
    [...refs(left.node.schema), expr],
    [...left.node.schema.map((field) => field.name), '$collection'],
  );
  const present = [
    ...elementColumns(expr.type, unnest),
    ...(unnest.ordinality ? [{ name: 'ORDINALITY', type: notNull(INT) }] : []),
  ];
  const elements = present.map((field) => (outer ? { ...field, type: nullable(field.type) } : field));
  const node: LogicalNode = {
    kind: 'unnest',
    input,
    column: width,
    ordinality: unnest.ordinality,
    outer,
    condition: condition === undefined ? undefined : bindElementCondition(condition, unnest, left, present),
    schema: [...input.schema, ...elements],
  };
  // The collection itself is no column of the result.
  const kept = [...refs(node.schema).slice(0, width), ...refs(node.schema).slice(width + 1)];
  const right = named(elements, unnest);
  const names = [...left.node.schema, ...right].map((field) => field.name);
  return {
    node: projectNode(node, kept, names),
    scope: joinedScope(left.scope, tableScope(unnest.alias?.name, right)),
  };
}

/** A condition over the columns of `left`, the collection behind them, and those of an element that is there. */
function bindElementCondition(
  condition: ast.Expression,
  unnest: ast.UnnestTable,
  left: Relation,
  present: Schema,
): Expr {
  const width = left.scope.schema.length;
  const scope = joinedScope(left.scope, tableScope(unnest.alias?.name, named(present, unnest)));
  const bound = bindCondition(condition, scopeContext(scope, 'ON'), 'The condition of ON');
  return remap(bound, (column) => (column < width ? column : column + 1));
}

function elementColumns(type: SqlType, unnest: ast.UnnestTable): Schema {
  switch (type.kind) {
    case 'ARRAY':
    case 'MULTISET': {
      const { element } = type;
      if (element.kind !== 'ROW') return [{ name: 'EXPR$0', type: element }];
      return element.nullable
        ? element.fields.map((field) => ({ name: field.name, type: nullable(field.type) }))
        : element.fields;
    }
    case 'MAP':
      return [
        { name: 'KEY', type: type.key },
        { name: 'VALUE', type: type.value },
      ];
    default:
      throw problem(
        'type-mismatch',
        `UNNEST takes an ARRAY, MAP or MULTISET, but is given ${shown(type)}`,
        unnest.expr.position,
      );
  }
}

/** The alias may name the columns; that of a single column without names is its name too. */
function named(columns: Schema, { alias, position }: ast.UnnestTable): Schema {
  if (alias === undefined) return columns;
  if (alias.columns.length === 0) return columns.length === 1 ? [{ ...columns[0], name: alias.name }] : columns;
  if (alias.columns.length !== columns.length) {
    throw problem(
      'column-count',
      `'${alias.name}' names ${alias.columns.length} column(s), but UNNEST gives ${columns.length}`,
      position,
    );
  }
  return columns.map((column, i) => ({ ...column, name: alias.columns[i] }));
}
