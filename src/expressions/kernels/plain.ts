import type { SqlType } from '../../data/types.ts';
import { classOf, NEVER, type Operand } from '../codegen/operand.ts';
import type { Source } from '../codegen/source.ts';
import type { RowCompiler } from '../row-compiler.ts';
import { isBinary } from '../types/common-type.ts';
import { decodeText } from '../values/utf8.ts';

/** The operand (not NULL) as a plain value (data/read.ts). */
export function toPlain(source: Source, operand: Operand, type: SqlType): string {
  switch (operand.cls) {
    case 'time':
      return `{ ms: ${operand.ms}, nanos: ${operand.nanos} }`;
    case 'bytes': {
      const { bytes, start, end } = operand;
      if (isBinary(type)) return `${bytes}.slice(${start}, ${end})`;
      return `${source.constant(decodeText)}(${bytes}, ${start}, ${end})`;
    }
    default:
      return operand.value;
  }
}

/** A plain value that is not NULL, in the variable `plain`, as an operand. */
export function fromPlain(compiler: RowCompiler, type: SqlType, plain: string): Operand {
  const { source } = compiler;
  const isNull = NEVER;
  const cls = classOf(type);
  switch (cls) {
    case 'time':
      return { cls, isNull, ms: `${plain}.ms`, nanos: `${plain}.nanos` };
    case 'bytes': {
      if (isBinary(type)) {
        return { cls, isNull, bytes: plain, start: '0', end: `${plain}.length` };
      }
      const scratch = compiler.scratch();
      const start = source.local('v', `${scratch}.text(${plain})`);
      return {
        cls,
        isNull,
        bytes: source.local('b', `${scratch}.bytes`),
        start,
        end: source.local('v', `${scratch}.at`),
      };
    }
    default:
      return { cls, isNull, value: plain };
  }
}
