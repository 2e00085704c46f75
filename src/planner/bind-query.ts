import { unreachable } from '../data/errors.ts';
import type * as ast from '../sql/ast.ts';
import type { Expr } from '../expressions/typed.ts';
import { distinct } from './aggregate-builder.ts';
import { bindAggregation } from './bind-aggregation.ts';
import { bindCondition, bindExpression, type BindContext } from './bind-expression.ts';
import { bindFrom, type QueryEnv, type Relation } from './bind-from.ts';
import { illegalNull, shown } from './bind-operators.ts';
import { containsAggregate } from './aggregate-calls.ts';
import { coerce, isNullLiteral } from './coerce.ts';
import { inputRef } from './expression-tools.ts';
import type { LogicalNode } from './logical.ts';
import { filterNode, projectNode, refs, uniqueNames } from './logical-tools.ts';
import { problem, unsupported } from './problem.ts';
import { resolveColumn, type Scope } from './scope.ts';
import { commonType, isTimestamp } from '../expressions/types/common-type.ts';

/** A select item with `*` expanded: a column by index, or an expression. */
export interface OutputItem {
  readonly name: string;
  readonly position: ast.SelectItem['position'];
  readonly value:
    | { readonly kind: 'column'; readonly index: number }
    | { readonly kind: 'expression'; readonly expr: ast.Expression };
}

/** AST of a query to its logical plan. */
export function bindQuery(query: ast.Query, env: QueryEnv): LogicalNode {
  switch (query.kind) {
    case 'select':
      return bindSelect(query, env);
    case 'set-operation':
      return bindSetOperation(query, env);
    case 'with': {
      const common = new Map(env.common);
      for (const item of query.items) {
        const snapshot: QueryEnv = { catalog: env.catalog, common: new Map(common) };
        bindQuery(item.query, snapshot);
        common.set(item.name.parts.join('.'), { query: item.query, columns: item.columns, env: snapshot });
      }
      return bindQuery(query.body, { catalog: env.catalog, common });
    }
    case 'values':
      throw unsupported('VALUES', query.position);
    case 'ordered': {
      const limits = query.limit !== undefined || query.offset !== undefined;
      throw unsupported(query.orderBy.length > 0 ? 'ORDER BY' : limits ? 'LIMIT' : 'This query', query.position);
    }
    default:
      return unreachable(query);
  }
}

function bindSelect(select: ast.Select, env: QueryEnv): LogicalNode {
  if (select.from === undefined) throw unsupported('SELECT without FROM', select.position);
  const from = bindFrom(select.from, env);
  const where =
    select.where === undefined
      ? undefined
      : bindCondition(select.where, scopeContext(from.scope, 'WHERE'), 'The condition of WHERE');
  const input: Relation = { node: filterNode(from.node, where), scope: from.scope };
  const items = expandItems(select.items, from.scope);
  const aggregated =
    select.groupBy !== undefined ||
    select.having !== undefined ||
    select.items.some((item) => item.kind === 'expression' && containsAggregate(item.expr));
  const node = aggregated ? bindAggregation(select, items, input) : bindProjection(items, input);
  return select.distinct ? distinct(node) : node;
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

function expandItems(items: readonly ast.SelectItem[], scope: Scope): readonly OutputItem[] {
  return items.flatMap((item, i): readonly OutputItem[] => {
    if (item.kind === 'expression') {
      const name =
        item.alias ?? (item.expr.kind === 'column' ? item.expr.parts[item.expr.parts.length - 1] : `EXPR$${i}`);
      return [{ name, position: item.expr.position, value: { kind: 'expression', expr: item.expr } }];
    }
    const qualifier = item.qualifier?.parts.join('.');
    if (qualifier !== undefined && qualifier !== scope.qualifier) {
      throw problem('unknown-table', `Unknown identifier '${qualifier}'`, item.qualifier?.position);
    }
    return scope.schema.map((field, index) => ({
      name: field.name,
      position: item.position,
      value: { kind: 'column', index },
    }));
  });
}

function bindSetOperation(node: ast.SetOperation, env: QueryEnv): LogicalNode {
  if (node.op !== 'UNION') throw unsupported(node.all ? `${node.op} ALL` : node.op, node.position);
  const inputs = [bindQuery(node.left, env), bindQuery(node.right, env)];
  const [left, right] = inputs;
  const name = node.all ? 'UNION ALL' : 'UNION';
  if (left.schema.length !== right.schema.length) {
    throw problem(
      'column-count',
      `Column count mismatch in ${name}: ${left.schema.length} and ${right.schema.length}`,
      node.right.position,
    );
  }
  const schema = left.schema.map((field, i) => {
    const other = right.schema[i].type;
    const type = commonType([field.type, other]);
    if (type === undefined) {
      throw problem(
        'type-mismatch',
        `Type mismatch in column ${i + 1} of ${name}: ${shown(field.type)} and ${shown(other)}`,
        node.right.position,
      );
    }
    return { name: field.name, type };
  });
  const aligned = inputs.map((input) => align(input, schema));
  const union: LogicalNode = { kind: 'union', inputs: flatten(aligned), schema };
  return node.all ? union : distinct(union);
}

/** Casts the columns to the common types where they differ. */
function align(input: LogicalNode, schema: LogicalNode['schema']): LogicalNode {
  const projections: readonly Expr[] = refs(input.schema).map((ref, i) => coerce(ref, schema[i].type));
  const same = projections.every((expr, i) => expr.kind === 'input' && attribute(expr) === attribute(schema[i]));
  if (same) return input;
  return { kind: 'calc', input, filter: undefined, projections, schema };
}

function attribute(value: { readonly type: Expr['type'] }): string | undefined {
  return isTimestamp(value.type) ? value.type.attribute : undefined;
}

function flatten(inputs: readonly LogicalNode[]): readonly LogicalNode[] {
  return inputs.flatMap((input) => (input.kind === 'union' ? input.inputs : [input]));
}
