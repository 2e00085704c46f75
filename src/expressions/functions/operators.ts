import { emitArithmetic, emitNegate, type ArithmeticOp } from '../kernels/arithmetic.ts';
import { emitComparison, emitDistinct, type ComparisonOp } from '../kernels/comparison.ts';
import { emitIn } from '../kernels/in.ts';
import { emitConnective, emitNot, emitNullTest, emitTruthTest } from '../kernels/logic.ts';
import type { Example, FunctionDefinition } from './definition.ts';
import { emitted, type Kernel } from './kernel.ts';

/** What syntax makes; the binder knows the types. */
function operator(
  name: string,
  syntax: readonly string[],
  kernel: Kernel,
  doc: string,
  examples: readonly Example[],
): FunctionDefinition {
  return { name, syntax, signatures: [], kernel, doc, examples };
}

const compared = (op: ComparisonOp, doc: string, examples: readonly Example[]): FunctionDefinition =>
  operator(
    op,
    [`a ${op} b`],
    emitted((compiler, call) => emitComparison(compiler, call, op)),
    doc,
    examples,
  );

export const comparisonOperators: readonly FunctionDefinition[] = [
  compared('=', 'Equal. NULL when a side is NULL, as for all comparisons below.', [
    ['1 = 1.0', true],
    ["'a' = 'A'", false],
  ]),
  compared('<>', 'Not equal. `!=` is refused, as in Flink.', [['1 <> 2', true]]),
  compared('<', 'Less. Text is ordered by its UTF-8 bytes, that is by code point.', [["'Z' < 'a'", true]]),
  compared('<=', 'Less or equal.', [['2 <= 2', true]]),
  compared('>', 'Greater.', [['2 > 2', false]]),
  compared('>=', 'Greater or equal.', [['2 >= 2', true]]),
  operator(
    'IS DISTINCT FROM',
    ['a IS DISTINCT FROM b'],
    emitted((compiler, call) => emitDistinct(compiler, call, true)),
    'Not equal, where two NULLs are equal; never NULL.',
    [['1 IS DISTINCT FROM CAST(NULL AS INT)', true]],
  ),
  operator(
    'IS NOT DISTINCT FROM',
    ['a IS NOT DISTINCT FROM b'],
    emitted((compiler, call) => emitDistinct(compiler, call, false)),
    'Equal, where two NULLs are equal; never NULL.',
    [['CAST(NULL AS INT) IS NOT DISTINCT FROM CAST(NULL AS INT)', true]],
  ),
  operator(
    'IN',
    ['a [NOT] IN (b, ..)'],
    emitted(emitIn),
    'Equal to one of the values; NULL when none is equal and one is NULL.',
    [
      ['2 IN (1, 2, 3)', true],
      ['2 NOT IN (1, CAST(NULL AS INT))', null],
    ],
  ),
];

export const logicalOperators: readonly FunctionDefinition[] = [
  operator(
    'AND',
    ['a AND b'],
    emitted((compiler, call) => emitConnective(compiler, call, false)),
    'FALSE when a side is FALSE, else NULL when a side is NULL. The right side is evaluated only where the left is not FALSE.',
    [['FALSE AND CAST(NULL AS BOOLEAN)', false]],
  ),
  operator(
    'OR',
    ['a OR b'],
    emitted((compiler, call) => emitConnective(compiler, call, true)),
    'TRUE when a side is TRUE, else NULL when a side is NULL. The right side is evaluated only where the left is not TRUE.',
    [['TRUE OR CAST(NULL AS BOOLEAN)', true]],
  ),
  operator('NOT', ['NOT a'], emitted(emitNot), 'The contrary; NULL of NULL.', [['NOT TRUE', false]]),
  operator(
    'IS NULL',
    ['a IS NULL', 'a IS UNKNOWN'],
    emitted((compiler, call) => emitNullTest(compiler, call, true)),
    'Whether the value is NULL.',
    [['CAST(NULL AS INT) IS NULL', true]],
  ),
  operator(
    'IS NOT NULL',
    ['a IS NOT NULL', 'a IS NOT UNKNOWN'],
    emitted((compiler, call) => emitNullTest(compiler, call, false)),
    'Whether the value is not NULL.',
    [['CAST(NULL AS INT) IS NOT NULL', false]],
  ),
  operator(
    'IS TRUE',
    ['a IS TRUE'],
    emitted((compiler, call) => emitTruthTest(compiler, call, true, true)),
    'Never NULL, as the three below.',
    [['CAST(NULL AS BOOLEAN) IS TRUE', false]],
  ),
  operator(
    'IS FALSE',
    ['a IS FALSE'],
    emitted((compiler, call) => emitTruthTest(compiler, call, false, true)),
    'Whether the value is FALSE.',
    [['(1 > 2) IS FALSE', true]],
  ),
  operator(
    'IS NOT TRUE',
    ['a IS NOT TRUE'],
    emitted((compiler, call) => emitTruthTest(compiler, call, true, false)),
    'Whether the value is FALSE or NULL.',
    [['CAST(NULL AS BOOLEAN) IS NOT TRUE', true]],
  ),
  operator(
    'IS NOT FALSE',
    ['a IS NOT FALSE'],
    emitted((compiler, call) => emitTruthTest(compiler, call, false, false)),
    'Whether the value is TRUE or NULL.',
    [['CAST(NULL AS BOOLEAN) IS NOT FALSE', true]],
  ),
];

const computed = (op: ArithmeticOp, doc: string, examples: readonly Example[]): FunctionDefinition =>
  operator(
    op,
    [`a ${op} b`],
    emitted((compiler, call) => emitArithmetic(compiler, call, op)),
    doc,
    examples,
  );

export const arithmeticOperators: readonly FunctionDefinition[] = [
  computed('+', 'Sum. Integers wrap around; a DECIMAL that does not fit is NULL, here and below.', [
    ['1.5 + 1', '2.5'],
    ['2147483647 + 1', -2147483648],
  ]),
  computed('-', 'Difference.', [['1 - 3', -2]]),
  computed('*', 'Product.', [['1.5 * 2', '3.0']]),
  computed('/', 'Quotient: of integers cut towards zero; integers and DECIMALs fail the job when divided by 0.', [
    ['-5 / 2', -2],
    ['1.0 / 8.0', '0.125000'],
  ]),
  computed('%', 'Remainder, with the sign of the dividend. Not for FLOAT and DOUBLE.', [['-7 % 3', -1]]),
  operator('NEGATE', ['-a'], emitted(emitNegate), 'The negative; that of the smallest integer is itself.', [
    ['-(3 - 5)', 2],
  ]),
];
