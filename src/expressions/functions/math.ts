import { DOUBLE } from '../../data/types.ts';
import { wrapped } from '../kernels/arithmetic.ts';
import type { Call } from '../typed.ts';
import { isInteger } from '../types/common-type.ts';
import { pow10 } from '../values/decimals.ts';
import { asTheyAre } from './conditional.ts';
import type { Example, FunctionDefinition } from './definition.ts';
import { inline, raw, rewritten } from './kernel.ts';
import { double, likeFirst, never, number, signature, strict } from './signature.ts';

/** A function of DOUBLEs, as an expression. */
function ofDoubles(
  name: string,
  params: readonly string[],
  write: (values: readonly string[]) => string,
  doc: string,
  examples: readonly Example[],
): FunctionDefinition {
  return { name, signatures: [signature(params.map(double), strict(DOUBLE))], kernel: inline(write), doc, examples };
}

/** One of JavaScript's Math functions of one DOUBLE. */
function ofMath(name: string, fn: keyof Math & string, doc: string, examples: readonly Example[]): FunctionDefinition {
  return ofDoubles(name, ['number'], ([a]) => `Math.${fn}(${a})`, doc, examples);
}

export const mathFunctions: readonly FunctionDefinition[] = [
  {
    name: 'ABS',
    signatures: [signature([number('number')], likeFirst)],
    kernel: inline(([a], call) => absolute(a, call)),
    doc: 'The absolute value, of the same type; that of the smallest integer is itself.',
    examples: [
      ['ABS(-2)', 2],
      ['ABS(CAST(-1.5 AS DECIMAL(3, 1)))', '1.5'],
    ],
  },
  {
    name: 'SIGN',
    signatures: [signature([number('number')], likeFirst)],
    kernel: raw(({ type }) => {
      const unit = type.kind === 'DECIMAL' ? pow10(type.scale) : 1n;
      return (value: number | bigint) => {
        if (typeof value === 'number') return Math.sign(value);
        return value > 0n ? unit : value < 0n ? -unit : 0n;
      };
    }),
    doc: '-1, 0 or 1, of the same type.',
    examples: [
      ['SIGN(-2)', -1],
      ['SIGN(1.5)', '1.0'],
    ],
  },
  {
    name: 'MOD',
    signatures: [{ shown: 'a, b', resolve: (args) => (args.length === 2 ? asTheyAre(args) : undefined) }],
    kernel: rewritten((args, binder) => binder.remainder(args[0], args[1])),
    doc: 'The remainder of a / b: `a % b`.',
    examples: [['MOD(-26, 5)', -1]],
  },
  ofDoubles('POWER', ['base', 'exponent'], ([a, b]) => `Math.pow(${a}, ${b})`, 'The base to the exponent, a DOUBLE.', [
    ['POWER(2, 3)', 8],
  ]),
  ofMath('SQRT', 'sqrt', 'The square root, a DOUBLE; NaN of a negative number.', [['SQRT(4)', 2]]),
  ofMath('EXP', 'exp', 'e to the number, a DOUBLE.', [['EXP(0)', 1]]),
  ofMath('LN', 'log', 'The natural logarithm; -Infinity of 0, NaN of a negative number.', [['LN(1)', 0]]),
  ofMath('LOG10', 'log10', 'The logarithm to base 10.', [['LOG10(100)', 2]]),
  ofDoubles('LOG2', ['number'], ([a]) => `Math.log(${a}) / Math.log(2)`, 'The logarithm to base 2.', [['LOG2(8)', 3]]),
  {
    name: 'LOG',
    signatures: [
      signature([double('number')], strict(DOUBLE)),
      signature([double('base'), double('number')], strict(DOUBLE)),
    ],
    kernel: inline(([a, b]) => (b === undefined ? `Math.log(${a})` : `Math.log(${b}) / Math.log(${a})`)),
    doc: 'The natural logarithm, or the one to a base.',
    examples: [
      ['LOG(1)', 0],
      ['LOG(2, 8)', 3],
    ],
  },
  ofMath('SIN', 'sin', 'The sine of an angle in radians.', [['SIN(0)', 0]]),
  ofMath('COS', 'cos', 'The cosine of an angle in radians.', [['COS(0)', 1]]),
  ofMath('TAN', 'tan', 'The tangent of an angle in radians.', [['TAN(0)', 0]]),
  ofDoubles('COT', ['number'], ([a]) => `1 / Math.tan(${a})`, 'The cotangent of an angle in radians.', [
    ['COT(0)', 'Infinity'],
  ]),
  ofMath('ASIN', 'asin', 'The angle with this sine, in radians.', [['ASIN(0)', 0]]),
  ofMath('ACOS', 'acos', 'The angle with this cosine, in radians.', [['ACOS(1)', 0]]),
  ofMath('ATAN', 'atan', 'The angle with this tangent, in radians.', [['ATAN(0)', 0]]),
  ofDoubles('ATAN2', ['y', 'x'], ([a, b]) => `Math.atan2(${a}, ${b})`, 'The angle of the point (x, y), in radians.', [
    ['ATAN2(0, 1)', 0],
  ]),
  ofMath('SINH', 'sinh', 'The hyperbolic sine.', [['SINH(0)', 0]]),
  ofMath('COSH', 'cosh', 'The hyperbolic cosine.', [['COSH(0)', 1]]),
  ofMath('TANH', 'tanh', 'The hyperbolic tangent.', [['TANH(0)', 0]]),
  ofDoubles('DEGREES', ['radians'], ([a]) => `${a} * 57.29577951308232`, 'An angle in degrees.', [
    ['DEGREES(PI())', 180],
  ]),
  ofDoubles('RADIANS', ['degrees'], ([a]) => `${a} * 0.017453292519943295`, 'An angle in radians.', [
    ['RADIANS(0)', 0],
  ]),
  {
    name: 'PI',
    signatures: [signature([], never(DOUBLE))],
    kernel: inline(() => 'Math.PI'),
    doc: 'The number nearest to pi.',
    examples: [['PI()', 3.141592653589793]],
  },
  {
    name: 'E',
    signatures: [signature([], never(DOUBLE))],
    kernel: inline(() => 'Math.E'),
    doc: 'The number nearest to e.',
    examples: [['E()', 2.718281828459045]],
  },
];

function absolute(a: string, call: Call): string {
  const { type } = call;
  if (type.kind === 'DECIMAL') return `(${a} < 0n ? -${a} : ${a})`;
  if (type.kind === 'BIGINT') return `BigInt.asIntN(64, ${a} < 0n ? -${a} : ${a})`;
  if (!isInteger(type)) return `Math.abs(${a})`;
  return wrapped(`${a} < 0 ? -${a} : ${a}`, type.kind === 'INT' ? 32 : type.kind === 'SMALLINT' ? 16 : 8);
}
