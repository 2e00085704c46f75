import { BOOLEAN, stripAttribute } from '../data/types.ts';
import type { Expr } from '../expressions/typed.ts';
import { commonType, isInterval, withNullable } from '../expressions/types/common-type.ts';
import { isDateTime } from '../expressions/types/time-types.ts';
import type * as ast from '../sql/ast.ts';
import { arithmetic, booleanCall, cannotApply, comparison } from './bind-operators.ts';
import { coerce } from './coerce.ts';
import { problem } from './problem.ts';

/** What a pair is called in the tree. */
const PAIRS: readonly string[] = ['(a, b) as a row', 'ROW(..)'];

interface Period {
  readonly start: Expr;
  readonly end: Expr;
}

/**
 * `(a, b) OVERLAPS (c, d)`: whether the periods have an instant in common; b and d are times or intervals. A period is a
 * pair, also as `PERIOD (a, b)` or `ROW(a, b)`; a NULL on the right makes it NULL.
 */
export function bindOverlaps(node: ast.OtherExpr, bind: (expression: ast.Expression) => Expr): Expr {
  const [left, right] = node.args.map((side, i) => (i > 0 && isNull(side) ? undefined : period(side, bind)));
  if (left === undefined || right === undefined) return { kind: 'literal', value: null, type: BOOLEAN };
  if (left.start.type.kind !== right.start.type.kind) {
    throw cannotApply('OVERLAPS', [left.start, left.end, right.start, right.end], node.position);
  }
  const reaches = (a: Period, b: Period): Expr => comparison('>=', a.end, b.start, node.position);
  return booleanCall('AND', [reaches(left, right), reaches(right, left)]);
}

/** The two times of a period, the earlier one first. */
function period(side: ast.Expression, bind: (expression: ast.Expression) => Expr): Period {
  const { position } = side;
  if (side.kind !== 'other-expr' || !PAIRS.includes(side.feature) || side.args.length !== 2) {
    throw problem('type-mismatch', 'OVERLAPS takes periods: (start, end) or (start, interval)', position);
  }
  const [from, second] = side.args.map(bind);
  const to = isDateTime(from.type) && isInterval(second.type) ? arithmetic('+', from, second, position) : second;
  if (!isDateTime(from.type) || to.type.kind !== from.type.kind)
    throw cannotApply('OVERLAPS', [from, second], position);
  const common = commonType([from.type, to.type]);
  if (common === undefined) throw cannotApply('OVERLAPS', [from, second], position);
  const type = stripAttribute(withNullable(common, from.type.nullable || to.type.nullable));
  const inOrder = comparison('<=', from, to, position);
  const choose = (then: Expr, otherwise: Expr): Expr => ({
    kind: 'case',
    branches: [{ when: inOrder, then: coerce(then, type) }],
    otherwise: coerce(otherwise, type),
    type,
  });
  return { start: choose(from, to), end: choose(to, from) };
}

function isNull(side: ast.Expression): boolean {
  return side.kind === 'literal' && side.type === 'null';
}
