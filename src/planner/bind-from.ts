import { unreachable, type SourcePosition } from '../data/errors.ts';
import { notNull, stripAttribute, timestamp, type Schema } from '../data/types.ts';
import type * as ast from '../sql/ast.ts';
import { shown } from './bind-operators.ts';
import { bindExpression } from './bind-expression.ts';
import { bindQuery } from './bind-query.ts';
import type { Catalog } from './catalog.ts';
import { simpleName } from './catalog.ts';
import { isConstant } from './expression-tools.ts';
import type { LogicalNode } from './logical.ts';
import { rename } from './logical-tools.ts';
import { problem, unsupported } from './problem.ts';
import { resolveColumn, type Scope } from './scope.ts';
import { isTimestamp } from '../expressions/types/common-type.ts';
import { scanSchema } from './used-table.ts';

/** What a query may name: the catalog and the WITH queries around it. */
export interface QueryEnv {
  readonly catalog: Catalog;
  readonly common: ReadonlyMap<
    string,
    { readonly query: ast.Query; readonly columns: readonly ast.Identifier[]; readonly env: QueryEnv }
  >;
}

export interface Relation {
  readonly node: LogicalNode;
  readonly scope: Scope;
}

export function bindFrom(from: ast.TableExpression, env: QueryEnv): Relation {
  switch (from.kind) {
    case 'table': {
      const node = bindTable(from, env);
      return aliased(node, from.alias, from.name.parts[from.name.parts.length - 1], from.position);
    }
    case 'derived':
      return aliased(bindQuery(from.query, env), from.alias, undefined, from.position);
    case 'window-table':
      return aliased(bindWindowTable(from, env), from.alias, undefined, from.position);
    case 'join':
      throw unsupported(from.type === 'INNER' ? 'JOIN' : `${from.type} JOIN`, from.position);
    case 'other-table':
      throw unsupported(from.feature, from.position);
    default:
      return unreachable(from);
  }
}

function aliased(
  node: LogicalNode,
  alias: ast.TableAlias | undefined,
  name: string | undefined,
  position: SourcePosition,
): Relation {
  const renamed =
    alias === undefined || alias.columns.length === 0 ? node : renameColumns(node, alias.columns, alias.name, position);
  return { node: renamed, scope: { qualifier: alias?.name ?? name, schema: renamed.schema } };
}

/** Gives the columns of a view, a WITH query or an alias their listed names. */
export function renameColumns(
  node: LogicalNode,
  columns: readonly string[],
  name: string,
  position: SourcePosition,
): LogicalNode {
  if (columns.length !== node.schema.length) {
    throw problem(
      'column-count',
      `'${name}' names ${columns.length} column(s), but its query has ${node.schema.length}`,
      position,
    );
  }
  return rename(node, columns);
}

function bindTable(from: ast.TableRef, env: QueryEnv): LogicalNode {
  const common = from.name.parts.length === 1 ? env.common.get(from.name.parts[0]) : undefined;
  if (common !== undefined) {
    const names = common.columns.map((column) => column.parts.join('.'));
    const node = bindQuery(common.query, common.env);
    return names.length === 0 ? node : renameColumns(node, names, from.name.parts[0], common.columns[0].position);
  }
  const entry = env.catalog.find(from.name);
  if (entry.kind === 'table') {
    const table = env.catalog.source(entry, from.hints, from.position);
    return { kind: 'scan', table, schema: scanSchema(entry.definition) };
  }
  if (from.hints.length > 0) throw unsupported('OPTIONS of a view', from.hints[0].position);
  return bindView(entry.statement, { catalog: env.catalog, common: new Map() });
}

export function bindView(statement: ast.CreateView, env: QueryEnv): LogicalNode {
  const node = bindQuery(statement.query, env);
  if (statement.columns.length === 0) return node;
  const names = statement.columns.map((column) => column.parts.join('.'));
  return renameColumns(node, names, simpleName(statement.name), statement.columns[0].position);
}

function bindWindowTable(from: ast.WindowTable, env: QueryEnv): LogicalNode {
  if (from.function !== 'TUMBLE') throw unsupported(`The table function ${from.function}`, from.position);
  if (from.partitionBy.length > 0) throw unsupported('PARTITION BY in TUMBLE', from.partitionBy[0].position);
  const input = bindFrom(from.input, env);
  const time = resolveColumn(input.scope, from.timeColumn.parts, from.timeColumn.position);
  if (!isTimestamp(time.type) || time.type.attribute === undefined) {
    throw problem(
      'no-time-attribute',
      `The window function requires the timecol is a time attribute type, but is ${shown(time.type)}. ` +
        'Declare WATERMARK FOR the column; an expression over it is no time attribute any more',
      from.timeColumn.position,
    );
  }
  if (time.type.attribute === 'proctime') throw unsupported('TUMBLE over processing time', from.timeColumn.position);
  if (time.kind !== 'input') throw new Error('a column is an input reference');
  if (from.args.length < 1 || from.args.length > 2) {
    throw problem(
      'invalid-window',
      `TUMBLE takes a size and perhaps an offset, but ${from.args.length} arguments are given`,
      from.position,
    );
  }
  const size = constantInterval(from.args[0], 'The size of TUMBLE');
  const offset = from.args.length > 1 ? constantInterval(from.args[1], 'The offset of TUMBLE') : 0;
  if (size <= 0)
    throw problem('invalid-window', `The size of TUMBLE must be positive, but is ${size} ms`, from.args[0].position);
  if (Math.abs(offset) >= size) {
    throw problem(
      'invalid-window',
      `The offset of TUMBLE must be smaller than its size (${size} ms), but is ${offset} ms`,
      from.args[1].position,
    );
  }
  const schema: Schema = [
    ...input.node.schema.map((field, i) =>
      i === time.index ? { name: field.name, type: stripAttribute(field.type) } : field,
    ),
    { name: 'window_start', type: notNull(timestamp(3)) },
    { name: 'window_end', type: notNull(timestamp(3)) },
    { name: 'window_time', type: notNull({ ...time.type, precision: 3 }) },
  ];
  const window = { kind: 'tumble', size, offset } as const;
  return { kind: 'tumble', input: input.node, window, timeColumn: time.index, position: from.position, schema };
}

function constantInterval(arg: ast.Expression, what: string): number {
  const expr = bindExpression(arg, {
    clause: 'a window function',
    column: (_parts, position) => {
      throw problem('invalid-window', `${what} must be a constant interval`, position);
    },
  });
  if (!isConstant(expr) || expr.kind !== 'literal' || expr.type.kind !== 'INTERVAL_DAY_TIME') {
    throw problem(
      'invalid-window',
      `${what} must be an interval of days, hours, minutes or seconds such as INTERVAL '10' SECOND, but is ${shown(expr.type)}`,
      arg.position,
    );
  }
  return Number(expr.value);
}
