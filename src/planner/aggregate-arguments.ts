import { DOUBLE, type SqlType } from '../data/types.ts';
import { JSON_MAKERS } from '../expressions/functions/json/text.ts';
import { functionNamed } from '../expressions/functions/registry.ts';
import { isInteger, isNumeric, isString, withNullable } from '../expressions/types/common-type.ts';
import type { AggregateCall, Expr } from '../expressions/typed.ts';
import type * as ast from '../sql/ast.ts';
import type { BoundAggregate } from './aggregate-calls.ts';
import { bindExpression, type BindContext } from './bind-expression.ts';
import { bindCall } from './bind-function.ts';
import { cannotApply, illegalNull, shown } from './bind-operators.ts';
import { coerce, isNullLiteral } from './coerce.ts';
import { problem, unsupported } from './problem.ts';

type Parts = Omit<BoundAggregate, 'fn' | 'filter'>;

/** Flink's type of JSON that an aggregate makes. No text is cut to it. */
const JSON_TEXT: SqlType = { kind: 'VARCHAR', length: 2000, nullable: false };

/** JSON_ARRAYAGG(value) and JSON_OBJECTAGG(KEY key VALUE value): the values become JSON text before the aggregation. */
export function bindJsonAggregate(
  fn: 'JSON_ARRAYAGG' | 'JSON_OBJECTAGG',
  call: ast.FunctionCall,
  context: BindContext,
): Parts {
  const args = call.args.map((arg) => bindExpression(arg, context));
  const value = jsonText(args[args.length - 1], call.args[args.length - 1]);
  const common = { distinct: false, type: JSON_TEXT };
  if (fn === 'JSON_ARRAYAGG') return { ...common, arg: value, keepNulls: call.onNull === 'null' };
  const [key] = args;
  if (!isString(key.type)) throw cannotApply(fn, args, call.position);
  return { ...common, arg: key, second: value, keepNulls: call.onNull !== 'absent' };
}

function jsonText(value: Expr, { position }: ast.Expression): Expr {
  if (isNullLiteral(value)) throw illegalNull(position);
  if (value.kind === 'call' && JSON_MAKERS.includes(value.fn)) return value;
  return bindCall(functionNamed('JSON_STRING'), [value], { name: 'JSON_STRING', position });
}

/** PERCENTILE(number, percentage [, frequency]), `value` being the number. */
export function bindPercentile(value: Expr, call: ast.FunctionCall, context: BindContext): Parts {
  const [, percentageAst, frequencyAst] = call.args as readonly (ast.Expression | undefined)[];
  const arg = isNullLiteral(value) ? coerce(value, DOUBLE) : value;
  if (!isNumeric(arg.type)) throw cannotApply('PERCENTILE', [arg], call.position);
  if (percentageAst === undefined) throw new Error('the arguments were counted');
  const percentages = percentagesOf(bindExpression(percentageAst, context), percentageAst);
  const common = { arg, distinct: call.distinct, ...percentages };
  if (frequencyAst === undefined) return common;
  const frequency = bindExpression(frequencyAst, context);
  if (!isInteger(frequency.type)) {
    const message = `The frequency of PERCENTILE must be an integer, but is ${shown(frequency.type)}`;
    throw problem('type-mismatch', message, frequencyAst.position);
  }
  if (call.distinct) throw unsupported('PERCENTILE(DISTINCT ..) with a frequency', call.position);
  return { ...common, second: frequency };
}

function percentagesOf(given: Expr, { position }: ast.Expression): Pick<AggregateCall, 'type' | 'percentages'> {
  const isArray = given.kind === 'call' && given.fn === 'ARRAY';
  const percentages = (isArray ? given.args : [given]).map((expr) => {
    const number = constantNumber(expr);
    if (number !== undefined && number >= 0 && number <= 1) return number;
    const what = number === undefined ? shown(expr.type) : String(number);
    const expected = 'a constant number from 0 to 1 or an ARRAY[..] of such';
    throw problem('type-mismatch', `The percentage of PERCENTILE must be ${expected}, but is ${what}`, position);
  });
  const type: SqlType = isArray ? { kind: 'ARRAY', element: withNullable(DOUBLE, true), nullable: true } : DOUBLE;
  return { type: withNullable(type, true), percentages };
}

/** A literal number, whatever numeric type it was cast to; undefined for what is none. */
function constantNumber(expr: Expr): number | undefined {
  if (expr.kind === 'cast' && isNumeric(expr.type)) return constantNumber(expr.arg);
  if (expr.kind !== 'literal' || expr.value === null || !isNumeric(expr.type)) return undefined;
  return expr.type.kind === 'DECIMAL' ? Number(`${String(expr.value)}e-${expr.type.scale}`) : Number(expr.value);
}
