import { formatType, sameType, stripAttribute, type SqlType } from '../data/types.ts';
import type { SourcePosition } from '../data/errors.ts';
import type { Expr, Literal } from '../expressions/typed.ts';
import { decimalSize } from '../expressions/types/decimal.ts';
import { problem } from './problem.ts';
import { isInteger, isString, withNullable } from '../expressions/types/common-type.ts';
import { castProblem, injectiveCast } from './types/cast-rules.ts';
import { parseDate, parseTime, parseTimestamp } from './types/datetime-text.ts';

export function isNullLiteral(expr: Expr): boolean {
  return expr.kind === 'literal' && expr.type.kind === 'NULL';
}

/**
 * Makes `expr` a value of type `target` (its nullability follows the expression). The cast must be legal. Literals are
 * converted here where that gives exactly the value that CAST gives, so that plans and loops hold no casts of constants.
 */
export function coerce(expr: Expr, target: SqlType): Expr {
  const to = stripAttribute(target);
  if (isNullLiteral(expr)) return { kind: 'literal', value: null, type: withNullable(to, true) };
  if (sameType(expr.type, to)) return expr;
  const type = withNullable(to, expr.type.nullable || mayOverflow(expr.type, to));
  if (expr.kind === 'literal') {
    const converted = convertLiteral(expr, to);
    if (converted !== undefined)
      return { kind: 'literal', value: converted, type: withNullable(to, expr.type.nullable) };
  }
  return { kind: 'cast', arg: expr, type, tryCast: false };
}

/** CAST and TRY_CAST as the user wrote them: refused with `invalid-cast` when there is no such conversion. */
export function explicitCast(expr: Expr, target: SqlType, tryCast: boolean, position: SourcePosition): Expr {
  const reason = castProblem(expr.type, target);
  if (reason !== undefined) {
    const pair = `${formatType(withNullable(stripAttribute(expr.type), true))} to ${formatType(withNullable(target, true))}`;
    const text = reason.endsWith('type') ? `${reason} ${pair.replace(' to ', ' to type ')}` : `${reason} (${pair})`;
    throw problem('invalid-cast', text, position);
  }
  if (isNullLiteral(expr)) return coerce(expr, target);
  const nullable = tryCast || expr.type.nullable || mayOverflow(expr.type, target);
  const type = withNullable(target, nullable);
  // A cast to its own type stays a node: it takes the time attribute away.
  if (sameType(expr.type, target) && expr.type.nullable === nullable && stripAttribute(expr.type) === expr.type)
    return expr;
  if (expr.kind === 'literal' && !tryCast) {
    const converted = convertLiteral(expr, target);
    if (converted !== undefined)
      return { kind: 'literal', value: converted, type: withNullable(target, expr.type.nullable) };
  }
  return { kind: 'cast', arg: expr, type, tryCast };
}

/** A number that does not fit into a DECIMAL becomes NULL; one that loses digits of its fraction may be rounded up. */
function mayOverflow(from: SqlType, to: SqlType): boolean {
  if (to.kind !== 'DECIMAL' || isString(from) || from.kind === 'BOOLEAN') return false;
  const size = decimalSize(from);
  if (size === undefined) return true;
  const whole = size.precision - size.scale + (size.scale > to.scale ? 1 : 0);
  return whole > to.precision - to.scale;
}

function convertLiteral(literal: Literal, to: SqlType): Literal['value'] | undefined {
  const { value, type } = literal;
  if (value === null) return null;
  if (isString(type) && typeof value === 'string') return convertText(value, to);
  if (isInteger(type) && isInteger(to) && injectiveCast(type, to)) {
    return to.kind === 'BIGINT' ? String(value) : Number(value);
  }
  if ((isInteger(type) || type.kind === 'DECIMAL') && to.kind === 'DECIMAL' && injectiveCast(type, to)) {
    const scale = type.kind === 'DECIMAL' ? type.scale : 0;
    return String(BigInt(String(value)) * 10n ** BigInt(to.scale - scale));
  }
  if (isInteger(type) && to.kind === 'DOUBLE') return Number(value);
  if (type.kind === 'DECIMAL' && to.kind === 'DOUBLE') return Number(`${String(value)}e-${type.scale}`);
  if (type.kind === 'TIMESTAMP' && to.kind === 'TIMESTAMP' && to.precision >= type.precision) return value;
  return undefined;
}

function convertText(value: string, to: SqlType): Literal['value'] | undefined {
  const length = [...value].length;
  switch (to.kind) {
    case 'VARCHAR':
      return length <= to.length ? value : undefined;
    case 'CHAR':
      return length === to.length ? value : undefined;
    case 'DATE':
      return parseDate(value);
    case 'TIME': {
      const time = parseTime(value);
      return time !== undefined && time.precision <= to.precision ? time.ms : undefined;
    }
    case 'TIMESTAMP': {
      const parsed = parseTimestamp(value);
      return parsed !== undefined && parsed.precision <= to.precision ? parsed.value : undefined;
    }
    default:
      return undefined;
  }
}
