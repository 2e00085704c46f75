import { DOUBLE, type SqlType } from '../data/types.ts';
import { constantValue, needsContext } from '../expressions/index.ts';
import { JSON_MAKERS } from '../expressions/functions/json/text.ts';
import { functionNamed } from '../expressions/functions/registry.ts';
import { isInteger, isNumeric, isString } from '../expressions/types/common-type.ts';
import type { AggregateCall, Expr } from '../expressions/typed.ts';
import type * as ast from '../sql/ast.ts';
import type { BoundAggregate } from './aggregate-calls.ts';
import { bindExpression, type BindContext } from './bind-expression.ts';
import { bindCall, placed } from './bind-function.ts';
import { cannotApply, illegalNull, shown } from './bind-operators.ts';
import { coerce, isNullLiteral } from './coerce.ts';
import { isConstant } from './expression-tools.ts';
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

/** A percentage is computed while planning, so it depends on no row, clock or session. */
function percentagesOf(given: Expr, { position }: ast.Expression): Pick<AggregateCall, 'type' | 'percentages'> {
  const { type } = given;
  const isArray = type.kind === 'ARRAY';
  const wrong = (what: string): Error => {
    const expected = 'a constant number from 0 to 1 or an ARRAY[..] of such';
    return problem('type-mismatch', `The percentage of PERCENTILE must be ${expected}, but is ${what}`, position);
  };
  if (!isNumeric(isArray ? type.element : type)) throw wrong(shown(type));
  if (!isConstant(given)) throw wrong(`${shown(type)} that depends on the row`);
  if (needsContext(given)) throw wrong(`${shown(type)} that is not the same for each row and session`);
  const target: SqlType = isArray ? { kind: 'ARRAY', element: DOUBLE, nullable: true } : DOUBLE;
  const value = placed(position, () => constantValue({ kind: 'cast', arg: given, type: target, tryCast: false }));
  const percentages = [value].flat() as readonly (number | null)[];
  const bad = percentages.find((one) => one === null || !(one >= 0 && one <= 1));
  if (bad !== undefined) throw wrong(String(bad ?? 'NULL'));
  return { type: target, percentages: percentages as readonly number[] };
}
