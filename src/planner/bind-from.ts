import { unreachable, type SourcePosition } from '../data/errors.ts';
import type * as ast from '../sql/ast.ts';
import { bindQuery, type QueryUse } from './bind-query.ts';
import { bindUnnest, bindUnnestJoin } from './bind-unnest.ts';
import { oneRow } from './bind-values.ts';
import { bindWindowFunction } from './bind-window.ts';
import type { Catalog } from './catalog.ts';
import { simpleName } from './catalog.ts';
import type { LogicalNode } from './logical.ts';
import { rename } from './logical-tools.ts';
import { problem, unsupported } from './problem.ts';
import { type Scope, tableScope } from './scope.ts';
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
      return aliased(
        bindQuery(from.query, env, useUnder(from.alias?.columns ?? [])),
        from.alias,
        undefined,
        from.position,
      );
    case 'window-table':
      return aliased(bindWindowFunction(from, bindFrom(from.input, env)), from.alias, undefined, from.position);
    case 'unnest':
      return bindUnnest(from, { node: oneRow(), scope: tableScope(undefined, []) });
    case 'join':
      if (from.right.kind === 'unnest') return bindUnnestJoin(from, from.right, bindFrom(from.left, env));
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
  return { node: renamed, scope: tableScope(alias?.name ?? name, renamed.schema) };
}

/** Under a list of names the columns of a query need none of their own. */
function useUnder(names: readonly unknown[]): QueryUse {
  return names.length === 0 ? 'table' : 'result';
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
  const twice = columns.find((column, i) => columns.indexOf(column) < i);
  if (twice !== undefined) {
    throw problem('duplicate-column', `'${name}' names two columns '${twice}'`, position);
  }
  return rename(node, columns);
}

function bindTable(from: ast.TableRef, env: QueryEnv): LogicalNode {
  const common = from.name.parts.length === 1 ? env.common.get(from.name.parts[0]) : undefined;
  if (common !== undefined) {
    const names = common.columns.map((column) => column.parts.join('.'));
    const node = bindQuery(common.query, common.env, useUnder(names));
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
  const node = bindQuery(statement.query, env, useUnder(statement.columns));
  if (statement.columns.length === 0) return node;
  const names = statement.columns.map((column) => column.parts.join('.'));
  return renameColumns(node, names, simpleName(statement.name), statement.columns[0].position);
}
