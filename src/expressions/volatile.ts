import { isVolatile } from './functions/registry.ts';
import type { Expr } from './typed.ts';

/** Whether a call in the expression gives another value each time (RAND): it is evaluated for each row. */
export function isVolatileExpr(expr: Expr): boolean {
  switch (expr.kind) {
    case 'call':
      return isVolatile(expr.fn) || expr.args.some(isVolatileExpr);
    case 'cast':
      return isVolatileExpr(expr.arg);
    case 'case':
      return (
        isVolatileExpr(expr.otherwise) || expr.branches.some((b) => isVolatileExpr(b.when) || isVolatileExpr(b.then))
      );
    default:
      return false;
  }
}
