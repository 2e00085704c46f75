import { unreachable } from '../data/errors.ts';
import type { SqlType } from '../data/types.ts';
import { functionNamed } from './functions/registry.ts';
import type { Call, CastExpr, Expr } from './typed.ts';

/**
 * Whether every value of the expression is one number, boolean or 64-bit integer, computed in the loop itself without
 * calls of functions: then the loop is short, and several rows a pass are worth while.
 */
export function isPrimitive(expr: Expr): boolean {
  if (!isWord(expr.type)) return false;
  switch (expr.kind) {
    case 'input':
    case 'literal':
      return true;
    case 'call': {
      const { kind } = functionNamed(expr.fn).kernel;
      return (kind === 'emit' || kind === 'inline') && expr.args.every(isPrimitive);
    }
    case 'cast':
      return isPrimitive(expr.arg);
    case 'case':
      return (
        expr.branches.every((branch) => isPrimitive(branch.when) && isPrimitive(branch.then)) &&
        isPrimitive(expr.otherwise)
      );
    default:
      return unreachable(expr);
  }
}

function isWord(type: SqlType): boolean {
  switch (type.kind) {
    case 'BOOLEAN':
    case 'DATE':
    case 'TIME':
    case 'INTERVAL_YEAR_MONTH':
    case 'INTERVAL_DAY_TIME':
      return true;
    case 'DECIMAL':
      return type.precision <= 18;
    default:
      return isMachineNumber(type);
  }
}

const TOTAL = new Set(['+', '-', '*', 'NEGATE', '=', '<>', '<', '<=', '>', '>=', 'NOT', 'ABS', 'GREATEST', 'LEAST']);
const OF_DOUBLES = new Set(['/', '%', 'SQRT', 'FLOOR', 'CEIL', 'EXP', 'LN', 'LOG10']);

/**
 * Whether the expression is NULL exactly where one of its inputs is, and can be computed on whatever lies under a
 * NULL: then values need no test of a NULL, and bitmaps are joined a byte at a time.
 */
export function isTotal(expr: Expr): boolean {
  switch (expr.kind) {
    case 'input':
      return expr.type.kind === 'BOOLEAN' || isMachineNumber(expr.type);
    case 'literal':
      return expr.value !== null && (expr.type.kind === 'BOOLEAN' || isMachineNumber(expr.type));
    case 'call':
      return isTotalCall(expr) && expr.args.every(isTotal);
    case 'cast':
      return isTotalCast(expr) && isTotal(expr.arg);
    case 'case':
      return false;
    default:
      return unreachable(expr);
  }
}

function isTotalCall({ fn, type }: Call): boolean {
  if (type.kind !== 'BOOLEAN' && !isMachineNumber(type)) return false;
  return TOTAL.has(fn) || (OF_DOUBLES.has(fn) && (type.kind === 'DOUBLE' || type.kind === 'FLOAT'));
}

/** Casts among numbers wrap around or saturate: none fails. */
function isTotalCast({ arg, type }: CastExpr): boolean {
  return isMachineNumber(type) && isMachineNumber(arg.type);
}

function isMachineNumber(type: SqlType): boolean {
  switch (type.kind) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
    case 'FLOAT':
    case 'DOUBLE':
      return true;
    default:
      return false;
  }
}
