import { MIN_WATERMARK } from '../../data/batch.ts';
import { NEVER, type Operand } from '../codegen/operand.ts';
import type { RowCompiler } from '../row-compiler.ts';

/** The wall clock, read for this row. */
export function emitNow({ source, context }: RowCompiler): Operand {
  return { cls: 'time', isNull: NEVER, ms: source.local('v', `${source.constant(context.now)}()`), nanos: '0' };
}

/** The watermark that the operator has seen; NULL before the first. */
export function emitWatermark({ source, context }: RowCompiler): Operand {
  const ms = source.local('v', `${source.constant(context.watermark)}()`);
  return { cls: 'time', isNull: source.local('n', `${ms} === ${source.constant(MIN_WATERMARK)}`), ms, nanos: '0' };
}
