import type { Column } from '../data/column.ts';
import { readValue } from '../data/read.ts';
import { type ExpressionContext, NO_CONTEXT } from './context.ts';
import { OutputColumn } from './output-column.ts';
import { compileProjection } from './projection.ts';
import type { Expr } from './typed.ts';

const NO_ROWS = new Int32Array(0);

/** The value of an expression without inputs, as a column of one row. Throws what evaluating it throws. */
export function constantColumn(expr: Expr, context: ExpressionContext): Column {
  const out = new OutputColumn(expr.type);
  out.begin(1);
  const anyNull = compileProjection(expr, new Map(), false, context)([], NO_ROWS, 1, 1, out);
  return out.column(1, anyNull);
}

/** The value, in the form of `readValue`, of an expression without inputs that needs no context (see `needsContext`). */
export function constantValue(expr: Expr): unknown {
  return readValue(expr.type, constantColumn(expr, NO_CONTEXT), 0);
}
