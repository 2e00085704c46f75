import type { SourcePosition } from '../data/errors.ts';
import { formatType } from '../data/types.ts';
import type * as ast from '../sql/ast.ts';
import type { Expr } from '../expressions/typed.ts';
import { buildAggregation, type Aggregation } from './aggregate-builder.ts';
import { aggregatesIn, bindAggregate, containsAggregate, isAggregate, type BoundAggregate } from './aggregate-calls.ts';
import { bindCondition, bindExpression, type BindContext } from './bind-expression.ts';
import type { Relation } from './bind-from.ts';
import { bindGroupWindow, type GroupWindow } from './bind-group-window.ts';
import { illegalNull } from './bind-operators.ts';
import { scopeContext, type OutputItem } from './bind-query.ts';
import { PROPERTIES } from './bind-window.ts';
import { isNullLiteral } from './coerce.ts';
import { exprKey, inputRef } from './expression-tools.ts';
import type { LogicalNode } from './logical.ts';
import { projectNode, uniqueNames } from './logical-tools.ts';
import { problem } from './problem.ts';

/** SELECT with GROUP BY, HAVING or aggregates: calc, aggregation, calc (HAVING and the select list over its results). */
export function bindAggregation(select: ast.Select, items: readonly OutputItem[], input: Relation): LogicalNode {
  const window = bindGroupWindow(select.groupBy ?? [], input.node, scopeContext(input.scope, 'GROUP BY'));
  const plainGroups = (select.groupBy ?? []).filter((group) => group !== window?.expression);
  const groups = [...(window?.groups ?? []), ...plainGroups.map((group) => bindGroup(group, input))];
  const calls = [
    ...items.flatMap((item) => (item.value.kind === 'expression' ? aggregatesIn(item.value.expr) : [])),
    ...(select.having === undefined ? [] : aggregatesIn(select.having)),
  ];
  const found = new Map<string, number>();
  const aggregates: BoundAggregate[] = [];
  for (const call of calls) {
    const bound = bindAggregate(call, scopeContext(input.scope, 'an aggregate function'), groups.length > 0);
    const key = JSON.stringify(bound);
    if (!found.has(key)) found.set(key, aggregates.push(bound) - 1);
  }
  const aggregation = buildAggregation(window?.node ?? input.node, groups, aggregates);
  const context = resultContext(input, groups, found, aggregation, window);
  const having =
    select.having === undefined
      ? undefined
      : bindCondition(select.having, context('HAVING'), 'The condition of HAVING');
  const projections = items.map((item) => bindItem(item, input, context('SELECT')));
  return projectNode(aggregation.node, projections, uniqueNames(items.map((item) => item.name)), having);
}

function bindGroup(group: ast.Expression, input: Relation): Expr {
  const expr = bindExpression(group, scopeContext(input.scope, 'GROUP BY'));
  if (isNullLiteral(expr)) throw illegalNull(group.position);
  if (expr.type.kind === 'MAP' || expr.type.kind === 'MULTISET') {
    throw problem(
      'type-mismatch',
      `GROUP BY a ${formatType(expr.type)} is not possible: it has no order`,
      group.position,
    );
  }
  return expr;
}

/** Above the aggregation, groups and aggregates are columns; every other column is refused. */
function resultContext(
  input: Relation,
  groups: readonly Expr[],
  aggregates: ReadonlyMap<string, number>,
  { node, groups: groupColumns, aggregates: aggregateColumns }: Aggregation,
  window: GroupWindow | undefined,
): (clause: string) => BindContext {
  const places = new Map(groups.map((group, i) => [exprKey(group), groupColumns[i]]));
  const output = (column: number): Expr => inputRef(column, node.schema[column].type);
  return (clause) => {
    const below = scopeContext(input.scope, clause);
    const intercept = (expression: ast.Expression): Expr | undefined => {
      if (isAggregate(expression)) {
        const bound = bindAggregate(expression, below, groups.length > 0);
        const index = aggregates.get(JSON.stringify(bound));
        if (index === undefined) throw new Error('every aggregate was collected');
        return output(aggregateColumns[index]);
      }
      const property = window?.auxiliary(expression);
      if (property !== undefined) return output(groupColumns[PROPERTIES.indexOf(property)]);
      if (expression.kind === 'literal' || expression.kind === 'interval' || containsAggregate(expression))
        return undefined;
      const place = places.get(exprKey(bindExpression(expression, below)));
      if (place !== undefined) return output(place);
      if (expression.kind === 'column') throw notGrouped(expression.parts.join('.'), expression.position);
      return undefined;
    };
    return {
      clause,
      intercept,
      column: (parts, position) => {
        throw notGrouped(parts.join('.'), position);
      },
    };
  };
}

function bindItem(item: OutputItem, input: Relation, context: BindContext): Expr {
  const { value, position } = item;
  const expression: ast.Expression =
    value.kind === 'expression'
      ? value.expr
      : { kind: 'column', parts: [input.scope.schema[value.index].name], position };
  const expr = bindExpression(expression, context);
  if (isNullLiteral(expr)) throw illegalNull(position);
  return expr;
}

function notGrouped(name: string, position: SourcePosition): Error {
  return problem(
    'not-grouped',
    `Expression '${name}' is not being grouped: add it to GROUP BY or put it into an aggregate`,
    position,
  );
}
