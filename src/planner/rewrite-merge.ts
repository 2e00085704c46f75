import { unreachable } from '../data/errors.ts';
import type { Expr } from '../expressions/typed.ts';
import { coerce } from './coerce.ts';
import { and, mapInputs, visitInputs } from './expression-tools.ts';
import type { Calc, LogicalNode } from './logical.ts';

/** Merges neighbouring calcs and drops those that change nothing. */
export function mergeCalcs(node: LogicalNode): LogicalNode {
  switch (node.kind) {
    case 'scan':
      return node;
    case 'calc':
      return mergeCalc({ ...node, input: mergeCalcs(node.input) });
    case 'window-table':
    case 'window-aggregate':
    case 'group-aggregate':
    case 'limit':
    case 'sort':
    case 'expand':
    case 'unnest':
      return { ...node, input: mergeCalcs(node.input) };
    case 'set-operation':
      return { ...node, inputs: [mergeCalcs(node.inputs[0]), mergeCalcs(node.inputs[1])] };
    case 'union':
      return { ...node, inputs: node.inputs.map(mergeCalcs) };
    default:
      return unreachable(node);
  }
}

function mergeCalc(calc: Calc): LogicalNode {
  const { input } = calc;
  if (input.kind !== 'calc' || computesTwice(calc, input.projections)) {
    // A calc over a scan stays: it says which columns are read.
    return input.kind !== 'scan' && isIdentity(calc, input.schema.length) ? input : calc;
  }
  const through = (expr: Expr): Expr => substitute(expr, input.projections);
  return mergeCalc({
    kind: 'calc',
    input: input.input,
    filter: and(input.filter, calc.filter === undefined ? undefined : through(calc.filter)),
    projections: calc.projections.map(through),
    schema: calc.schema,
  });
}

export function substitute(expr: Expr, projections: readonly Expr[]): Expr {
  const moved = mapInputs(expr, (ref) => projections[ref.index]);
  // INSERT casts columns: over a literal the cast can be done now.
  return moved.kind === 'cast' && !moved.tryCast && moved.arg.kind === 'literal'
    ? coerce(moved.arg, moved.type)
    : moved;
}

export function isIdentity(
  calc: { readonly filter: Expr | undefined; readonly projections: readonly Expr[] },
  width: number,
): boolean {
  return (
    calc.filter === undefined &&
    calc.projections.length === width &&
    calc.projections.every((expr, i) => expr.kind === 'input' && expr.index === i)
  );
}

/** Putting an expression in for two uses of its column would compute it twice. */
export function computesTwice(
  calc: { readonly filter: Expr | undefined; readonly projections: readonly Expr[] },
  below: readonly Expr[],
): boolean {
  const uses = new Map<number, number>();
  for (const expr of [...calc.projections, ...(calc.filter === undefined ? [] : [calc.filter])]) {
    visitInputs(expr, (ref) => uses.set(ref.index, (uses.get(ref.index) ?? 0) + 1));
  }
  return [...uses].some(
    ([column, count]) => count > 1 && below[column].kind !== 'input' && below[column].kind !== 'literal',
  );
}
