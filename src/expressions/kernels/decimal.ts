import type { SqlType } from '../../data/types.ts';
import type { Operand } from '../codegen/operand.ts';
import type { Source } from '../codegen/source.ts';
import type { RowCompiler } from '../row-compiler.ts';
import { divideDecimals, divideHalfUp, pow10, remainder, rescale } from '../values/decimals.ts';
import { type ArithmeticOp, failOnZero } from './arithmetic.ts';
import { fallible, simple, values } from './strict.ts';

interface Size {
  readonly precision: number;
  readonly scale: number;
}

/** DECIMAL arithmetic at the result type's scale, HALF_UP; what does not fit its precision is NULL. */
export function emitDecimal(
  compiler: RowCompiler,
  op: ArithmeticOp,
  operands: readonly Operand[],
  types: readonly [SqlType, SqlType],
  type: SqlType,
): Operand {
  const { source } = compiler;
  const [a, b, to] = [sizeOf(types[0]), sizeOf(types[1]), sizeOf(type)];
  const exactScale = op === '*' ? a.scale + b.scale : Math.max(a.scale, b.scale);
  if (op === '+' || op === '-' || op === '*') {
    const digits = op === '*' ? a.precision + b.precision : exactScale + wholeDigits(a, b) + 1;
    const write = (): string => exactResult(source, op, operands, a, b, exactScale);
    if (exactScale === to.scale && digits <= to.precision) {
      // Nothing is rounded and nothing can overflow. Within 18 digits V8 then computes on machine words.
      const small = digits <= 18 ? `BigInt.asIntN(64, ${write()})` : write();
      return simple(source, 'bigint', operands, small);
    }
    return fallible(source, 'bigint', operands, () =>
      fitted(source, rounded(source, write(), exactScale, to.scale), to),
    );
  }
  return fallible(source, 'bigint', operands, () => {
    const [x, y] = values(source, operands);
    failOnZero(compiler, `${y} === 0n`);
    const scales = [a.scale, b.scale].map((scale) => source.constant(scale));
    if (op === '/') {
      const divide = source.constant(divideDecimals);
      return fitted(source, `${divide}(${x}, ${scales[0]}, ${y}, ${scales[1]}, ${source.constant(to.scale)})`, to);
    }
    const rest = `${source.constant(remainder)}(${x}, ${scales[0]}, ${y}, ${scales[1]})`;
    return fitted(source, rounded(source, rest, exactScale, to.scale), to);
  });
}

function exactResult(
  source: Source,
  op: '+' | '-' | '*',
  operands: readonly Operand[],
  a: Size,
  b: Size,
  scale: number,
): string {
  const [x, y] = values(source, operands);
  if (op === '*') return `${x} * ${y}`;
  const raise = (value: string, from: number): string =>
    from === scale ? value : `${value} * ${powerOf10(source, scale - from)}`;
  return `${raise(x, a.scale)} ${op} ${raise(y, b.scale)}`;
}

/** A power of 10, as a machine word where it is one. */
export function powerOf10(source: Source, exponent: number): string {
  return exponent <= 18 ? source.long(pow10(exponent)) : source.constant(pow10(exponent));
}

function rounded(source: Source, expression: string, from: number, to: number): string {
  if (from === to) return expression;
  if (to < from) return `${source.constant(divideHalfUp)}(${expression}, ${source.constant(pow10(from - to))})`;
  return `${source.constant(rescale)}(${expression}, ${source.constant(from)}, ${source.constant(to)})`;
}

/** NULL when the value has more digits than the precision. */
export function fitted(source: Source, expression: string, to: Size): Operand {
  const value = source.local('v', expression);
  const limit = source.constant(pow10(to.precision));
  const negative = source.constant(-pow10(to.precision));
  return { cls: 'bigint', isNull: source.local('n', `${value} >= ${limit} || ${value} <= ${negative}`), value };
}

function wholeDigits(a: Size, b: Size): number {
  return Math.max(a.precision - a.scale, b.precision - b.scale);
}

function sizeOf(type: SqlType): Size {
  switch (type.kind) {
    case 'DECIMAL':
      return type;
    case 'BIGINT':
      return { precision: 19, scale: 0 };
    default:
      throw new Error(`DECIMAL arithmetic on ${type.kind}`);
  }
}
