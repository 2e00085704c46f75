import { unreachable, type SourcePosition } from '../data/errors.ts';
import type * as ast from '../sql/ast.ts';
import { functionNamed } from '../expressions/functions/registry.ts';
import type { SqlType } from '../data/types.ts';
import type { Expr } from '../expressions/typed.ts';
import { bindCall } from './bind-function.ts';
import { bindCondition, bindExpression, type BindContext } from './bind-expression.ts';
import { booleanCall, booleanTest, cannotApply, comparison, illegalNull } from './bind-operators.ts';
import { coerce, isNullLiteral } from './coerce.ts';
import { problem, unsupported } from './problem.ts';
import { commonType, isString } from '../expressions/types/common-type.ts';

export function bindBetween(node: ast.BetweenExpr, context: BindContext): Expr {
  const arg = bindExpression(node.arg, context);
  const low = bindExpression(node.low, context);
  const high = bindExpression(node.high, context);
  const within = (from: Expr, to: Expr): Expr =>
    booleanCall('AND', [comparison('>=', arg, from, node.position), comparison('<=', arg, to, node.position)]);
  const between = node.symmetric ? booleanCall('OR', [within(low, high), within(high, low)]) : within(low, high);
  return node.negated ? booleanCall('NOT', [between]) : between;
}

export function bindIn(node: ast.InExpr, context: BindContext): Expr {
  if (!Array.isArray(node.list)) throw unsupported('IN with a sub-query', node.position);
  const list: readonly ast.Expression[] = node.list;
  const arg = bindExpression(node.arg, context);
  const candidates = list.map((e) => bindExpression(e, context));
  const typed = candidates.map((candidate, i) => inOperand(arg, candidate, list[i].position));
  const type = commonType([arg, ...typed].map((e) => e.type));
  if (type === undefined) throw cannotApply('IN', [arg, ...candidates], node.position);
  if (type.kind === 'ROW' || losesDigits([arg, ...typed], type)) {
    const any = typed
      .map((candidate, i) => comparison('=', arg, candidate, list[i].position))
      .reduce((a, b) => booleanCall('OR', [a, b]));
    return node.negated ? booleanCall('NOT', [any]) : any;
  }
  const args = [arg, ...typed].map((e) => (isString(type) ? e : coerce(e, type)));
  const call = booleanCall('IN', args);
  return node.negated ? booleanCall('NOT', [call]) : call;
}

/** Whether no DECIMAL holds the values of all. Each pair is compared by itself then, as rows are, field by field. */
function losesDigits(operands: readonly Expr[], common: SqlType): boolean {
  return common.kind === 'DECIMAL' && operands.some(({ type }) => type.kind === 'DECIMAL' && type.scale > common.scale);
}

/** `a = ANY (b, ..)`, `a > ALL (b, ..)` and the like; undefined for other syntax. */
export function bindQuantified(node: ast.OtherExpr, context: BindContext): Expr | undefined {
  const match = /^(=|<>|<|<=|>|>=) (ANY|SOME|ALL)$/.exec(node.feature);
  if (match === null) return undefined;
  const op = match[1] as '=' | '<>' | '<' | '<=' | '>' | '>=';
  const all = match[2] === 'ALL';
  const [left, right] = node.args;
  if (right.kind === 'other-expr' && right.feature === 'a scalar subquery') {
    throw unsupported(`${node.feature} with a sub-query`, node.position);
  }
  const list = right.kind === 'other-expr' && right.feature === '(a, b) as a row' ? right.args : [right];
  const arg = bindExpression(left, context);
  if (!isNullLiteral(arg) && op === (all ? '<>' : '=')) {
    return bindIn({ kind: 'in', negated: all, arg: left, list, position: node.position }, context);
  }
  return list
    .map((item) => comparison(op, arg, bindExpression(item, context), item.position))
    .reduce((a, b) => booleanCall(all ? 'AND' : 'OR', [a, b]));
}

export function bindLike(node: ast.LikeExpr, bind: (expression: ast.Expression) => Expr): Expr {
  const args = [node.arg, node.pattern, ...(node.escape === undefined ? [] : [node.escape])].map(bind);
  const call = bindCall(functionNamed(node.op), args, { name: node.op, position: node.position });
  return node.negated ? booleanCall('NOT', [call]) : call;
}

/** IN compares with `=`: the same pairs of types are refused, and text becomes a date where `=` makes it one. */
function inOperand(arg: Expr, candidate: Expr, position: SourcePosition): Expr {
  if (isNullLiteral(arg)) throw illegalNull(position);
  const equal = comparison('=', arg, candidate, position);
  if (equal.kind !== 'call') return candidate;
  return isString(candidate.type) && !isString(arg.type) ? equal.args[1] : candidate;
}

export function bindIs(node: ast.IsExpr, context: BindContext): Expr {
  const not = node.negated;
  switch (node.test) {
    case 'NULL':
    case 'UNKNOWN': {
      const given = bindExpression(node.arg, context);
      if (node.test === 'UNKNOWN' && isNullLiteral(given)) throw illegalNull(node.arg.position);
      if (isNullLiteral(given)) return { kind: 'literal', value: !not, type: { kind: 'BOOLEAN', nullable: false } };
      const arg = node.test === 'NULL' ? given : bindCondition(node.arg, context, 'The operand of IS UNKNOWN');
      return booleanTest(not ? 'IS NOT NULL' : 'IS NULL', [arg]);
    }
    case 'TRUE':
    case 'FALSE': {
      const arg = bindCondition(node.arg, context, `The operand of IS ${node.test}`);
      return booleanTest(not ? `IS NOT ${node.test}` : `IS ${node.test}`, [arg]);
    }
    case 'DISTINCT FROM': {
      if (node.other === undefined) throw problem('type-mismatch', 'IS DISTINCT FROM needs an operand', node.position);
      const op = not ? 'IS NOT DISTINCT FROM' : 'IS DISTINCT FROM';
      return comparison(op, bindExpression(node.arg, context), bindExpression(node.other, context), node.position);
    }
    default:
      return unreachable(node.test);
  }
}
