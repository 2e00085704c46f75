import type { SourcePosition } from '../data/errors.ts';
import { formatType, type Schema } from '../data/types.ts';
import type * as ast from '../sql/ast.ts';
import type { Expr } from '../expressions/typed.ts';
import { bindQuery } from './bind-query.ts';
import type { QueryEnv } from './bind-from.ts';
import { shown } from './bind-operators.ts';
import { simpleName } from './catalog.ts';
import type { SinkSide } from './changelog.ts';
import { coerce } from './coerce.ts';
import type { ConnectorTable } from './connector.ts';
import { inputRef } from './expression-tools.ts';
import type { LogicalNode } from './logical.ts';
import { projectNode } from './logical-tools.ts';
import { didYouMean, problem, unsupported } from './problem.ts';
import { implicitlyCastable } from './types/cast-rules.ts';
import { isTimestamp } from '../expressions/types/common-type.ts';

/** A query and the table that takes its rows; the query's columns are those of the table. */
export interface BoundInsert {
  readonly target: string;
  readonly query: LogicalNode;
  readonly table: ConnectorTable;
  readonly side: SinkSide;
}

/** INSERT INTO: columns by position, implicit casts, NULL for columns that are not listed. */
export function bindInsert(insert: ast.Insert, env: QueryEnv): BoundInsert {
  if (insert.overwrite) throw unsupported('INSERT OVERWRITE', insert.position);
  const entry = env.catalog.find(insert.target);
  const target = simpleName(insert.target);
  if (entry.kind === 'view') {
    throw problem('insert-mismatch', `'${target}' is a view; INSERT needs a table`, insert.target.position);
  }
  const { table, descriptor } = env.catalog.sink(entry, insert.target.position);
  const query = bindQuery(insert.query, env);
  const places = targetColumns(insert, table.columns, target);
  if (places.length !== query.schema.length)
    throw mismatch(insert, target, query, table.columns, 'Different number of columns', insert.query.position);
  checkTimeAttributes(insert, target, query);
  const projections = table.columns.map((field, i): Expr => {
    const from = places.indexOf(i);
    if (from < 0) return missingColumn(insert, field);
    const type = query.schema[from].type;
    if (!implicitlyCastable(type, field.type)) {
      const cause = `Incompatible types for sink column '${field.name}' at position ${from + 1}: ${shown(type)} to ${shown(field.type)}; CAST it`;
      throw mismatch(insert, target, query, table.columns, cause, itemPosition(insert.query, from));
    }
    return coerce(inputRef(from, type), field.type);
  });
  const accepts = descriptor.sink?.accepts ?? 'append';
  const byKey = accepts === 'upsert';
  return {
    target,
    query: projectNode(
      query,
      projections,
      table.columns.map((field) => field.name),
    ),
    table,
    side: {
      name: target,
      accepts,
      primaryKey: byKey ? table.primaryKey.map((name) => table.columns.findIndex((field) => field.name === name)) : [],
      primaryKeyNames: table.primaryKey,
      position: insert.target.position,
    },
  };
}

/** For each query column the place of its column in the table. */
function targetColumns(insert: ast.Insert, columns: Schema, target: string): readonly number[] {
  if (insert.columns.length === 0) return columns.map((_, i) => i);
  const places: number[] = [];
  for (const identifier of insert.columns) {
    const name = identifier.parts.join('.');
    const place = columns.findIndex((field) => field.name === name);
    if (place < 0) {
      const hint = didYouMean(
        name,
        columns.map((field) => field.name),
      );
      throw problem(
        'unknown-column',
        `Unknown target column '${name}' of table '${target}'.${hint}`,
        identifier.position,
      );
    }
    if (places.includes(place)) {
      throw problem('insert-mismatch', `Target column '${name}' is assigned more than once`, identifier.position);
    }
    places.push(place);
  }
  return places;
}

function missingColumn(insert: ast.Insert, field: Schema[number]): Expr {
  if (!field.type.nullable) {
    throw problem(
      'insert-mismatch',
      `Column '${field.name}' has no default value and does not allow NULLs`,
      insert.columns[0]?.position ?? insert.position,
    );
  }
  return { kind: 'literal', value: null, type: field.type };
}

function checkTimeAttributes(insert: ast.Insert, target: string, query: LogicalNode): void {
  const times = query.schema.filter((field) => isTimestamp(field.type) && field.type.attribute === 'rowtime');
  if (times.length < 2) return;
  throw problem(
    'insert-mismatch',
    `The query contains more than one rowtime attribute column [${times.map((field) => field.name).join(', ')}] for writing into table '${target}'. ` +
      'Please select the column that should be used as the event-time timestamp for the table sink by casting all other columns to regular TIMESTAMP or TIMESTAMP_LTZ.',
    insert.query.position,
  );
}

function mismatch(
  insert: ast.Insert,
  target: string,
  query: LogicalNode,
  columns: Schema,
  cause: string,
  position: SourcePosition,
): Error {
  const sink =
    insert.columns.length === 0
      ? columns
      : insert.columns.map((c) => columns.find((f) => f.name === c.parts.join('.')) ?? columns[0]);
  const list = (schema: Schema): string =>
    `[${schema.map((field) => `${field.name}: ${formatType(field.type)}`).join(', ')}]`;
  return problem(
    'insert-mismatch',
    `Column types of query result and sink for '${target}' do not match.\nCause: ${cause}.\n\n` +
      `Query schema: ${list(query.schema)}\nSink schema:  ${list(sink)}`,
    position,
  );
}

/** Where the item of a select list stands, if the query is a SELECT without `*`. */
function itemPosition(query: ast.Query, index: number): SourcePosition {
  if (query.kind !== 'select' || query.items.some((item) => item.kind === 'star')) return query.position;
  return query.items[index]?.position ?? query.position;
}
