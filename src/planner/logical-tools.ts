import { stripAttribute, type Field, type Schema } from '../data/types.ts';
import type { Expr } from '../expressions/typed.ts';
import { inputRef, isProctime } from './expression-tools.ts';
import type { Calc, LogicalNode } from './logical.ts';

export function refs(schema: Schema): readonly Expr[] {
  return schema.map((field, i) => inputRef(i, field.type));
}

export function filterNode(input: LogicalNode, filter: Expr | undefined): LogicalNode {
  if (filter === undefined) return input;
  return { kind: 'calc', input, filter, projections: refs(input.schema), schema: input.schema };
}

export function projectNode(
  input: LogicalNode,
  projections: readonly Expr[],
  names: readonly string[],
  filter: Expr | undefined = undefined,
): Calc {
  const schema = projections.map((expr, i) => ({ name: names[i], type: resultType(expr) }));
  return { kind: 'calc', input, filter, projections, schema };
}

/** Only a forwarded column stays a time attribute, and PROCTIME() is one. */
function resultType(expr: Expr): Field['type'] {
  return expr.kind === 'input' || isProctime(expr.type) ? expr.type : stripAttribute(expr.type);
}

/** Names of a query's columns: later duplicates get digits (`a`, `a0`, `a1`). */
export function uniqueNames(names: readonly string[]): readonly string[] {
  const taken = new Set(names);
  const used = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let i = 0; used.has(unique); i++) {
      const candidate = `${name}${i}`;
      if (!taken.has(candidate) && !used.has(candidate)) unique = candidate;
    }
    used.add(unique);
    return unique;
  });
}

export function rename(node: LogicalNode, names: readonly string[]): LogicalNode {
  if (names.every((name, i) => name === node.schema[i].name)) return node;
  return projectNode(node, refs(node.schema), names);
}
