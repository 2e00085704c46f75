import type { SourcePosition } from '../data/errors.ts';
import { INT, MAX_LENGTH, notNull, type Schema, type SqlType } from '../data/types.ts';
import type { Expr, Literal } from '../expressions/typed.ts';
import { commonType } from '../expressions/types/common-type.ts';
import type * as ast from '../sql/ast.ts';
import { bindExpression, type BindContext } from './bind-expression.ts';
import { booleanCall, illegalNull, shown } from './bind-operators.ts';
import { coerce, isNullLiteral } from './coerce.ts';
import { INLINE } from './connector.ts';
import { inputRef } from './expression-tools.ts';
import type { LogicalNode, Scan } from './logical.ts';
import { projectNode } from './logical-tools.ts';
import { problem } from './problem.ts';

/** The one row, without columns, that a SELECT without FROM reads. */
export function oneRow(): LogicalNode {
  return inlineScan([], [[]]);
}

/** VALUES: literals are the rows of a source; columns with other expressions are computed by the row's number. */
export function bindValues(values: ast.Values): LogicalNode {
  const width = values.rows[0].length;
  const rows = values.rows.map((row) => {
    if (row.length !== width) {
      throw problem(
        'column-count',
        `The rows of VALUES have ${width} and ${row.length} columns`,
        row[0]?.position ?? values.position,
      );
    }
    return row.map((expression) => bindExpression(expression, NO_COLUMNS));
  });
  const columns = Array.from({ length: width }, (_, i) => column(values, rows, i));
  const names = columns.map((_, i) => `EXPR$${i}`);
  const stored: Schema = [
    { name: '$row', type: notNull(INT) },
    ...columns.map(({ type }, i) => ({ name: names[i], type })),
  ];
  const literals = rows.map((_, r) => [r, ...columns.map(({ exprs }) => literalValue(exprs[r]))]);
  const projections = columns.map(({ exprs, type }, i) =>
    exprs.every((expr) => expr.kind === 'literal') ? inputRef(i + 1, type) : byRow(exprs, type),
  );
  return projectNode(inlineScan(stored, literals), projections, names);
}

const NO_COLUMNS: BindContext = {
  clause: 'VALUES',
  column: (parts, position) => {
    throw problem('unknown-column', `Column '${parts.join('.')}' not found: VALUES has no table`, position);
  },
};

function column(
  values: ast.Values,
  rows: readonly (readonly Expr[])[],
  i: number,
): { exprs: readonly Expr[]; type: SqlType } {
  const given = rows.map((row) => row[i]);
  if (given.every(isNullLiteral)) throw illegalNull(values.rows[0][i].position);
  const type = valuesType(
    given,
    values.rows.map((row) => row[i].position),
  );
  return { exprs: given.map((expr) => coerce(expr, type)), type };
}

/** Strings of several lengths are not padded. */
function valuesType(exprs: readonly Expr[], positions: readonly SourcePosition[]): SqlType {
  const types = exprs.map((expr) => expr.type);
  const common = commonType(types);
  if (common === undefined) {
    throw problem(
      'type-mismatch',
      `Values passed to VALUES operator must have compatible types: ${types.map(shown).join(', ')}`,
      positions[0],
    );
  }
  if (common.kind !== 'CHAR') return common;
  const lengths = types.flatMap((type) => (type.kind === 'CHAR' ? [type.length] : []));
  if (lengths.every((length) => length === lengths[0])) return common;
  return { kind: 'VARCHAR', length: Math.min(MAX_LENGTH, Math.max(...lengths)), nullable: common.nullable };
}

function literalValue(expr: Expr): Literal['value'] {
  return expr.kind === 'literal' ? expr.value : null;
}

function byRow(exprs: readonly Expr[], type: SqlType): Expr {
  if (exprs.length === 1) return exprs[0];
  const last = exprs.length - 1;
  const row = (r: number): Expr =>
    booleanCall('=', [inputRef(0, notNull(INT)), { kind: 'literal', value: r, type: notNull(INT) }]);
  return {
    kind: 'case',
    branches: exprs.slice(0, last).map((then, r) => ({ when: row(r), then })),
    otherwise: exprs[last],
    type,
  };
}

function inlineScan(columns: Schema, rows: readonly (readonly Literal['value'][])[]): Scan {
  const table = { name: 'values', columns, primaryKey: [], options: { connector: INLINE, rows: JSON.stringify(rows) } };
  return {
    kind: 'scan',
    table: {
      definition: {
        name: 'values',
        columns: columns.map((field, physical) => ({ ...field, kind: 'physical', physical })),
        watermark: undefined,
        primaryKey: [],
        partitionKeys: [],
      },
      table,
      ability: { formats: [], mode: 'append', projectionPushDown: true, filterPushDown: false, bounded: () => true },
      bounded: true,
      idleTimeout: undefined,
      eventTimeRange: undefined,
    },
    schema: columns,
  };
}
