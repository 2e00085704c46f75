export { type Calc, compileCalc } from './calc.ts';
export { constantValue } from './constant.ts';
export { type ExpressionContext, needsContext, NO_CONTEXT, readsWatermark } from './context.ts';
export { RowError } from './row-error.ts';
export { compileKeyEncoder, type KeyEncoder, newKeyBatch } from './key-encoder.ts';
export { KeyDecoder } from './key-decoder.ts';
export { type AggregateProgram, compileAggregates } from './aggregates/program.ts';
