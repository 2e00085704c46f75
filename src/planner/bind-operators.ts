import type { SourcePosition } from '../data/errors.ts';
import { formatType, INT, stripAttribute, type SqlType } from '../data/types.ts';
import type { Expr, OperatorName } from '../expressions/typed.ts';
import { coerce, isNullLiteral } from './coerce.ts';
import { isConstant } from './expression-tools.ts';
import { problem } from './problem.ts';
import {
  commonNumeric,
  commonType,
  isApproximate,
  isInteger,
  isInterval,
  isNumeric,
  isString,
  isTimestamp,
  withNullable,
} from '../expressions/types/common-type.ts';
import { isDateTime } from '../expressions/types/time-types.ts';
import { commonDecimal, decimalResult, decimalSize, decimalType } from '../expressions/types/decimal.ts';

type Arithmetic = '+' | '-' | '*' | '/' | '%';
type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=' | 'IS DISTINCT FROM' | 'IS NOT DISTINCT FROM';

const NESTED: readonly string[] = ['ARRAY', 'MAP', 'MULTISET', 'ROW'];

export function booleanCall(fn: OperatorName, args: readonly Expr[]): Expr {
  return { kind: 'call', fn, args, type: { kind: 'BOOLEAN', nullable: args.some((arg) => arg.type.nullable) } };
}

/** A test that is never NULL. */
export function booleanTest(fn: OperatorName, args: readonly Expr[]): Expr {
  return { kind: 'call', fn, args, type: { kind: 'BOOLEAN', nullable: false } };
}

/** `a op b` with Flink's promotion and result types; operands get explicit casts. */
export function arithmetic(op: Arithmetic, left: Expr, right: Expr, position: SourcePosition): Expr {
  if (isInterval(left.type) || isInterval(right.type)) return withInterval(op, left, right, position);
  if (isNullLiteral(left) || isNullLiteral(right)) throw illegalNull(position);
  const [a, b] = [left, right];
  if (!isNumeric(a.type) || !isNumeric(b.type)) throw cannotApply(op, [a, b], position);
  if ((op === '/' || op === '%') && isZero(b) && isConstant(a) && !(op === '%' && isInteger(a.type))) {
    throw problem('division-by-zero', 'Division by zero', position);
  }
  if (op === '%' && (isApproximate(a.type) || isApproximate(b.type))) throw cannotApply(op, [a, b], position);
  const sizeA = decimalSize(a.type);
  const sizeB = decimalSize(b.type);
  if ((a.type.kind === 'DECIMAL' || b.type.kind === 'DECIMAL') && sizeA !== undefined && sizeB !== undefined) {
    const result = decimalResult(op, sizeA, sizeB);
    // Where 38 digits are not enough, overflow gives NULL whatever the operands are.
    const nullable = a.type.nullable || b.type.nullable || !result.exact;
    const args = [coerce(a, decimalType(sizeA, false)), coerce(b, decimalType(sizeB, false))];
    const call: Expr = { kind: 'call', fn: op, args, type: decimalType(result, nullable) };
    return op === '%' && sizeA.scale === 0 && sizeB.scale === 0 ? coerce(call, b.type) : call;
  }
  const nullable = a.type.nullable || b.type.nullable;
  // Flink: of FLOAT and DOUBLE the left one decides.
  const approximate = isApproximate(a.type) && isApproximate(b.type);
  const common = approximate ? withNullable(a.type, nullable) : commonNumeric(a.type, b.type);
  const call: Expr = { kind: 'call', fn: op, args: [coerce(a, common), coerce(b, common)], type: common };
  return op === '%' && isInteger(b.type) ? coerce(call, b.type) : call;
}

export function negate(arg: Expr, position: SourcePosition): Expr {
  if (isNullLiteral(arg)) throw illegalNull(position);
  if (arg.kind === 'literal' && isInterval(arg.type)) {
    const value = typeof arg.value === 'number' ? 0 - arg.value : String(-BigInt(String(arg.value)));
    return { ...arg, value };
  }
  if (!isNumeric(arg.type) && !isInterval(arg.type)) throw cannotApply('-', [arg], position);
  return { kind: 'call', fn: 'NEGATE', args: [arg], type: stripAttribute(arg.type) };
}

/** `a op b` as BOOLEAN; both sides get one type. Strings compare with numbers only through an explicit CAST. */
export function comparison(op: Comparison, left: Expr, right: Expr, position: SourcePosition): Expr {
  const fields = op === '=' || op === '<>' ? comparedFields(left, right, position) : undefined;
  if (fields !== undefined) return op === '=' ? fields : booleanCall('NOT', [fields]);
  const [a, b] = comparable(op, ...typedNulls(left, right), position);
  const distinct = op === 'IS DISTINCT FROM' || op === 'IS NOT DISTINCT FROM';
  return distinct ? booleanTest(op, [a, b]) : booleanCall(op, [a, b]);
}

function comparable(op: Comparison, a: Expr, b: Expr, position: SourcePosition): readonly [Expr, Expr] {
  if (isNumeric(a.type) && isNumeric(b.type)) return comparableNumbers(a, b);
  if (isString(a.type) && isString(b.type)) return [a, b];
  if (isString(a.type) && isNumeric(b.type)) throw stringWithNumber(b.type, a.type, position);
  if (isNumeric(a.type) && isString(b.type)) throw stringWithNumber(a.type, b.type, position);
  const equality = op !== '<' && op !== '<=' && op !== '>' && op !== '>=';
  if (isDateTime(a.type) && isString(b.type) && (equality || b.kind === 'literal')) return [a, readAs(b, a.type)];
  if (isString(a.type) && isDateTime(b.type) && (equality || a.kind === 'literal')) return [readAs(a, b.type), b];
  if (isTimestamp(a.type) && isTimestamp(b.type)) {
    // A local time compares with an instant as the instant that it is in the session's zone.
    const instant = a.type.kind === 'TIMESTAMP_LTZ' ? a.type : b.type;
    const common = { ...instant, precision: Math.max(a.type.precision, b.type.precision) };
    return [coerce(a, common), coerce(b, common)];
  }
  if (!equality && NESTED.includes(a.type.kind)) throw cannotApply(op, [a, b], position);
  const common = commonType([a.type, b.type]);
  if (common === undefined) throw cannotApply(op, [a, b], position);
  return [coerce(a, common), coerce(b, common)];
}

/** Text as a date or time; NULL where it is none, so that it equals nothing. */
function readAs(text: Expr, type: SqlType): Expr {
  const read = coerce(text, type);
  return read.kind === 'cast' ? { ...read, type: withNullable(read.type, true), tryCast: true } : read;
}

/** ROW(a, b) = ROW(c, d) is a = c AND b = d: NULL where a field is. */
function comparedFields(left: Expr, right: Expr, position: SourcePosition): Expr | undefined {
  if (left.kind !== 'call' || right.kind !== 'call' || left.fn !== 'ROW' || right.fn !== 'ROW') return undefined;
  if (left.args.length !== right.args.length || left.args.length === 0) return undefined;
  return left.args
    .map((arg, i) => comparison('=', arg, right.args[i], position))
    .reduce((a, b) => booleanCall('AND', [a, b]));
}

function comparableNumbers(a: Expr, b: Expr): readonly [Expr, Expr] {
  const sizeA = decimalSize(a.type);
  const sizeB = decimalSize(b.type);
  if (sizeA !== undefined && sizeB !== undefined && !commonDecimal(sizeA, sizeB).exact) {
    // No DECIMAL holds the values of both; they are compared digit by digit whatever their scales are.
    return [coerce(a, decimalType(sizeA, a.type.nullable)), coerce(b, decimalType(sizeB, b.type.nullable))];
  }
  const common = commonNumeric(a.type, b.type);
  return [coerce(a, common), coerce(b, common)];
}

function withInterval(op: Arithmetic, left: Expr, right: Expr, position: SourcePosition): Expr {
  const swap = op === '+' && isInterval(left.type) && !isInterval(right.type);
  const [time, interval] = swap ? [right, left] : [left, right];
  if ((op === '+' || op === '-') && isDateTime(time.type) && isInterval(interval.type)) {
    const type = withNullable(stripAttribute(time.type), time.type.nullable || interval.type.nullable);
    return { kind: 'call', fn: op, args: [time, interval], type };
  }
  const nullable = left.type.nullable || right.type.nullable;
  if ((op === '+' || op === '-') && isInterval(left.type) && left.type.kind === right.type.kind) {
    return { kind: 'call', fn: op, args: [left, right], type: withNullable(left.type, nullable) };
  }
  const factorFirst = op === '*' && isInteger(left.type);
  const [scaled, factor] = factorFirst ? [right, left] : [left, right];
  if ((op === '*' || op === '/') && isInterval(scaled.type) && isInteger(factor.type)) {
    return { kind: 'call', fn: op, args: [scaled, factor], type: withNullable(scaled.type, nullable) };
  }
  throw cannotApply(op, [left, right], position);
}

/** An untyped NULL takes the type of the other side; where both are, what they are does not matter. */
function typedNulls(left: Expr, right: Expr): readonly [Expr, Expr] {
  if (isNullLiteral(left) && isNullLiteral(right)) return [coerce(left, INT), coerce(right, INT)];
  if (isNullLiteral(left)) return [coerce(left, right.type), right];
  if (isNullLiteral(right)) return [left, coerce(right, left.type)];
  return [left, right];
}

function isZero(expr: Expr): boolean {
  return expr.kind === 'literal' && expr.value !== null && !isString(expr.type) && Number(expr.value) === 0;
}

export function illegalNull(position: SourcePosition): Error {
  return problem(
    'type-mismatch',
    "Illegal use of 'NULL': its type is not known here; write CAST(NULL AS type)",
    position,
  );
}

function stringWithNumber(number: SqlType, text: SqlType, position: SourcePosition): Error {
  return problem(
    'type-mismatch',
    `Implicit type conversion between ${shown(number)} and ${shown(text)} is not supported; CAST one of them`,
    position,
  );
}

export function cannotApply(name: string, args: readonly Expr[], position: SourcePosition): Error {
  const types = args.map((arg) => shown(arg.type)).join(', ');
  return problem('type-mismatch', `Cannot apply '${name}' to arguments of type (${types})`, position);
}

/** A type without its nullability, for messages. */
export function shown(type: SqlType): string {
  return formatType(withNullable(type, true));
}
