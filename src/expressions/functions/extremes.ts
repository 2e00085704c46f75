import type { SqlType } from '../../data/types.ts';
import { assignValue, classOf, declareValue, held, NEVER, type Operand, valueOf } from '../codegen/operand.ts';
import type { Source } from '../codegen/source.ts';
import { compare } from '../kernels/comparison.ts';
import { guarded } from '../kernels/strict.ts';
import type { RowCompiler } from '../row-compiler.ts';
import type { Call } from '../typed.ts';
import { commonType, isApproximate } from '../types/common-type.ts';
import type { FunctionDefinition, Signature } from './definition.ts';
import { emitted } from './kernel.ts';

const NESTED: readonly string[] = ['ARRAY', 'MAP', 'MULTISET', 'ROW'];

const values: Signature = {
  shown: 'value, ..',
  resolve(args) {
    const common = commonType(args.map((arg) => arg.type));
    if (common === undefined || NESTED.includes(common.kind)) return undefined;
    return { params: args.map(() => common), result: common };
  },
};

export const extremeFunctions: readonly FunctionDefinition[] = [
  {
    name: 'GREATEST',
    signatures: [values],
    kernel: emitted((compiler, call) => emitExtreme(compiler, call, '>')),
    doc: 'The greatest of the values; NULL when one is NULL.',
    examples: [
      ['GREATEST(1, 3, 2)', 3],
      ["GREATEST('a', CAST(NULL AS STRING))", null],
    ],
  },
  {
    name: 'LEAST',
    signatures: [values],
    kernel: emitted((compiler, call) => emitExtreme(compiler, call, '<')),
    doc: 'The least of the values; NULL when one is NULL.',
    examples: [['LEAST(1.5, 3)', '1.5']],
  },
];

/** NaN is greater than every number. */
function isBetter(source: Source, better: '>' | '<', operand: Operand, best: Operand, type: SqlType): string {
  const condition = compare(source, better, operand, best, type);
  if (!isApproximate(type)) return condition;
  const greater = valueOf(better === '>' ? operand : best);
  return `(${condition} || ${greater} !== ${greater})`;
}

function emitExtreme(compiler: RowCompiler, call: Call, better: '>' | '<'): Operand {
  const { source } = compiler;
  const operands = call.args.map((arg) => held(source, compiler.emit(arg)));
  const cls = classOf(call.type);
  return guarded(source, cls, operands, () => {
    const best = declareValue(source, cls);
    assignValue(source, best, operands[0]);
    for (const operand of operands.slice(1)) {
      source.block(`if (${isBetter(source, better, operand, best, call.type)})`, () =>
        assignValue(source, best, operand),
      );
    }
    return { ...best, isNull: NEVER };
  });
}
