import { unreachable } from '../data/errors.ts';
import type { Expr, InputRef } from './typed.ts';

/** The input references of an expression, in the order of the text. */
export function inputsOf(expr: Expr): readonly InputRef[] {
  switch (expr.kind) {
    case 'input':
      return [expr];
    case 'literal':
      return [];
    case 'call':
      return expr.args.flatMap(inputsOf);
    case 'cast':
      return inputsOf(expr.arg);
    case 'case':
      return [
        ...expr.branches.flatMap((branch) => [...inputsOf(branch.when), ...inputsOf(branch.then)]),
        ...inputsOf(expr.otherwise),
      ];
    default:
      return unreachable(expr);
  }
}

export function inputIndexes(exprs: readonly Expr[]): readonly number[] {
  return [...new Set(exprs.flatMap((expr) => inputsOf(expr).map((ref) => ref.index)))].sort((a, b) => a - b);
}
