import type { SourcePosition } from '../data/errors.ts';
import { unreachable } from '../data/errors.ts';
import { stripAttribute } from '../data/types.ts';
import { commonType, isTimestamp } from '../expressions/types/common-type.ts';
import type { Expr } from '../expressions/typed.ts';
import type * as ast from '../sql/ast.ts';
import { distinct } from './aggregate-builder.ts';
import { shown } from './bind-operators.ts';
import { coerce } from './coerce.ts';
import type { LogicalNode } from './logical.ts';
import { refs } from './logical-tools.ts';
import { problem } from './problem.ts';

/** UNION, INTERSECT and EXCEPT of bound queries: columns by position, at their common types. */
export function bindSetOperation(node: ast.SetOperation, left: LogicalNode, right: LogicalNode): LogicalNode {
  const name = node.all ? `${node.op} ALL` : node.op;
  const schema = commonSchema(name, left, right, node.right.position);
  const [a, b] = [align(left, schema), align(right, schema)];
  switch (node.op) {
    case 'UNION': {
      const union: LogicalNode = { kind: 'union', inputs: [...flatten(a), ...flatten(b)], schema };
      return node.all ? union : distinct(union);
    }
    case 'INTERSECT':
    case 'EXCEPT':
      return { kind: 'set-operation', op: node.op, all: node.all, inputs: [a, b], schema: plainTimes(schema) };
    default:
      return unreachable(node.op);
  }
}

function commonSchema(
  name: string,
  left: LogicalNode,
  right: LogicalNode,
  position: SourcePosition,
): LogicalNode['schema'] {
  if (left.schema.length !== right.schema.length) {
    throw problem(
      'column-count',
      `Column count mismatch in ${name}: ${left.schema.length} and ${right.schema.length}`,
      position,
    );
  }
  return left.schema.map((field, i) => {
    const other = right.schema[i].type;
    const type = commonType([field.type, other]);
    if (type === undefined) {
      throw problem(
        'type-mismatch',
        `Type mismatch in column ${i + 1} of ${name}: ${shown(field.type)} and ${shown(other)}`,
        position,
      );
    }
    return { name: field.name, type };
  });
}

/** Casts the columns to the common types where they differ. */
function align(input: LogicalNode, schema: LogicalNode['schema']): LogicalNode {
  const projections: readonly Expr[] = refs(input.schema).map((ref, i) => coerce(ref, schema[i].type));
  const same = projections.every((expr, i) => expr.kind === 'input' && attribute(expr) === attribute(schema[i]));
  if (same) return input;
  return { kind: 'calc', input, filter: undefined, projections, schema };
}

function attribute(value: { readonly type: Expr['type'] }): string | undefined {
  return isTimestamp(value.type) ? value.type.attribute : undefined;
}

function plainTimes(schema: LogicalNode['schema']): LogicalNode['schema'] {
  return schema.map(({ name, type }) => ({ name, type: stripAttribute(type) }));
}

function flatten(input: LogicalNode): readonly LogicalNode[] {
  return input.kind === 'union' ? input.inputs : [input];
}
