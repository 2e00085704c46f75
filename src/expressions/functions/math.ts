import { wrapped } from '../kernels/arithmetic.ts';
import type { Call } from '../typed.ts';
import type { FunctionDefinition } from './definition.ts';
import { asTheyAre } from './conditional.ts';
import { inline, rewritten } from './kernel.ts';
import { likeFirst, number, signature } from './signature.ts';

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
    name: 'MOD',
    signatures: [{ shown: 'a, b', resolve: (args) => (args.length === 2 ? asTheyAre(args) : undefined) }],
    kernel: rewritten((args, binder) => binder.remainder(args[0], args[1])),
    doc: 'The remainder of a / b: `a % b`.',
    examples: [['MOD(-26, 5)', -1]],
  },
];

function absolute(a: string, call: Call): string {
  switch (call.type.kind) {
    case 'TINYINT':
      return wrapped(`${a} < 0 ? -${a} : ${a}`, 8);
    case 'SMALLINT':
      return wrapped(`${a} < 0 ? -${a} : ${a}`, 16);
    case 'INT':
      return wrapped(`${a} < 0 ? -${a} : ${a}`, 32);
    case 'BIGINT':
      return `BigInt.asIntN(64, ${a} < 0n ? -${a} : ${a})`;
    case 'DECIMAL':
      return `(${a} < 0n ? -${a} : ${a})`;
    default:
      return `Math.abs(${a})`;
  }
}
