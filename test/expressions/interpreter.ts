import type { SqlType } from '../../src/data/types.ts';
import type { Call, CastExpr, Expr, Literal } from '../../src/expressions/typed.ts';
import type { Row } from './support.ts';

/** A row's expression fails; the message is the error code. */
export class Failure extends Error {}

/** The plainest evaluation that can be written: a value at a time, integers as bigints. For the property test. */
export function interpret(expr: Expr, row: Row): unknown {
  switch (expr.kind) {
    case 'input':
      return row[expr.index];
    case 'literal':
      return plainLiteral(expr);
    case 'case': {
      const branch = expr.branches.find(({ when }) => interpret(when, row) === true);
      return interpret(branch === undefined ? expr.otherwise : branch.then, row);
    }
    case 'cast':
      return interpretCast(expr, interpret(expr.arg, row));
    case 'call':
      return interpretCall(expr, row);
  }
}

function plainLiteral({ value, type }: Literal): unknown {
  if (value === null) return null;
  if (type.kind === 'BIGINT' || type.kind === 'DECIMAL') return BigInt(String(value));
  return type.kind === 'DOUBLE' ? Number(value) : value;
}

function interpretCall(expr: Call, row: Row): unknown {
  const lazy = (i: number): unknown => interpret(expr.args[i], row);
  switch (expr.fn) {
    case 'AND':
    case 'OR': {
      const deciding = expr.fn === 'OR';
      let result: boolean | null = !deciding;
      for (let i = 0; i < expr.args.length; i++) {
        const value = lazy(i);
        if (value === deciding) return deciding;
        if (value === null) result = null;
      }
      return result;
    }
    case 'COALESCE':
      for (let i = 0; i < expr.args.length; i++) {
        const value = lazy(i);
        if (value !== null) return value;
      }
      return null;
    case 'IN': {
      const value = lazy(0);
      if (value === null) return null;
      let result: boolean | null = false;
      for (let i = 1; i < expr.args.length; i++) {
        const candidate = lazy(i);
        if (candidate === null) result = null;
        else if (order(value, candidate) === 0) return true;
      }
      return result;
    }
    default:
      return strict(
        expr,
        expr.args.map((_arg, i) => lazy(i)),
      );
  }
}

function strict(expr: Call, args: readonly unknown[]): unknown {
  const [a, b] = args;
  switch (expr.fn) {
    case 'IS NULL':
      return a === null;
    case 'IS NOT NULL':
      return a !== null;
    case 'IS TRUE':
      return a === true;
    case 'IS FALSE':
      return a === false;
    case 'IS NOT TRUE':
      return a !== true;
    case 'IS NOT FALSE':
      return a !== false;
    case 'IS DISTINCT FROM':
    case 'IS NOT DISTINCT FROM': {
      const same = a === null || b === null ? a === b : order(a, b) === 0;
      return (expr.fn === 'IS NOT DISTINCT FROM') === same;
    }
    default:
      break;
  }
  if (args.includes(null)) return null;
  switch (expr.fn) {
    case 'NOT':
      return a !== true;
    case '=':
      return order(a, b) === 0;
    case '<>':
      return order(a, b) !== 0;
    case '<':
      return (order(a, b) ?? NaN) < 0;
    case '<=':
      return (order(a, b) ?? NaN) <= 0;
    case '>':
      return (order(a, b) ?? NaN) > 0;
    case '>=':
      return (order(a, b) ?? NaN) >= 0;
    default:
      return arithmetic(expr, a, b);
  }
}

/** Undefined when NaN takes part. */
function order(a: unknown, b: unknown): number | undefined {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  const [x, y] = [a as number, b as number];
  return x < y ? -1 : x > y ? 1 : x === y ? 0 : undefined;
}

function arithmetic({ fn, type }: Call, a: unknown, b: unknown): unknown {
  if (type.kind === 'DOUBLE') return doubles(fn, a as number, b as number);
  if (type.kind === 'DECIMAL') return decimals(fn, a as bigint, b as bigint, type.scale, type);
  const [x, y] = [BigInt(a as number), BigInt((b ?? 0) as number)];
  if ((fn === '/' || fn === '%') && y === 0n) throw new Failure('division-by-zero');
  const exact =
    fn === '+' ? x + y : fn === '-' ? x - y : fn === '*' ? x * y : fn === '/' ? x / y : fn === '%' ? x % y : -x;
  return integer(exact, type);
}

function doubles(fn: string, a: number, b: number): number {
  switch (fn) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    default:
      return -a;
  }
}

function decimals(fn: string, a: bigint, b: bigint, scale: number, type: SqlType): bigint | null {
  const unit = 10n ** BigInt(scale);
  if ((fn === '/' || fn === '%') && b === 0n) throw new Failure('division-by-zero');
  switch (fn) {
    case '+':
      return fit(a + b, type);
    case '-':
      return fit(a - b, type);
    case '*':
      return fit(halfUp(a * b, unit), type);
    case '/':
      return fit(halfUp(a * unit, b), type);
    case '%':
      return fit(a % b, type);
    default:
      return -a;
  }
}

function halfUp(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n !== denominator < 0n;
  const [n, d] = [abs(numerator), abs(denominator)];
  const rounded = (2n * n + d) / (2n * d);
  return negative ? -rounded : rounded;
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value);

function fit(value: bigint, type: SqlType): bigint | null {
  if (type.kind !== 'DECIMAL') throw new Error('not a DECIMAL');
  return abs(value) < 10n ** BigInt(type.precision) ? value : null;
}

const BITS: Partial<Record<SqlType['kind'], number>> = { TINYINT: 8, SMALLINT: 16, INT: 32, BIGINT: 64 };

function integer(value: bigint, type: SqlType): number | bigint {
  const wrapped = BigInt.asIntN(BITS[type.kind] ?? 64, value);
  return type.kind === 'BIGINT' ? wrapped : Number(wrapped);
}

function interpretCast(expr: CastExpr, value: unknown): unknown {
  if (value === null) return null;
  try {
    return castValue(value, expr.arg.type, expr.type);
  } catch (error) {
    if (expr.tryCast && error instanceof Failure) return null;
    throw error;
  }
}

function castValue(value: unknown, from: SqlType, to: SqlType): unknown {
  if (from.kind === to.kind) return value;
  if (from.kind === 'VARCHAR') return fromText(value as string, to);
  if (to.kind === 'VARCHAR') return toText(value, from);
  if (to.kind === 'BOOLEAN') return Number(value) !== 0 || Number.isNaN(value);
  if (to.kind === 'DOUBLE') return from.kind === 'DECIMAL' ? Number(decimalText(value as bigint, from)) : Number(value);
  if (to.kind === 'DECIMAL') {
    if (from.kind !== 'DOUBLE') return fit(BigInt(value as number) * 10n ** BigInt(to.scale), to);
    if (!Number.isFinite(value)) throw new Failure('cast-failed');
    return fit(scaled(String(value), to.scale), to);
  }
  if (from.kind === 'DECIMAL') return integer((value as bigint) / 10n ** BigInt(from.scale), to);
  if (from.kind !== 'DOUBLE') return integer(BigInt(value as number), to);
  const limit = to.kind === 'BIGINT' ? 1n << 63n : 1n << 31n;
  const number = value as number;
  const whole = Number.isNaN(number)
    ? 0n
    : number === Infinity
      ? limit
      : number === -Infinity
        ? -limit
        : BigInt(Math.trunc(number));
  return integer(whole >= limit ? limit - 1n : whole < -limit ? -limit : whole, to);
}

function fromText(text: string, to: SqlType): unknown {
  const trimmed = text.trim();
  switch (to.kind) {
    case 'BOOLEAN':
      if (['true', 't', 'y', 'yes', '1'].includes(text.toLowerCase())) return true;
      if (['false', 'f', 'n', 'no', '0'].includes(text.toLowerCase())) return false;
      throw new Failure('cast-failed');
    case 'DOUBLE':
      if (!/^[-+]?(NaN|Infinity|\d+(\.\d+)?(E-?\d+)?)$/.test(trimmed)) throw new Failure('cast-failed');
      return Number(trimmed);
    case 'DECIMAL': {
      if (!/^[-+]?\d+(\.\d+)?(E-?\d+)?$/.test(trimmed)) throw new Failure('cast-failed');
      const value = fit(scaled(trimmed, to.scale), to);
      if (value === null) throw new Failure('cast-failed');
      return value;
    }
    default: {
      if (!/^[-+]?\d+(\.\d*)?$/.test(trimmed)) throw new Failure('cast-failed');
      const exact = BigInt(trimmed.replace(/\..*/, ''));
      const wrapped = integer(exact, to);
      if (BigInt(wrapped) !== exact) throw new Failure('cast-failed');
      return wrapped;
    }
  }
}

/** Decimal text, perhaps with an exponent, as an unscaled value. */
function scaled(text: string, scale: number): bigint {
  const [mantissa, exponent = '0'] = text.toLowerCase().split('e');
  const [whole, fraction = ''] = mantissa.split('.');
  const shift = Number(exponent) - fraction.length + scale;
  const digits = BigInt(whole + fraction);
  const signed = text.startsWith('-') && digits > 0n ? -digits : digits;
  return shift >= 0 ? signed * 10n ** BigInt(shift) : halfUp(signed, 10n ** BigInt(-shift));
}

function decimalText(value: bigint, type: SqlType): string {
  if (type.kind !== 'DECIMAL') throw new Error('not a DECIMAL');
  const digits = String(abs(value)).padStart(type.scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -type.scale)}.${digits.slice(-type.scale)}`;
}

function toText(value: unknown, from: SqlType): string {
  if (from.kind === 'BOOLEAN') return value === true ? 'TRUE' : 'FALSE';
  if (from.kind === 'DECIMAL') return decimalText(value as bigint, from);
  if (from.kind !== 'DOUBLE') return String(value);
  const number = value as number;
  if (!Number.isFinite(number)) return String(number);
  if (number === 0) return Object.is(number, -0) ? '-0.0' : '0.0';
  if (Math.abs(number) >= 1e-3 && Math.abs(number) < 1e7)
    return Number.isInteger(number) ? `${number}.0` : String(number);
  const [mantissa, exponent] = number.toExponential().split('e');
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
}
