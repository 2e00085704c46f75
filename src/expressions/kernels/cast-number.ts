import type { SqlType } from '../../data/types.ts';
import { NEVER, type Operand, valueOf } from '../codegen/operand.ts';
import type { Source } from '../codegen/source.ts';
import type { RowCompiler } from '../row-compiler.ts';
import { isApproximate, isInterval, isNumeric } from '../types/common-type.ts';
import { decimalSize } from '../types/decimal.ts';
import { decimalToDouble, divideHalfUp, pow10 } from '../values/decimals.ts';
import { saturateLong } from '../values/cast.ts';
import { bitsOf, wrapped } from './arithmetic.ts';
import { fitted } from './decimal.ts';
import { fallible, guarded, simple } from './strict.ts';

const SATURATE = `function saturateInt(v) {
  return v >= 2147483647 ? 2147483647 : v <= -2147483648 ? -2147483648 : v | 0;
}`;

/** Casts among BOOLEAN and numbers; undefined for the others. */
export function castNumber(compiler: RowCompiler, from: SqlType, to: SqlType, operand: Operand): Operand | undefined {
  if (!isNumber(from) || !isNumber(to)) return undefined;
  switch (to.kind) {
    case 'BOOLEAN':
      return toBoolean(compiler, operand);
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
      return toInteger(compiler, from, bitsOf(to.kind), operand);
    case 'INTERVAL_YEAR_MONTH':
      return operand.cls === 'bigint' ? toInteger(compiler, from, bitsOf('INT'), operand) : operand;
    case 'BIGINT':
    case 'INTERVAL_DAY_TIME':
      return toLong(compiler, from, operand);
    case 'FLOAT':
    case 'DOUBLE':
      return toFloating(compiler, from, to.kind === 'FLOAT', operand);
    case 'DECIMAL':
      return toDecimal(compiler, from, to, operand);
    default:
      return undefined;
  }
}

/** BOOLEAN and intervals are cast as numbers. */
function isNumber(type: SqlType): boolean {
  return type.kind === 'BOOLEAN' || isNumeric(type) || isInterval(type);
}

function toBoolean({ source }: RowCompiler, operand: Operand): Operand {
  return simple(source, 'boolean', [operand], `${valueOf(operand)} !== ${operand.cls === 'bigint' ? '0n' : '0'}`);
}

function toInteger({ source }: RowCompiler, from: SqlType, bits: number, operand: Operand): Operand {
  const value = valueOf(operand);
  if (from.kind === 'BOOLEAN') return simple(source, 'number', [operand], `${value} ? 1 : 0`);
  if (isApproximate(from)) {
    const saturated = `${source.helper('saturateInt', SATURATE)}(${value})`;
    return simple(source, 'number', [operand], bits === 32 ? saturated : wrapped(saturated, bits));
  }
  if (from.kind === 'DECIMAL') {
    return simple(source, 'number', [operand], `Number(BigInt.asIntN(${bits}, ${wholeOf(source, value, from.scale)}))`);
  }
  if (operand.cls === 'bigint') return simple(source, 'number', [operand], `Number(BigInt.asIntN(${bits}, ${value}))`);
  return simple(source, 'number', [operand], wrapped(value, bits));
}

/** A decimal without its fraction. */
function wholeOf(source: Source, value: string, scale: number): string {
  return scale === 0 ? value : `${value} / ${source.constant(pow10(scale))}`;
}

function toLong({ source }: RowCompiler, from: SqlType, operand: Operand): Operand {
  const value = valueOf(operand);
  if (from.kind === 'BOOLEAN') return simple(source, 'bigint', [operand], `${value} ? 1n : 0n`);
  if (isApproximate(from)) {
    return simple(source, 'bigint', [operand], `${source.constant(saturateLong)}(${value})`);
  }
  if (from.kind === 'DECIMAL') {
    return simple(source, 'bigint', [operand], `BigInt.asIntN(64, ${wholeOf(source, value, from.scale)})`);
  }
  return operand.cls === 'bigint' ? operand : simple(source, 'bigint', [operand], `BigInt(${value})`);
}

function toFloating({ source }: RowCompiler, from: SqlType, single: boolean, operand: Operand): Operand {
  const value = valueOf(operand);
  const rounded = (expression: string): string => (single ? `Math.fround(${expression})` : expression);
  if (from.kind === 'BOOLEAN') return simple(source, 'number', [operand], `${value} ? 1 : 0`);
  if (from.kind === 'DECIMAL') {
    const convert = `${source.constant(decimalToDouble)}(${value}, ${source.constant(from.scale)})`;
    return guarded(source, 'number', [operand], () => {
      return { cls: 'number', isNull: NEVER, value: source.local('v', rounded(convert)) };
    });
  }
  if (operand.cls === 'bigint') return simple(source, 'number', [operand], rounded(`Number(${value})`));
  // A FLOAT or integer is itself as DOUBLE.
  return single ? simple(source, 'number', [operand], rounded(value)) : operand;
}

/** HALF_UP, and NULL when the digits do not fit; DOUBLE goes by its text (see values/cast.ts). */
function toDecimal(
  { source }: RowCompiler,
  from: SqlType,
  to: SqlType & { kind: 'DECIMAL' },
  operand: Operand,
): Operand | undefined {
  if (isApproximate(from)) return undefined;
  const size = decimalSize(from) ?? { precision: from.kind === 'BOOLEAN' ? 1 : INTERVAL_DIGITS, scale: 0 };
  const value = valueOf(operand);
  const whole =
    operand.cls === 'boolean' ? `(${value} ? 1n : 0n)` : operand.cls === 'number' ? `BigInt(${value})` : value;
  if (to.scale >= size.scale) {
    const raised = to.scale === size.scale ? whole : `${whole} * ${source.constant(pow10(to.scale - size.scale))}`;
    if (to.precision - to.scale < size.precision - size.scale) {
      return fallible(source, 'bigint', [operand], () => fitted(source, raised, to));
    }
    return simple(source, 'bigint', [operand], to.precision <= 18 ? `BigInt.asIntN(64, ${raised})` : raised);
  }
  const rounded = `${source.constant(divideHalfUp)}(${value}, ${source.constant(pow10(size.scale - to.scale))})`;
  return fallible(source, 'bigint', [operand], () => fitted(source, rounded, to));
}

/** Of the 64 bits of an interval. */
const INTERVAL_DIGITS = 19;
