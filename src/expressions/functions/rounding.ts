import type { SqlType } from '../../data/types.ts';
import { isInteger } from '../types/common-type.ts';
import { decimalType } from '../types/decimal.ts';
import type { Call, Expr } from '../typed.ts';
import { divideHalfUp, parseDecimal, pow10 } from '../values/decimals.ts';
import type { FunctionDefinition } from './definition.ts';
import { inline, rawOrNull, type RawFunction } from './kernel.ts';
import { int, likeFirst, number, signature } from './signature.ts';

export const roundingFunctions: readonly FunctionDefinition[] = [
  {
    name: 'CEIL',
    aliases: ['CEILING'],
    signatures: [signature([number('number')], wholeType)],
    kernel: inline(([a], call, constant) => whole(a, call, 'ceil', constant)),
    doc: 'The smallest whole number that is not less. DECIMAL(p, s) becomes DECIMAL(p, 0), other types stay.',
    examples: [
      ['CEIL(2.5)', '3'],
      ['CEIL(CAST(-2.5 AS DOUBLE))', -2],
    ],
  },
  {
    name: 'FLOOR',
    signatures: [signature([number('number')], wholeType)],
    kernel: inline(([a], call, constant) => whole(a, call, 'floor', constant)),
    doc: 'The largest whole number that is not greater. DECIMAL(p, s) becomes DECIMAL(p, 0), other types stay.',
    examples: [
      ['FLOOR(-2.5)', '-3'],
      ['FLOOR(CAST(2.5 AS DOUBLE))', 2],
    ],
  },
  {
    name: 'ROUND',
    signatures: [signature([number('number'), int('digits')], roundedType, { optional: 1 })],
    kernel: rawOrNull((call) => rounding(call, divideHalfUp)),
    doc: 'Rounded half up (away from 0) to so many digits after the point, before it when negative. Types stay, but DECIMAL gets the scale of a constant number of digits.',
    examples: [
      ['ROUND(2.567, 2)', '2.57'],
      ['ROUND(-2.5)', '-3'],
      ['ROUND(CAST(-125.315 AS DOUBLE), 2)', -125.32],
      ['ROUND(1250, -2)', 1300],
    ],
  },
  {
    name: 'TRUNCATE',
    signatures: [signature([number('number'), int('digits')], roundedType, { optional: 1 })],
    kernel: rawOrNull((call) => rounding(call, (value, divisor) => value / divisor)),
    doc: 'Cut (towards 0) to so many digits after the point, before it when negative; types as for ROUND.',
    examples: [
      ['TRUNCATE(42.345, 2)', '42.34'],
      ['TRUNCATE(-1259, -2)', -1200],
    ],
  },
];

type Divide = (value: bigint, divisor: bigint) => bigint;

function wholeType(params: readonly SqlType[]): SqlType {
  const type = likeFirst(params, []);
  return type.kind === 'DECIMAL' ? decimalType({ precision: type.precision, scale: 0 }, type.nullable) : type;
}

function whole(a: string, { args }: Call, direction: 'ceil' | 'floor', constant: (value: unknown) => string): string {
  const { type } = args[0];
  if (isInteger(type)) return a;
  if (type.kind !== 'DECIMAL') return `Math.${direction}(${a})`;
  const unit = constant(pow10(type.scale));
  const step = direction === 'floor' ? `(${a} % ${unit} < 0n ? 1n : 0n)` : `(${a} % ${unit} > 0n ? 1n : 0n)`;
  return `(${a} / ${unit} ${direction === 'floor' ? '-' : '+'} ${step})`;
}

function roundedType(params: readonly SqlType[], args: readonly Expr[]): SqlType {
  const type = likeFirst(params, []);
  const digits = constantDigits(args);
  if (type.kind !== 'DECIMAL' || digits === undefined || digits >= type.scale) return type;
  const scale = Math.max(0, digits);
  return decimalType({ precision: Math.min(38, 1 + type.precision - type.scale + scale), scale }, type.nullable);
}

/** The number of digits where it is constant: 0 when it is not given. */
function constantDigits(args: readonly Expr[]): number | undefined {
  if (args.length === 1) return 0;
  const digits = args[1];
  return digits.kind === 'literal' && digits.value !== null ? Number(digits.value) : undefined;
}

function rounding({ args, type }: Call, divide: Divide): RawFunction {
  const from = args[0].type;
  switch (from.kind) {
    case 'FLOAT':
      return (value: number, digits = 0) => Math.fround(roundNumber(value, digits, divide));
    case 'DOUBLE':
      return (value: number, digits = 0) => roundNumber(value, digits, divide);
    case 'DECIMAL': {
      const scale = type.kind === 'DECIMAL' ? type.scale : 0;
      const limit = type.kind === 'DECIMAL' ? pow10(type.precision) : 1n;
      return (value: bigint, digits = 0) => {
        const rounded = roundUnscaled(value, from.scale, digits, divide);
        const result = scale >= from.scale ? rounded * pow10(scale - from.scale) : rounded / pow10(from.scale - scale);
        return result < limit && result > -limit ? result : null;
      };
    }
    case 'BIGINT':
      return (value: bigint, digits = 0) => BigInt.asIntN(64, roundUnscaled(value, 0, digits, divide));
    default: {
      const bits = from.kind === 'INT' ? 32 : from.kind === 'SMALLINT' ? 16 : 8;
      return (value: number, digits = 0) =>
        digits >= 0 ? value : Number(BigInt.asIntN(bits, roundUnscaled(BigInt(value), 0, digits, divide)));
    }
  }
}

/** The value at its own scale, with only `digits` digits after the point. */
function roundUnscaled(value: bigint, scale: number, digits: number, divide: Divide): bigint {
  if (digits >= scale) return value;
  if (scale - digits > 80) return 0n;
  const unit = pow10(scale - digits);
  return divide(value, unit) * unit;
}

/** By way of the shortest decimal text of the number; NaN and infinities stay. */
function roundNumber(value: number, digits: number, divide: Divide): number {
  if (!Number.isFinite(value) || digits > 340) return value;
  if (digits < -340) return 0;
  const exact = unscaledOf(value);
  const result = roundUnscaled(exact.value, exact.scale, digits, divide);
  return Number(`${result}e${-exact.scale}`);
}

function unscaledOf(value: number): { readonly value: bigint; readonly scale: number } {
  const match = /^-?\d+(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value));
  const scale = Math.max(0, (match?.[1] ?? '').length - Number(match?.[2] ?? 0));
  return { value: parseDecimal(String(value), scale) ?? 0n, scale };
}
