import type * as ast from '../sql/ast.ts';
import { isTimestamp } from '../expressions/types/common-type.ts';
import { bindExpression } from './bind-expression.ts';
import type { LogicalNode } from './logical.ts';
import { projectNode, refs } from './logical-tools.ts';
import type { SortKey } from './physical.ts';
import { problem, unsupported } from './problem.ts';
import { resolveColumn, tableScope } from './scope.ts';

/** A query's rows, with columns behind those it gives that only ORDER BY needs. */
export interface Orderable {
  readonly node: LogicalNode;
  /** How many columns the query gives. */
  readonly width: number;
  /** For each item of ORDER BY its column among all of them. */
  readonly columns: readonly number[];
}

/** LIMIT, OFFSET, FETCH, and ORDER BY a time attribute. */
export function bindOrdered(query: ast.OrderedQuery, orderable: Orderable): LogicalNode {
  const { orderBy, limit, offset } = query;
  if (orderBy.length > 0) {
    if (limit !== undefined) throw unsupported('ORDER BY with LIMIT (Top-N)', orderBy[0].expr.position);
    if (offset !== undefined) throw noFetch(offset);
    return bindSort(query, orderable);
  }
  if (limit === undefined) {
    if (offset !== undefined) throw noFetch(offset);
    return orderable.node;
  }
  const { node } = orderable;
  return {
    kind: 'limit',
    input: node,
    offset: offset === undefined ? 0 : rowCount(offset, 'OFFSET'),
    count: rowCount(limit, 'LIMIT'),
    position: limit.position,
    schema: node.schema,
  };
}

function noFetch(offset: ast.Expression): Error {
  return problem('unsupported', 'OFFSET needs a LIMIT or FETCH in a streaming query', offset.position);
}

function bindSort(query: ast.OrderedQuery, { node, width, columns }: Orderable): LogicalNode {
  const [first] = query.orderBy;
  const { type } = node.schema[columns[0]];
  if (!isTimestamp(type) || type.attribute === undefined) {
    throw unsupported(
      'ORDER BY something that is not a time attribute, without LIMIT,',
      first.expr.position,
      'a streaming query can be sorted by its time attribute, ascending',
    );
  }
  if (type.attribute === 'proctime') throw unsupported('ORDER BY processing time', first.expr.position);
  if (first.descending) {
    throw problem(
      'unsupported',
      'The primary sort order of a streaming query must be ascending on time',
      first.expr.position,
    );
  }
  const keys = columns.map((column, i): SortKey => {
    const { descending, nulls, expr } = query.orderBy[i];
    const { kind } = node.schema[column].type;
    if (kind === 'ARRAY' || kind === 'MAP' || kind === 'MULTISET' || kind === 'ROW') {
      throw problem('type-mismatch', `ORDER BY a ${kind} is not possible: it has no order`, expr.position);
    }
    // NULL is the smallest value unless the query says where it goes.
    return { column, descending, nullsFirst: nulls === undefined ? !descending : nulls === 'first' };
  });
  const sorted: LogicalNode = { kind: 'sort', input: node, keys, position: first.expr.position, schema: node.schema };
  if (width === node.schema.length) return sorted;
  return projectNode(
    sorted,
    refs(node.schema).slice(0, width),
    node.schema.slice(0, width).map((field) => field.name),
  );
}

function rowCount(expression: ast.Expression, clause: string): number {
  const bound = bindExpression(expression, {
    clause,
    column: (_parts, position) => {
      throw problem('invalid-limit', `${clause} takes a whole number, not a column`, position);
    },
  });
  const count = bound.kind === 'literal' ? Number(bound.value) : NaN;
  const whole = bound.type.kind === 'INT' || bound.type.kind === 'BIGINT';
  if (whole && Number.isSafeInteger(count) && count >= 0) return count;
  throw problem('invalid-limit', `${clause} takes a whole number that is not negative`, expression.position);
}

/** The column of a query that an item of ORDER BY means: its number from 1, or its name. */
export function outputColumn(expr: ast.Expression, names: readonly string[]): number | undefined {
  if (expr.kind === 'literal' && expr.type === 'number' && /^\d+$/.test(expr.text)) {
    const number = Number(expr.text);
    if (number >= 1 && number <= names.length) return number - 1;
    throw problem('unknown-column', `ORDER BY ${number}: the query has ${names.length} column(s)`, expr.position);
  }
  if (expr.kind !== 'column' || expr.parts.length !== 1) return undefined;
  const place = names.indexOf(expr.parts[0]);
  return place < 0 ? undefined : place;
}

/** ORDER BY over a query that gives all it has. */
export function orderableQuery(query: ast.OrderedQuery, node: LogicalNode): Orderable {
  const width = node.schema.length;
  const scope = tableScope(undefined, node.schema);
  const columns = query.orderBy.map(({ expr }) => {
    const place = outputColumn(
      expr,
      node.schema.map((field) => field.name),
    );
    if (place !== undefined) return place;
    if (expr.kind !== 'column') throw unsupported('ORDER BY an expression over a set operation', expr.position);
    const found = resolveColumn(scope, expr.parts, expr.position);
    if (found.kind !== 'input') throw new Error('a column is an input reference');
    return found.index;
  });
  return { node, width, columns };
}
