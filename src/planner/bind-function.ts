import { HeadwaterError } from '../data/errors.ts';
import type { FunctionDefinition, Resolution } from '../expressions/functions/definition.ts';
import { callableNames, findFunction } from '../expressions/functions/registry.ts';
import type { Expr } from '../expressions/typed.ts';
import type * as ast from '../sql/ast.ts';
import type { BindContext } from './bind-expression.ts';
import { arithmetic, cannotApply, comparison, illegalNull, shown } from './bind-operators.ts';
import { coerce, isNullLiteral } from './coerce.ts';
import { aggregateOfName, AGGREGATES, isFlinkFunction } from './function-names.ts';
import { didYouMean, problem, unsupported } from './problem.ts';

/** A call by name. Aggregates come here only where they may not stand. */
export function bindFunction(
  call: ast.FunctionCall,
  context: BindContext,
  bind: (expression: ast.Expression) => Expr,
): Expr {
  const name = functionName(call);
  if (call.over) throw unsupported(`OVER (${name})`, call.position);
  if (aggregateOfName(name) !== undefined) throw misplacedAggregate(name, call, context);
  if (name === 'JSON') {
    const message = "JSON(..) stands only as a value of JSON_OBJECT or JSON_ARRAY: JSON_OBJECT('a' VALUE JSON(text))";
    throw problem('type-mismatch', message, call.position);
  }
  return bindScalar(name, call, name === 'JSON_ARRAY' ? (arg) => bindJsonValue(arg, bind) : bind);
}

/** A value of JSON_OBJECT or JSON_ARRAY: only there JSON(text) may stand. */
export function bindJsonValue(value: ast.Expression, bind: (expression: ast.Expression) => Expr): Expr {
  const isRaw = value.kind === 'function' && !value.over && functionName(value) === 'JSON';
  return isRaw ? bindScalar('JSON', value, bind) : bind(value);
}

function bindScalar(name: string, call: ast.FunctionCall, bind: (expression: ast.Expression) => Expr): Expr {
  const definition = findFunction(name);
  if (definition === undefined || definition.signatures.length === 0) throw unknownFunction(call, call.args.map(bind));
  checkPlainCall(call);
  return bindCall(definition, bindArguments(definition, call, bind), call);
}

/** The function applied to bound arguments; they are converted to what its signature wants. */
export function bindCall(
  definition: FunctionDefinition,
  args: readonly Expr[],
  at: Pick<ast.FunctionCall, 'name' | 'position'>,
): Expr {
  const { position } = at;
  const resolved = resolve(definition, args);
  if (resolved === undefined) throw mismatch(definition, args, at);
  const typed = args.map((arg, i) => coerce(arg, resolved.params[i]));
  const { kernel } = definition;
  if (kernel.kind === 'rewrite') {
    return kernel.rewrite(typed, {
      equal: (a, b) => comparison('=', a, b, position),
      remainder: (a, b) => arithmetic('%', a, b, position),
    });
  }
  for (const index of definition.constants ?? []) {
    if (index < typed.length && typed[index].kind !== 'literal') {
      throw problem('type-mismatch', `Argument ${index + 1} of ${at.name.toUpperCase()} must be a constant`, position);
    }
  }
  placed(position, () => definition.check?.(typed));
  return { kind: 'call', fn: definition.name, args: typed, type: resolved.result };
}

/** `FLOOR(ts TO DAY)` is another function than FLOOR(number). */
function functionName(call: ast.FunctionCall): string {
  const name = call.name.toUpperCase();
  if (call.args.at(-1)?.kind !== 'time-unit') return name;
  return name === 'FLOOR' ? 'FLOOR TO' : name === 'CEIL' || name === 'CEILING' ? 'CEIL TO' : name;
}

/** A unit of time becomes its name as a literal, where the function has a place for one. */
function bindArguments(
  definition: FunctionDefinition,
  call: ast.FunctionCall,
  bind: (expression: ast.Expression) => Expr,
): readonly Expr[] {
  const place = definition.unit;
  const given = place === undefined ? undefined : call.args[place];
  if (given !== undefined && given.kind !== 'time-unit') {
    throw problem('type-mismatch', `${call.name} takes a unit of time here, such as DAY`, given.position);
  }
  return call.args.map((arg, i) => (i === place && arg.kind === 'time-unit' ? unitLiteral(arg.unit) : bind(arg)));
}

function unitLiteral(unit: string): Expr {
  return { kind: 'literal', value: unit, type: { kind: 'CHAR', length: unit.length, nullable: false } };
}

function resolve(definition: FunctionDefinition, args: readonly Expr[]): Resolution | undefined {
  for (const signature of definition.signatures) {
    const resolved = signature.resolve(args);
    if (resolved !== undefined) return resolved;
  }
  return undefined;
}

function mismatch(
  definition: FunctionDefinition,
  args: readonly Expr[],
  { name, position }: Pick<ast.FunctionCall, 'name' | 'position'>,
): Error {
  if (args.some(isNullLiteral)) return illegalNull(position);
  const forms = definition.signatures.map((signature) => `${name.toUpperCase()}(${signature.shown})`).join(' or ');
  const { message } = cannotApply(name, args, position);
  return problem('type-mismatch', `${message}; it is ${forms}`, position);
}

/** Runs what knows no places, such as a check of the registry; its error gets that of the call. */
export function placed<T>(position: ast.FunctionCall['position'], run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof HeadwaterError) throw problem(error.code, error.message, position);
    throw error;
  }
}

function misplacedAggregate(name: string, call: ast.FunctionCall, context: BindContext): Error {
  const nested = context.clause === 'an aggregate function';
  return problem(
    nested ? 'nested-aggregate' : 'aggregate-not-allowed',
    nested
      ? `Aggregate expressions cannot be nested: ${name}`
      : `${name} is an aggregate function; it may not stand in ${context.clause}`,
    call.position,
  );
}

/** No `*`, DISTINCT or FILTER. */
function checkPlainCall(call: ast.FunctionCall): void {
  const decorated = decorationOf(call);
  if (decorated === undefined) return;
  throw problem('type-mismatch', `${decorated} is only for aggregate functions, not ${call.name}`, call.position);
}

function decorationOf(call: ast.FunctionCall): string | undefined {
  if (call.distinct) return 'DISTINCT';
  if (call.filter !== undefined) return 'FILTER';
  if (call.nulls !== undefined) return `${call.nulls.toUpperCase()} NULLS`;
  return call.star ? '*' : undefined;
}

/** The older form of windows: a function of GROUP BY and those of its bounds. */
const GROUP_WINDOW = /^(TUMBLE|HOP|SESSION)(?:_START|_END|_ROWTIME|_PROCTIME)?$/;

function unknownFunction(call: ast.FunctionCall, args: readonly Expr[]): Error {
  const name = call.name.toUpperCase();
  if (isFlinkFunction(name)) return unsupported(`The function ${name}`, call.position);
  const window = GROUP_WINDOW.exec(name)?.[1];
  if (window !== undefined) {
    return problem(
      'unknown-function',
      `${name} stands beside GROUP BY ${window}(..) only; for window functions in FROM the columns are window_start and window_end`,
      call.position,
    );
  }
  const signature = `${call.name}(${args.map((arg) => `<${shown(arg.type)}>`).join(', ')})`;
  const hint = didYouMean(name, [...callableNames(), ...AGGREGATES]);
  return problem('unknown-function', `No match found for function signature ${signature}.${hint}`, call.position);
}
