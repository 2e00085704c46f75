import { unreachable, type SourcePosition } from '../data/errors.ts';
import { BOOLEAN, stripAttribute } from '../data/types.ts';
import type * as ast from '../sql/ast.ts';
import { functionNamed } from '../expressions/functions/registry.ts';
import type { Expr } from '../expressions/typed.ts';
import { arithmetic, booleanCall, cannotApply, comparison, illegalNull, negate, shown } from './bind-operators.ts';
import { bindTimeDifference } from './bind-time.ts';
import { bindCall, bindFunction } from './bind-function.ts';
import { bindBetween, bindIn, bindIs, bindLike, bindQuantified } from './bind-predicates.ts';
import { bindSpecial } from './bind-special.ts';
import { coerce, explicitCast, isNullLiteral } from './coerce.ts';
import { bindInterval, bindLiteral, numberLiteral } from './literals.ts';
import { problem } from './problem.ts';
import { commonType, isNumeric } from '../expressions/types/common-type.ts';

/** Where an expression stands: what its column names mean and what is allowed in it. */
export interface BindContext {
  /** Resolves a column name; throws `unknown-column` or `ambiguous-column`. */
  readonly column: (parts: readonly string[], position: SourcePosition) => Expr;
  /** Takes over an expression before it is bound (group keys and aggregates); undefined: bind it as usual. */
  readonly intercept?: (expression: ast.Expression) => Expr | undefined;
  /** The clause, for the error about an aggregate that may not stand here. */
  readonly clause: string;
}

/** AST to typed expression by Flink's rules; all implicit conversions become casts. */
export function bindExpression(expression: ast.Expression, context: BindContext): Expr {
  const intercepted = context.intercept?.(expression);
  if (intercepted !== undefined) return intercepted;
  const bind = (e: ast.Expression): Expr => bindExpression(e, context);
  switch (expression.kind) {
    case 'column':
      return context.column(expression.parts, expression.position);
    case 'literal':
      return bindLiteral(expression);
    case 'interval':
      return bindInterval(expression);
    case 'time-unit':
      throw problem('type-mismatch', `The unit of time '${expression.unit}' is no value`, expression.position);
    case 'time-difference':
      return bindTimeDifference(expression, bind);
    case 'unary':
      return bindUnary(expression, context);
    case 'binary':
      return bindBinary(expression, context);
    case 'case':
      return bindCase(expression, context);
    case 'cast':
      return explicitCast(bind(expression.arg), expression.type, expression.tryCast, expression.position);
    case 'function':
      return bindFunction(expression, context, bind);
    case 'between':
      return bindBetween(expression, context);
    case 'in':
      return bindIn(expression, context);
    case 'is':
      return bindIs(expression, context);
    case 'like':
      return bindLike(expression, bind);
    case 'other-expr':
      return bindQuantified(expression, context) ?? bindSpecial(expression, bind);
    default:
      return unreachable(expression);
  }
}

/** Binds an expression that must be BOOLEAN (WHERE, HAVING, FILTER, AND, CASE WHEN). */
export function bindCondition(expression: ast.Expression, context: BindContext, where: string): Expr {
  const bound = bindExpression(expression, context);
  if (isNullLiteral(bound)) return coerce(bound, BOOLEAN);
  if (bound.type.kind !== 'BOOLEAN') {
    throw problem('type-mismatch', `${where} must be BOOLEAN, but is ${shown(bound.type)}`, expression.position);
  }
  return bound;
}

function bindUnary(node: ast.UnaryExpr, context: BindContext): Expr {
  if (node.op === 'NOT') return booleanCall('NOT', [bindCondition(node.arg, context, 'The operand of NOT')]);
  if (node.op === '-' && node.arg.kind === 'literal' && node.arg.type === 'number') {
    return numberLiteral(`-${node.arg.text}`, node.position);
  }
  const arg = bindExpression(node.arg, context);
  if (isNullLiteral(arg)) throw illegalNull(node.arg.position);
  if (node.op === '-') return negate(arg, node.position);
  if (!isNumeric(arg.type)) throw cannotApply('+', [arg], node.position);
  return arg;
}

function bindBinary(node: ast.BinaryExpr, context: BindContext): Expr {
  switch (node.op) {
    case 'AND':
    case 'OR': {
      const where = `The operand of ${node.op}`;
      return booleanCall(node.op, [
        bindCondition(node.left, context, where),
        bindCondition(node.right, context, where),
      ]);
    }
    case '||':
      return bindCall(functionNamed('||'), [bindExpression(node.left, context), bindExpression(node.right, context)], {
        name: '||',
        position: node.position,
      });
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return arithmetic(
        node.op,
        bindExpression(node.left, context),
        bindExpression(node.right, context),
        node.position,
      );
    case '=':
    case '<>':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return comparison(
        node.op,
        bindExpression(node.left, context),
        bindExpression(node.right, context),
        node.position,
      );
    default:
      return unreachable(node.op);
  }
}

function bindCase(node: ast.CaseExpression, context: BindContext): Expr {
  const operand = node.operand === undefined ? undefined : bindExpression(node.operand, context);
  const whens = node.branches.map((branch) =>
    branch.when
      .map((when) =>
        operand === undefined
          ? bindCondition(when, context, 'The condition of WHEN')
          : comparison('=', operand, bindExpression(when, context), when.position),
      )
      .reduce((a, b) => booleanCall('OR', [a, b])),
  );
  const thens = node.branches.map((branch) => bindExpression(branch.then, context));
  const otherwise: Expr =
    node.otherwise === undefined
      ? { kind: 'literal', value: null, type: { kind: 'NULL', nullable: true } }
      : bindExpression(node.otherwise, context);
  const type = commonType([...thens, otherwise].map((e) => e.type));
  if (type === undefined) {
    if ([...thens, otherwise].every(isNullLiteral)) throw illegalNull(node.position);
    const types = [...thens, otherwise].map((e) => shown(e.type)).join(', ');
    throw problem('type-mismatch', `Illegal mixing of types in CASE or COALESCE statement: ${types}`, node.position);
  }
  return {
    kind: 'case',
    branches: thens.map((then, i) => ({ when: whens[i], then: coerce(then, type) })),
    otherwise: coerce(otherwise, type),
    // It is computed: no time attribute.
    type: stripAttribute(type),
  };
}
