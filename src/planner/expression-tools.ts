import { unreachable } from '../data/errors.ts';
import { BOOLEAN, type SqlType } from '../data/types.ts';
import type { Expr, InputRef } from '../expressions/typed.ts';

export function inputRef(index: number, type: SqlType): InputRef {
  return { kind: 'input', index, type };
}

/** Replaces every input reference. */
export function mapInputs(expr: Expr, replace: (ref: InputRef) => Expr): Expr {
  switch (expr.kind) {
    case 'input':
      return replace(expr);
    case 'literal':
      return expr;
    case 'call':
      return { ...expr, args: expr.args.map((arg) => mapInputs(arg, replace)) };
    case 'cast':
      return { ...expr, arg: mapInputs(expr.arg, replace) };
    case 'case':
      return {
        ...expr,
        branches: expr.branches.map((b) => ({ when: mapInputs(b.when, replace), then: mapInputs(b.then, replace) })),
        otherwise: mapInputs(expr.otherwise, replace),
      };
    default:
      return unreachable(expr);
  }
}

/** Calls `visit` once for each input reference, in the order of the text. */
export function visitInputs(expr: Expr, visit: (ref: InputRef) => void): void {
  mapInputs(expr, (ref) => {
    visit(ref);
    return ref;
  });
}

export function inputsOf(...exprs: readonly (Expr | undefined)[]): Set<number> {
  const found = new Set<number>();
  for (const expr of exprs) if (expr !== undefined) visitInputs(expr, (ref) => found.add(ref.index));
  return found;
}

export function isConstant(expr: Expr): boolean {
  return inputsOf(expr).size === 0;
}

/** Moves references: column i of the old input is column `map(i)` of the new one. */
export function remap(expr: Expr, map: (index: number) => number): Expr {
  return mapInputs(expr, (ref) => ({ ...ref, index: map(ref.index) }));
}

/** Equal expressions have equal keys. */
export function exprKey(expr: Expr): string {
  return JSON.stringify(expr);
}

export function and(a: Expr | undefined, b: Expr | undefined): Expr | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  const nullable = a.type.nullable || b.type.nullable;
  return { kind: 'call', fn: 'AND', args: [a, b], type: { ...BOOLEAN, nullable } };
}

export function conjuncts(expr: Expr | undefined): readonly Expr[] {
  if (expr === undefined) return [];
  if (expr.kind === 'call' && expr.fn === 'AND') return expr.args.flatMap((arg) => conjuncts(arg));
  return [expr];
}

/** A type that reads the wall clock: PROCTIME() and what forwards it. */
export function isProctime(type: SqlType): boolean {
  return type.kind === 'TIMESTAMP_LTZ' && type.attribute === 'proctime';
}
