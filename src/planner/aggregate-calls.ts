import { unreachable } from '../data/errors.ts';
import { stripAttribute, type SqlType } from '../data/types.ts';
import type * as ast from '../sql/ast.ts';
import type { AggregateName, Expr } from '../expressions/typed.ts';
import { bindCondition, bindExpression, type BindContext } from './bind-expression.ts';
import { cannotApply, illegalNull } from './bind-operators.ts';
import { isNullLiteral } from './coerce.ts';
import { isAggregateName } from './function-names.ts';
import { problem, unsupported } from './problem.ts';
import { isNumeric, withNullable } from '../expressions/types/common-type.ts';

/** An aggregate over expressions of the input, before these become columns. */
export interface BoundAggregate {
  readonly fn: AggregateName;
  readonly arg: Expr | undefined;
  readonly distinct: boolean;
  readonly filter: Expr | undefined;
  readonly type: SqlType;
}

export function isAggregate(expression: ast.Expression): expression is ast.FunctionCall {
  return expression.kind === 'function' && isAggregateName(expression.name.toUpperCase());
}

/** The outermost aggregate calls, in the order of the text. */
export function aggregatesIn(expression: ast.Expression): readonly ast.FunctionCall[] {
  if (isAggregate(expression)) return [expression];
  return children(expression).flatMap(aggregatesIn);
}

export function containsAggregate(expression: ast.Expression): boolean {
  return aggregatesIn(expression).length > 0;
}

/** COUNT, SUM, AVG, MIN, MAX with Flink's result types; `grouped` is false for a global aggregate. */
export function bindAggregate(call: ast.FunctionCall, context: BindContext, grouped: boolean): BoundAggregate {
  const name = call.name.toUpperCase();
  if (!isAggregateName(name)) throw new Error(`not an aggregate: ${name}`);
  if (call.over) throw unsupported(`OVER (${name})`, call.position);
  const inside: BindContext = { column: context.column, clause: 'an aggregate function' };
  const filter =
    call.filter === undefined
      ? undefined
      : bindCondition(call.filter, { column: context.column, clause: 'FILTER' }, 'The condition of FILTER');
  if (call.star) {
    if (name !== 'COUNT' || call.distinct)
      throw problem(
        'type-mismatch',
        `${name}(${call.distinct ? 'DISTINCT ' : ''}*) is not valid; only COUNT(*) is`,
        call.position,
      );
    return { fn: name, arg: undefined, distinct: false, filter, type: { kind: 'BIGINT', nullable: false } };
  }
  if (call.args.length !== 1) {
    if (name === 'COUNT' && call.args.length > 1) throw unsupported('COUNT of more than one expression', call.position);
    throw problem('type-mismatch', `${name} takes 1 argument, but ${call.args.length} given`, call.position);
  }
  const arg = bindExpression(call.args[0], inside);
  if (isNullLiteral(arg)) throw illegalNull(call.args[0].position);
  const nullable = arg.type.nullable || filter !== undefined || !grouped;
  const type = resultType(name, arg, nullable, call);
  // Counting NOT NULL values is counting rows; MIN and MAX do not care for duplicates.
  const countsRows = name === 'COUNT' && !call.distinct && !arg.type.nullable;
  const distinct = call.distinct && name !== 'MIN' && name !== 'MAX';
  return { fn: name, arg: countsRows ? undefined : arg, distinct, filter, type };
}

function resultType(name: AggregateName, arg: Expr, nullable: boolean, call: ast.FunctionCall): SqlType {
  const type = stripAttribute(arg.type);
  switch (name) {
    case 'COUNT':
      if (isCollection(type)) throw unsupported(`COUNT of ${type.kind}`, call.position);
      return { kind: 'BIGINT', nullable: false };
    case 'SUM':
    case 'AVG':
      if (!isNumeric(type)) throw cannotApply(name, [arg], call.position);
      if (type.kind === 'DECIMAL') {
        const scale = name === 'SUM' ? type.scale : Math.max(6, type.scale);
        return { kind: 'DECIMAL', precision: 38, scale, nullable: true };
      }
      return withNullable(type, nullable);
    case 'MIN':
    case 'MAX':
      if (isCollection(type)) throw cannotApply(name, [arg], call.position);
      return withNullable(type, nullable);
    default:
      return unreachable(name);
  }
}

function isCollection(type: SqlType): boolean {
  return type.kind === 'ARRAY' || type.kind === 'MAP' || type.kind === 'MULTISET' || type.kind === 'ROW';
}

function children(expression: ast.Expression): readonly ast.Expression[] {
  const present = (...list: readonly (ast.Expression | undefined)[]): readonly ast.Expression[] =>
    list.filter((e) => e !== undefined);
  switch (expression.kind) {
    case 'column':
    case 'literal':
    case 'interval':
      return [];
    case 'unary':
    case 'cast':
      return [expression.arg];
    case 'binary':
      return [expression.left, expression.right];
    case 'case':
      return present(
        expression.operand,
        ...expression.branches.flatMap((b) => [...b.when, b.then]),
        expression.otherwise,
      );
    case 'function':
      return present(...expression.args, expression.filter);
    case 'between':
      return [expression.arg, expression.low, expression.high];
    case 'in': {
      const list: readonly ast.Expression[] | ast.Query = expression.list;
      return 'kind' in list ? [expression.arg] : [expression.arg, ...list];
    }
    case 'like':
      return present(expression.arg, expression.pattern, expression.escape);
    case 'is':
      return present(expression.arg, expression.other);
    case 'other-expr':
      return expression.args;
    default:
      return unreachable(expression);
  }
}
