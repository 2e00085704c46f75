import { unreachable } from '../data/errors.ts';
import { STRING, stripAttribute, type SqlType } from '../data/types.ts';
import type * as ast from '../sql/ast.ts';
import type { AggregateCall, AggregateName, Expr } from '../expressions/typed.ts';
import { bindJsonAggregate, bindPercentile } from './aggregate-arguments.ts';
import { bindCondition, bindExpression, type BindContext } from './bind-expression.ts';
import { cannotApply, illegalNull, shown } from './bind-operators.ts';
import { isNullLiteral } from './coerce.ts';
import { aggregateOfName } from './function-names.ts';
import { problem, unsupported } from './problem.ts';
import { isBinary, isNested, isNumeric, isString, withNullable } from '../expressions/types/common-type.ts';

/** An aggregate over expressions of the input, before these become columns. */
export interface BoundAggregate extends Omit<AggregateCall, 'arg' | 'second' | 'filter'> {
  readonly arg: Expr | undefined;
  readonly second?: Expr;
  readonly filter: Expr | undefined;
}

export function isAggregate(expression: ast.Expression): expression is ast.FunctionCall {
  return expression.kind === 'function' && aggregateOfName(expression.name.toUpperCase()) !== undefined;
}

/** The outermost aggregate calls, in the order of the text. */
export function aggregatesIn(expression: ast.Expression): readonly ast.FunctionCall[] {
  if (isAggregate(expression)) return [expression];
  return children(expression).flatMap(aggregatesIn);
}

/** Has an aggregate, or a GROUPING function, which like one is judged above the groups. */
export function containsAggregate(expression: ast.Expression): boolean {
  return isAggregate(expression) || isGrouping(expression) || children(expression).some(containsAggregate);
}

/** GROUPING, GROUPING_ID, GROUP_ID. */
export function isGrouping(expression: ast.Expression): expression is ast.FunctionCall {
  return expression.kind === 'function' && /^(GROUPING|GROUPING_ID|GROUP_ID)$/i.test(expression.name);
}

/** An aggregate call with Flink's result type; `grouped` is false for a global aggregate. */
export function bindAggregate(call: ast.FunctionCall, context: BindContext, grouped: boolean): BoundAggregate {
  const name = call.name.toUpperCase();
  const fn = aggregateOfName(name);
  if (fn === undefined) throw new Error(`not an aggregate: ${name}`);
  if (call.over) throw unsupported(`OVER (${name})`, call.position);
  const inside: BindContext = { column: context.column, clause: 'an aggregate function' };
  const filter =
    call.filter === undefined
      ? undefined
      : bindCondition(call.filter, { column: context.column, clause: 'FILTER' }, 'The condition of FILTER');
  if (call.star) {
    if (fn !== 'COUNT' || call.distinct)
      throw problem(
        'type-mismatch',
        `${name}(${call.distinct ? 'DISTINCT ' : ''}*) is not valid; only COUNT(*) is`,
        call.position,
      );
    return { fn, arg: undefined, distinct: false, filter, type: { kind: 'BIGINT', nullable: false } };
  }
  checkArgumentCount(call, fn);
  if (call.nulls !== undefined && fn !== 'ARRAY_AGG') {
    throw unsupported(`${name} .. ${call.nulls.toUpperCase()} NULLS`, call.position);
  }
  if (fn === 'JSON_ARRAYAGG' || fn === 'JSON_OBJECTAGG') return { fn, filter, ...bindJsonAggregate(fn, call, inside) };
  const arg = bindExpression(call.args[0], inside);
  if (fn === 'PERCENTILE') return { fn, filter, ...bindPercentile(arg, call, inside) };
  if (isNullLiteral(arg)) throw illegalNull(call.args[0].position);
  const mayHaveNoValue = arg.type.nullable || filter !== undefined;
  // As in Flink, which says of lists alone that a group without keys has at least one row too.
  const nullable = mayHaveNoValue || (!grouped && fn !== 'LISTAGG' && fn !== 'ARRAY_AGG');
  const type = resultType(fn, arg, nullable, call);
  // Counting NOT NULL values is counting rows; MIN and MAX do not care for duplicates.
  const countsRows = fn === 'COUNT' && !call.distinct && !arg.type.nullable;
  const distinct = call.distinct && fn !== 'MIN' && fn !== 'MAX';
  const bound = { fn, arg: countsRows ? undefined : arg, distinct, filter, type };
  if (fn === 'ARRAY_AGG' && call.nulls === 'ignore') return { ...bound, ignoreNulls: true };
  return fn === 'LISTAGG' ? { ...bound, separator: separatorOf(call, inside) } : bound;
}

const ARGUMENT_COUNTS: Partial<Readonly<Record<AggregateName, readonly [least: number, most: number]>>> = {
  LISTAGG: [1, 2],
  JSON_OBJECTAGG: [2, 2],
  PERCENTILE: [2, 3],
};

function checkArgumentCount(call: ast.FunctionCall, fn: AggregateName): void {
  const [least, most] = ARGUMENT_COUNTS[fn] ?? [1, 1];
  if (call.args.length >= least && call.args.length <= most) return;
  if (fn === 'COUNT' && call.args.length > 1) throw unsupported('COUNT of more than one expression', call.position);
  const expected = least < most ? `${least} or ${most} arguments` : least === 1 ? '1 argument' : `${least} arguments`;
  throw problem(
    'type-mismatch',
    `${call.name.toUpperCase()} takes ${expected}, but ${call.args.length} given`,
    call.position,
  );
}

/** The separator of LISTAGG, which must be a literal. */
function separatorOf(call: ast.FunctionCall, context: BindContext): string {
  if (call.args.length < 2) return ',';
  const separator = bindExpression(call.args[1], context);
  if (separator.kind === 'literal' && typeof separator.value === 'string' && isString(separator.type)) {
    return separator.value;
  }
  throw problem(
    'type-mismatch',
    `The separator of LISTAGG must be a string literal, but is ${shown(separator.type)}`,
    call.args[1].position,
  );
}

function resultType(name: PlainAggregate, arg: Expr, nullable: boolean, call: ast.FunctionCall): SqlType {
  const type = stripAttribute(arg.type);
  switch (name) {
    case 'COUNT':
      return { kind: 'BIGINT', nullable: false };
    case 'SUM':
    case 'AVG':
    case 'STDDEV_POP':
    case 'VAR_POP':
      if (!isNumeric(type)) throw cannotApply(call.name.toUpperCase(), [arg], call.position);
      return withNullable(numericResult(name, type), nullable || type.kind === 'DECIMAL');
    case 'STDDEV_SAMP':
    case 'VAR_SAMP':
      // One row has no sample variance.
      if (!isNumeric(type)) throw cannotApply(call.name.toUpperCase(), [arg], call.position);
      return withNullable(numericResult(name, type), true);
    case 'MIN':
    case 'MAX':
      if (isNested(type) || isBinary(type)) throw cannotApply(name, [arg], call.position);
      return withNullable(type, nullable);
    case 'LISTAGG':
      if (!isString(type)) throw cannotApply(name, [arg], call.position);
      return withNullable(STRING, nullable);
    case 'ARRAY_AGG':
      return { kind: 'ARRAY', element: type, nullable };
    case 'COLLECT':
      return { kind: 'MULTISET', element: type, nullable: false };
    case 'FIRST_VALUE':
    case 'LAST_VALUE':
      return withNullable(type, nullable);
    default:
      return unreachable(name);
  }
}

type PlainAggregate = Exclude<AggregateName, 'JSON_ARRAYAGG' | 'JSON_OBJECTAGG' | 'PERCENTILE'>;

/** SUM, AVG and the variances have the type of their argument, but for DECIMAL. */
function numericResult(name: AggregateName, type: SqlType): SqlType {
  if (type.kind !== 'DECIMAL') return type;
  return {
    kind: 'DECIMAL',
    precision: 38,
    scale: name === 'SUM' ? type.scale : Math.max(6, type.scale),
    nullable: true,
  };
}

function children(expression: ast.Expression): readonly ast.Expression[] {
  const present = (...list: readonly (ast.Expression | undefined)[]): readonly ast.Expression[] =>
    list.filter((e) => e !== undefined);
  switch (expression.kind) {
    case 'column':
    case 'literal':
    case 'interval':
    case 'time-unit':
      return [];
    case 'unary':
    case 'cast':
      return [expression.arg];
    case 'binary':
    case 'time-difference':
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
