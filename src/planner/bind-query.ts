import { unreachable } from '../data/errors.ts';
import type * as ast from '../sql/ast.ts';
import { distinct } from './aggregate-builder.ts';
import { bindAggregation } from './bind-aggregation.ts';
import { bindCondition, bindExpression, type BindContext } from './bind-expression.ts';
import { bindFrom, type QueryEnv, type Relation } from './bind-from.ts';
import { illegalNull } from './bind-operators.ts';
import { bindOrdered, type Orderable, orderableQuery, outputColumn } from './bind-order.ts';
import { bindSetOperation } from './bind-set-operation.ts';
import { bindValues, oneRow } from './bind-values.ts';
import { containsAggregate } from './aggregate-calls.ts';
import { isNullLiteral } from './coerce.ts';
import { inputRef } from './expression-tools.ts';
import type { LogicalNode } from './logical.ts';
import { filterNode, projectNode, uniqueNames } from './logical-tools.ts';
import { problem, unsupported } from './problem.ts';
import { resolveColumn, type Scope, tableScope } from './scope.ts';

/** A select item with `*` expanded: a column by index, or an expression. */
export interface OutputItem {
  readonly name: string;
  readonly position: ast.SelectItem['position'];
  readonly value:
    | { readonly kind: 'column'; readonly index: number }
    | { readonly kind: 'expression'; readonly expr: ast.Expression };
}

/** What a query is for: its rows are the result, or a table whose columns are used by their names. */
export type QueryUse = 'result' | 'table';

/** AST of a query to its logical plan. */
export function bindQuery(query: ast.Query, env: QueryEnv, use: QueryUse = 'result'): LogicalNode {
  switch (query.kind) {
    case 'select':
      return bindSelect(query, env, [], use).node;
    case 'set-operation':
      return bindSetOperation(query, bindQuery(query.left, env, use), bindQuery(query.right, env));
    case 'with': {
      const common = new Map(env.common);
      for (const item of query.items) {
        const snapshot: QueryEnv = { catalog: env.catalog, common: new Map(common) };
        bindQuery(item.query, snapshot, item.columns.length === 0 ? 'table' : 'result');
        common.set(item.name.parts.join('.'), { query: item.query, columns: item.columns, env: snapshot });
      }
      return bindQuery(query.body, { catalog: env.catalog, common }, use);
    }
    case 'values':
      return bindValues(query);
    case 'ordered':
      return bindOrdered(
        query,
        query.body.kind === 'select'
          ? bindSelect(query.body, env, query.orderBy, use)
          : orderableQuery(query, bindQuery(query.body, env, use)),
      );
    default:
      return unreachable(query);
  }
}

/** A SELECT; what ORDER BY needs beside its items becomes columns behind them. */
function bindSelect(select: ast.Select, env: QueryEnv, orderBy: readonly ast.OrderItem[], use: QueryUse): Orderable {
  const from = select.from === undefined ? withoutTable(select) : bindFrom(select.from, env);
  const where =
    select.where === undefined
      ? undefined
      : bindCondition(select.where, scopeContext(from.scope, 'WHERE'), 'The condition of WHERE');
  const input: Relation = { node: filterNode(from.node, where), scope: from.scope };
  const shownItems = expandItems(select.items, from.scope);
  if (use === 'table') refuseDuplicates(shownItems);
  const { columns, hidden } = orderColumns(orderBy, shownItems);
  if (select.distinct && hidden.length > 0) {
    throw unsupported('ORDER BY something that SELECT DISTINCT does not give', hidden[0].position);
  }
  const items = [...shownItems, ...hidden];
  const aggregated =
    select.groupBy !== undefined ||
    select.having !== undefined ||
    select.items.some((item) => item.kind === 'expression' && containsAggregate(item.expr));
  const node = aggregated ? bindAggregation(select, items, input) : bindProjection(items, input);
  return { node: select.distinct ? distinct(node) : node, width: shownItems.length, columns };
}

function refuseDuplicates(items: readonly OutputItem[]): void {
  const seen = new Set<string>();
  for (const { name, position } of items) {
    if (seen.has(name)) {
      throw problem('duplicate-column', `Column '${name}' is there twice; give one of them another name`, position);
    }
    seen.add(name);
  }
}

/** One row without columns. */
function withoutTable(select: ast.Select): Relation {
  const star = select.items.find((item) => item.kind === 'star');
  if (star !== undefined) throw problem('unknown-table', 'SELECT * needs FROM', star.position);
  return { node: oneRow(), scope: tableScope(undefined, []) };
}

/** For each item of ORDER BY the place of its column, and the items to add for those that have none. */
function orderColumns(
  orderBy: readonly ast.OrderItem[],
  items: readonly OutputItem[],
): { readonly columns: readonly number[]; readonly hidden: readonly OutputItem[] } {
  const names = uniqueNames(items.map((item) => item.name));
  const hidden: OutputItem[] = [];
  const columns = orderBy.map(({ expr }, i) => {
    const place = outputColumn(expr, names);
    if (place !== undefined) return place;
    const item: OutputItem = { name: `$order${i}`, position: expr.position, value: { kind: 'expression', expr } };
    return items.length + hidden.push(item) - 1;
  });
  return { columns, hidden };
}

function bindProjection(items: readonly OutputItem[], input: Relation): LogicalNode {
  const context = scopeContext(input.scope, 'SELECT');
  const projections = items.map(({ value, position }) => {
    if (value.kind === 'column') return inputRef(value.index, input.scope.schema[value.index].type);
    const expr = bindExpression(value.expr, context);
    if (isNullLiteral(expr)) throw illegalNull(position);
    return expr;
  });
  return projectNode(input.node, projections, uniqueNames(items.map((item) => item.name)));
}

export function scopeContext(scope: Scope, clause: string): BindContext {
  return { clause, column: (parts, position) => resolveColumn(scope, parts, position) };
}

/** The name of an expression's column without AS: that of a column, or of a function without parentheses. */
function ownName(expr: ast.Expression): string | undefined {
  if (expr.kind === 'column') return expr.parts[expr.parts.length - 1];
  return expr.kind === 'function' ? expr.bare : undefined;
}

function expandItems(items: readonly ast.SelectItem[], scope: Scope): readonly OutputItem[] {
  return items.flatMap((item, i): readonly OutputItem[] => {
    if (item.kind === 'expression') {
      const name = item.alias ?? ownName(item.expr) ?? `EXPR$${i}`;
      return [{ name, position: item.expr.position, value: { kind: 'expression', expr: item.expr } }];
    }
    const qualifier = item.qualifier?.parts.join('.');
    const table = scope.tables.find((one) => one.qualifier === qualifier);
    if (qualifier !== undefined && table === undefined) {
      throw problem('unknown-table', `Unknown identifier '${qualifier}'`, item.qualifier?.position);
    }
    return scope.schema
      .map((field, index): OutputItem => ({
        name: field.name,
        position: item.position,
        value: { kind: 'column', index },
      }))
      .slice(table?.from, table?.to);
  });
}
