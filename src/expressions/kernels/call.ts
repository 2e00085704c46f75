import { unreachable } from '../../data/errors.ts';
import type { Operand } from '../codegen/operand.ts';
import type { RowCompiler } from '../row-compiler.ts';
import type { Call } from '../typed.ts';
import { emitArithmetic, emitNegate } from './arithmetic.ts';
import { emitComparison, emitDistinct } from './comparison.ts';
import { emitIn } from './in.ts';
import { emitCoalesce, emitConnective, emitNot, emitNullTest, emitTruthTest } from './logic.ts';

export function emitCall(compiler: RowCompiler, call: Call): Operand {
  switch (call.fn) {
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return emitArithmetic(compiler, call, call.fn);
    case 'NEGATE':
      return emitNegate(compiler, call);
    case '=':
    case '<>':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return emitComparison(compiler, call, call.fn);
    case 'IS DISTINCT FROM':
      return emitDistinct(compiler, call, true);
    case 'IS NOT DISTINCT FROM':
      return emitDistinct(compiler, call, false);
    case 'AND':
      return emitConnective(compiler, call, false);
    case 'OR':
      return emitConnective(compiler, call, true);
    case 'NOT':
      return emitNot(compiler, call);
    case 'IS NULL':
      return emitNullTest(compiler, call, true);
    case 'IS NOT NULL':
      return emitNullTest(compiler, call, false);
    case 'IS TRUE':
      return emitTruthTest(compiler, call, true, true);
    case 'IS FALSE':
      return emitTruthTest(compiler, call, false, true);
    case 'IS NOT TRUE':
      return emitTruthTest(compiler, call, true, false);
    case 'IS NOT FALSE':
      return emitTruthTest(compiler, call, false, false);
    case 'COALESCE':
      return emitCoalesce(compiler, call);
    case 'IN':
      return emitIn(compiler, call);
    default:
      return unreachable(call.fn);
  }
}
