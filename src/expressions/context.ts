import { unreachable } from '../data/errors.ts';
import { functionNamed } from './functions/registry.ts';
import { hasZoneCast, movesByMonths } from './session-zone.ts';
import type { Expr } from './typed.ts';
import { isVolatileExpr } from './volatile.ts';

/** What expressions see of the world besides their row. */
export interface ExpressionContext {
  /** Id of the session's time zone (`table.local-time-zone`). */
  readonly zone: string;
  /** Wall clock, epoch milliseconds. Read for each row. */
  readonly now: () => number;
  /** The watermark that the operator has seen, epoch milliseconds; MIN_WATERMARK before the first. */
  readonly watermark: () => number;
}

/** For expressions that need none (see `needsContext`), such as filters in a source. */
export const NO_CONTEXT: ExpressionContext = {
  zone: 'UTC',
  now: () => {
    throw new Error('internal invariant broken: an expression that reads the clock runs without a context');
  },
  watermark: () => {
    throw new Error('internal invariant broken: an expression that reads the watermark runs without a context');
  },
};

/** The expression reads the operator's watermark, so batches must be cut wherever that rises. */
export function readsWatermark(expr: Expr): boolean {
  return some(expr, (e) => e.kind === 'call' && e.fn === 'CURRENT_WATERMARK');
}

/** The expression's value depends on more than its row. */
export function needsContext(expr: Expr): boolean {
  return (
    isVolatileExpr(expr) ||
    some(expr, (e) => movesByMonths(e) || isZonedCall(e) || (e.kind === 'cast' && hasZoneCast(e.arg.type, e.type)))
  );
}

function isZonedCall(expr: Expr): boolean {
  const zoned = expr.kind === 'call' ? functionNamed(expr.fn).zoned : undefined;
  if (expr.kind !== 'call' || zoned === undefined) return false;
  return zoned === 'always' || expr.args.some((arg) => arg.type.kind === 'TIMESTAMP_LTZ');
}

function some(expr: Expr, test: (expr: Expr) => boolean): boolean {
  if (test(expr)) return true;
  switch (expr.kind) {
    case 'input':
    case 'literal':
      return false;
    case 'call':
      return expr.args.some((arg) => some(arg, test));
    case 'cast':
      return some(expr.arg, test);
    case 'case':
      return expr.branches.some((b) => some(b.when, test) || some(b.then, test)) || some(expr.otherwise, test);
    default:
      return unreachable(expr);
  }
}
