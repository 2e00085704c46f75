import type { SourcePosition } from '../data/errors.ts';
import { formatType, nullable } from '../data/types.ts';
import type * as ast from '../sql/ast.ts';
import type { Expr } from '../expressions/typed.ts';
import { buildAggregation, type Aggregation } from './aggregate-builder.ts';
import {
  aggregatesIn,
  bindAggregate,
  containsAggregate,
  isAggregate,
  isGrouping,
  type BoundAggregate,
} from './aggregate-calls.ts';
import { bindCondition, bindExpression, type BindContext } from './bind-expression.ts';
import type { Relation } from './bind-from.ts';
import { bindGroupWindow, type GroupWindow } from './bind-group-window.ts';
import { illegalNull } from './bind-operators.ts';
import { scopeContext, type OutputItem } from './bind-query.ts';
import { PROPERTIES } from './bind-window.ts';
import { isNullLiteral } from './coerce.ts';
import { exprKey, inputRef } from './expression-tools.ts';
import { distinctGroups, expandGroups, groupingId, groupingSets, type GroupingSet } from './grouping-sets.ts';
import type { LogicalNode } from './logical.ts';
import { projectNode, uniqueNames } from './logical-tools.ts';
import { problem, unsupported } from './problem.ts';

/** SELECT with GROUP BY, HAVING or aggregates: calc, aggregation, calc (HAVING and the select list over its results). */
export function bindAggregation(select: ast.Select, items: readonly OutputItem[], input: Relation): LogicalNode {
  const window = bindGroupWindow(select.groupBy ?? [], input.node, scopeContext(input.scope, 'GROUP BY'));
  const plainGroups = (select.groupBy ?? []).filter((group) => group !== window?.expression);
  const bound = [...(window?.groups ?? []), ...plainGroups.map((group) => bindGroup(group, input))];
  const { groups, places } = distinctGroups(bound);
  const sets = boundSets(select, window, plainGroups, places);
  const calls = [
    ...items.flatMap((item) => (item.value.kind === 'expression' ? aggregatesIn(item.value.expr) : [])),
    ...(select.having === undefined ? [] : aggregatesIn(select.having)),
  ];
  const found = new Map<string, number>();
  const aggregates: BoundAggregate[] = [];
  for (const call of calls) {
    const aggregate = bindAggregate(call, scopeContext(input.scope, 'an aggregate function'), groups.length > 0);
    const key = JSON.stringify(aggregate);
    if (!found.has(key)) found.set(key, aggregates.push(aggregate) - 1);
  }
  const below = window?.node ?? input.node;
  const { aggregation, number } =
    sets === undefined
      ? { aggregation: buildAggregation(below, groups, aggregates), number: undefined }
      : bySets(below, groups, aggregates, sets);
  const grouping = { groups, sets: sets ?? [], number };
  const context = resultContext(input, found, aggregation, window, grouping);
  const having =
    select.having === undefined
      ? undefined
      : bindCondition(select.having, context('HAVING'), 'The condition of HAVING');
  const projections = items.map((item) => bindItem(item, input, context('SELECT')));
  return projectNode(aggregation.node, projections, uniqueNames(items.map((item) => item.name)), having);
}

/** Grouping sets as places among the groups; undefined where there is one set of all. */
function boundSets(
  select: ast.Select,
  window: GroupWindow | undefined,
  plainGroups: readonly ast.Expression[],
  places: readonly number[],
): readonly GroupingSet[] | undefined {
  if (select.grouping === undefined) return undefined;
  const windows = (window?.groups ?? []).map((_, i) => i);
  const place = (i: number): readonly number[] => {
    const plain = plainGroups.indexOf((select.groupBy ?? [])[i]);
    return plain < 0 ? windows : [windows.length + plain];
  };
  const sets = groupingSets(select.grouping);
  if (places.length > MAX_GROUPS || sets.length > MAX_SETS) {
    const what = `GROUP BY of ${places.length} expressions in ${sets.length} grouping sets`;
    throw unsupported(what, select.position, `at most ${MAX_GROUPS} expressions and ${MAX_SETS} sets are`);
  }
  // Sets that differ in repeated expressions alone are equal here: each counts once.
  const byMembers = sets.map((set) => {
    const members = [...new Set(set.flatMap(place).map((i) => places[i]))];
    return [[...members].sort((a, b) => a - b).join(), members] as const;
  });
  return [...new Map(byMembers).values()];
}

const MAX_GROUPS = 63;
const MAX_SETS = 4096;

/** The aggregation over rows repeated for each set, with the set's number as one more group. */
function bySets(
  input: LogicalNode,
  groups: readonly Expr[],
  aggregates: readonly BoundAggregate[],
  sets: readonly GroupingSet[],
): { readonly aggregation: Aggregation; readonly number: number } {
  const expanded = expandGroups(input, groups, sets);
  const aggregation = buildAggregation(expanded.node, [...expanded.groups, expanded.number], aggregates);
  return { aggregation, number: aggregation.groups[groups.length] };
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
  aggregates: ReadonlyMap<string, number>,
  { node, groups: groupColumns, aggregates: aggregateColumns }: Aggregation,
  window: GroupWindow | undefined,
  grouping: Grouping,
): (clause: string) => BindContext {
  const { groups, sets, number } = grouping;
  const places = new Map(groups.map((group, i) => [exprKey(group), groupColumns[i]]));
  const output = (column: number): Expr => inputRef(column, node.schema[column].type);
  return (clause) => {
    const below = scopeContext(input.scope, clause);
    const intercept = (expression: ast.Expression): Expr | undefined => {
      if (isGrouping(expression)) {
        const args = expression.args.map((arg) => groupPlace(arg, bindExpression(arg, below), groups));
        return groupingId(args, sets, groups.length, number === undefined ? undefined : output(number));
      }
      if (isAggregate(expression)) {
        const bound = bindAggregate(expression, below, groups.length > 0);
        const index = aggregates.get(JSON.stringify(bound));
        if (index === undefined) throw new Error('every aggregate was collected');
        return output(aggregateColumns[index]);
      }
      const auxiliary = window?.auxiliary(expression);
      if (auxiliary !== undefined) {
        const column = output(groupColumns[PROPERTIES.indexOf(auxiliary.property)]);
        return auxiliary.isNullable ? { ...column, type: nullable(column.type) } : column;
      }
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

interface Grouping {
  readonly groups: readonly Expr[];
  readonly sets: readonly GroupingSet[];
  /** The column with the set's number, where there are several. */
  readonly number: number | undefined;
}

function groupPlace(arg: ast.Expression, bound: Expr, groups: readonly Expr[]): number {
  const place = groups.map(exprKey).indexOf(exprKey(bound));
  if (place >= 0) return place;
  throw problem('not-grouped', 'The argument of GROUPING must be an expression of GROUP BY', arg.position);
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
