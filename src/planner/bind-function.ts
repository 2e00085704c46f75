import type * as ast from '../sql/ast.ts';
import type { Expr } from '../expressions/typed.ts';
import { bindCondition, type BindContext } from './bind-expression.ts';
import { arithmetic, comparison, illegalNull, shown } from './bind-operators.ts';
import { coerce, isNullLiteral } from './coerce.ts';
import { isAggregateName, isFlinkFunction, SCALAR_FUNCTIONS } from './function-names.ts';
import { didYouMean, listNames, problem, unsupported } from './problem.ts';
import { commonType, withNullable } from './types/common-type.ts';

/** Scalar functions. Aggregates come here only where they may not stand. */
export function bindFunction(
  call: ast.FunctionCall,
  context: BindContext,
  bind: (expression: ast.Expression) => Expr,
): Expr {
  const name = call.name.toUpperCase();
  if (call.over) throw unsupported(`OVER (${name})`, call.position);
  if (isAggregateName(name)) {
    const nested = context.clause === 'an aggregate function';
    throw problem(
      nested ? 'nested-aggregate' : 'aggregate-not-allowed',
      nested
        ? `Aggregate expressions cannot be nested: ${name}`
        : `${name} is an aggregate function; it may not stand in ${context.clause}`,
      call.position,
    );
  }
  switch (name) {
    case 'COALESCE':
      checkArguments(call, 1, Infinity);
      return bindCoalesce(call, call.args.map(bind));
    case 'IFNULL':
      checkArguments(call, 2, 2);
      return bindCoalesce(call, call.args.map(bind));
    case 'IF': {
      checkArguments(call, 3, 3);
      const when = bindCondition(call.args[0], context, 'The condition of IF');
      return choose(call, when, bind(call.args[1]), bind(call.args[2]));
    }
    case 'NULLIF': {
      checkArguments(call, 2, 2);
      const [a, b] = [bind(call.args[0]), bind(call.args[1])];
      const nothing: Expr = { kind: 'literal', value: null, type: { kind: 'NULL', nullable: true } };
      return choose(call, comparison('=', a, b, call.position), nothing, a);
    }
    case 'MOD':
      checkArguments(call, 2, 2);
      return arithmetic('%', bind(call.args[0]), bind(call.args[1]), call.position);
    default:
      throw unknownFunction(call, call.args.map(bind));
  }
}

function bindCoalesce(call: ast.FunctionCall, args: readonly Expr[]): Expr {
  const type = commonOf(call, args);
  const nullable = args.every((arg) => arg.type.nullable);
  const typed = args.map((arg) => coerce(arg, type));
  return { kind: 'call', fn: 'COALESCE', args: typed, type: plain(withNullable(type, nullable)) };
}

function choose(call: ast.FunctionCall, when: Expr, then: Expr, otherwise: Expr): Expr {
  const type = commonOf(call, [then, otherwise]);
  return {
    kind: 'case',
    branches: [{ when, then: coerce(then, type) }],
    otherwise: coerce(otherwise, type),
    type: plain(type),
  };
}

function commonOf(call: ast.FunctionCall, args: readonly Expr[]): Expr['type'] {
  const type = commonType(args.map((arg) => arg.type));
  if (type !== undefined) return type;
  if (args.every(isNullLiteral)) throw illegalNull(call.position);
  const types = args.map((arg) => shown(arg.type)).join(', ');
  throw problem('type-mismatch', `The arguments of ${call.name} have no common type: ${types}`, call.position);
}

function plain(type: Expr['type']): Expr['type'] {
  return type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ'
    ? { kind: type.kind, precision: type.precision, nullable: type.nullable }
    : type;
}

export function checkArguments(call: ast.FunctionCall, least: number, most: number): void {
  const given = call.star ? '*' : `${call.args.length}`;
  const decorated = call.distinct ? 'DISTINCT' : call.filter !== undefined ? 'FILTER' : undefined;
  if (decorated !== undefined) {
    throw problem('type-mismatch', `${decorated} is only for aggregate functions, not ${call.name}`, call.position);
  }
  if (call.star || call.args.length < least || call.args.length > most) {
    const expected = least === most ? `${least}` : `at least ${least}`;
    throw problem('type-mismatch', `${call.name} takes ${expected} argument(s), but ${given} given`, call.position);
  }
}

function unknownFunction(call: ast.FunctionCall, args: readonly Expr[]): Error {
  const name = call.name.toUpperCase();
  if (isFlinkFunction(name)) return unsupported(`The function ${name}`, call.position);
  const signature = `${call.name}(${args.map((arg) => `<${shown(arg.type)}>`).join(', ')})`;
  return problem(
    'unknown-function',
    `No match found for function signature ${signature}.${didYouMean(name, SCALAR_FUNCTIONS)} ` +
      `Supported functions: ${listNames(SCALAR_FUNCTIONS)}`,
    call.position,
  );
}
