import { unreachable, type SourcePosition } from '../data/errors.ts';
import { notNull, stripAttribute, type SqlType } from '../data/types.ts';
import type * as ast from '../sql/ast.ts';
import type { Expr } from '../expressions/typed.ts';
import { bindExpression, type BindContext } from './bind-expression.ts';
import { shown } from './bind-operators.ts';
import { coerce, isNullLiteral } from './coerce.ts';
import { isProctime } from './expression-tools.ts';
import { problem, unsupported } from './problem.ts';
import { resolveColumn, tableScope } from './scope.ts';
import { isTimestamp } from '../expressions/types/common-type.ts';
import type { TableColumn, TableDefinition } from './used-table.ts';

/** Checks a CREATE TABLE by Flink's rules. Options are looked at when the table is used. */
export function defineTable(statement: ast.CreateTable, name: string): TableDefinition {
  refuseClauses(statement);
  const keys = primaryKeyOf(statement);
  const columns = bindColumns(statement, keys);
  return {
    name,
    columns,
    watermark: bindWatermark(statement, columns),
    primaryKey: keys,
    partitionKeys: partitionKeysOf(statement),
  };
}

function partitionKeysOf(statement: ast.CreateTable): readonly string[] {
  return statement.partitionedBy.map((identifier) => {
    const name = identifier.parts.join('.');
    const column = statement.columns.find((c) => c.name === name);
    if (column?.kind === 'physical') return name;
    throw problem(
      'invalid-partition-key',
      `Partition column '${name}' is ${column === undefined ? 'not defined in the table' : `${column.kind}; it must be a physical column`}`,
      identifier.position,
    );
  });
}

function refuseClauses(statement: ast.CreateTable): void {
  if (statement.like !== undefined) throw unsupported('CREATE TABLE .. LIKE', statement.like.position);
  if (statement.asQuery !== undefined) throw unsupported('CREATE TABLE .. AS', statement.asQuery.position);
  const seen = new Set<string>();
  for (const column of statement.columns) {
    if (seen.has(column.name)) {
      throw problem('duplicate-column', `Column '${column.name}' is declared more than once`, column.position);
    }
    seen.add(column.name);
    if (column.kind === 'metadata') throw unsupported('A METADATA column', column.position);
  }
}

function primaryKeyOf(statement: ast.CreateTable): readonly string[] {
  const key = statement.primaryKey;
  if (key === undefined) return [];
  if (key.enforced) {
    throw problem(
      'invalid-primary-key',
      "The only supported mode for a PRIMARY KEY constraint is NOT ENFORCED: the table's data is not owned, so it cannot be checked",
      key.position,
    );
  }
  const names: string[] = [];
  for (const identifier of key.columns) {
    const name = identifier.parts.join('.');
    const column = statement.columns.find((c) => c.name === name);
    if (column === undefined) {
      throw problem(
        'invalid-primary-key',
        `Primary key column '${name}' is not defined in the table`,
        identifier.position,
      );
    }
    if (column.kind !== 'physical') {
      throw problem(
        'invalid-primary-key',
        `Primary key column '${name}' is ${column.kind}; it must be a physical column`,
        identifier.position,
      );
    }
    if (names.includes(name)) {
      throw problem(
        'invalid-primary-key',
        `Primary key column '${name}' is listed more than once`,
        identifier.position,
      );
    }
    names.push(name);
  }
  return names;
}

function bindColumns(statement: ast.CreateTable, keys: readonly string[]): readonly TableColumn[] {
  let physical = 0;
  const stored = statement.columns.map((column) => (column.kind === 'physical' ? column.type : undefined));
  const context = computedContext(statement, stored);
  return statement.columns.map((column): TableColumn => {
    switch (column.kind) {
      case 'physical': {
        const type = keys.includes(column.name) ? notNull(column.type) : column.type;
        return { kind: 'physical', name: column.name, type, physical: physical++ };
      }
      case 'computed': {
        const expr = bindExpression(column.expr, context);
        if (isNullLiteral(expr)) {
          throw problem(
            'type-mismatch',
            `The type of the computed column '${column.name}' is not known; write CAST(NULL AS type)`,
            column.position,
          );
        }
        return {
          kind: 'computed',
          name: column.name,
          type: isProctime(expr.type) ? expr.type : stripAttribute(expr.type),
          expr,
        };
      }
      case 'metadata':
        throw unsupported('A METADATA column', column.position);
      default:
        return unreachable(column);
    }
  });
}

function computedContext(statement: ast.CreateTable, stored: readonly (SqlType | undefined)[]): BindContext {
  const keys = statement.primaryKey?.columns.map((c) => c.parts.join('.')) ?? [];
  const schema = statement.columns.map((column, i) => {
    const type = stored[i] ?? { kind: 'NULL', nullable: true };
    return { name: column.name, type: keys.includes(column.name) ? notNull(type) : type };
  });
  return {
    clause: 'a computed column',
    column: (parts: readonly string[], position: SourcePosition): Expr => {
      const found = resolveColumn(tableScope(undefined, schema), parts, position);
      if (found.kind === 'input' && stored[found.index] === undefined) {
        throw problem(
          'invalid-computed-column',
          `A computed column may not refer to the computed column '${parts.join('.')}'`,
          position,
        );
      }
      return found;
    },
  };
}

function bindWatermark(statement: ast.CreateTable, columns: readonly TableColumn[]): TableDefinition['watermark'] {
  const watermark = statement.watermark;
  if (watermark === undefined) return undefined;
  const name = watermark.column.parts.join('.');
  const column = columns.findIndex((c) => c.name === name);
  if (column < 0) {
    throw problem(
      'invalid-watermark',
      `The rowtime attribute field '${name}' is not defined in the table schema`,
      watermark.column.position,
    );
  }
  const type = columns[column].type;
  if (!isTimestamp(type) || type.precision > 3) {
    throw problem(
      'invalid-watermark',
      'Invalid data type of time field for watermark definition. The field must be of type TIMESTAMP(p) or TIMESTAMP_LTZ(p), ' +
        `the supported precision 'p' is from 0 to 3, but the time field type is ${shown(type)}`,
      watermark.column.position,
    );
  }
  const expr = bindExpression(watermark.expr, {
    clause: 'a WATERMARK',
    column: (parts, position) => resolveColumn(tableScope(undefined, columns), parts, position),
  });
  if (expr.type.kind !== type.kind || expr.type.precision > 3) {
    throw problem(
      'invalid-watermark',
      `The watermark declaration's output data type ${shown(expr.type)} is different from the time field's data type ${shown(type)}`,
      watermark.expr.position,
    );
  }
  return { column, expr: coerce(expr, type) };
}
