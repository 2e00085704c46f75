import { HeadwaterError } from '../../data/errors.ts';
import { formatType, type SqlType } from '../../data/types.ts';
import { asBytes, asTime, type BytesOperand, NEVER, type Operand, orNull, held, valueOf } from '../codegen/operand.ts';
import type { Source } from '../codegen/source.ts';
import type { RowCompiler } from '../row-compiler.ts';
import type { Call, Expr } from '../typed.ts';
import { isNested } from '../types/common-type.ts';
import { orBothNull, plainEqual } from '../values/plain-equal.ts';
import { powerOf10 } from './decimal.ts';
import { simple } from './strict.ts';

export type ComparisonOp = '=' | '<>' | '<' | '<=' | '>' | '>=';
const JS: Record<ComparisonOp, string> = { '=': '===', '<>': '!==', '<': '<', '<=': '<=', '>': '>', '>=': '>=' };

export function emitComparison(compiler: RowCompiler, call: Call, op: ComparisonOp): Operand {
  const { source } = compiler;
  const [left, right] = comparablePair(compiler, call.args);
  return simple(source, 'boolean', [left, right], compare(source, op, left, right, call.args[0].type));
}

/** IS [NOT] DISTINCT FROM: two NULLs are the same, and never is the result NULL. */
export function emitDistinct(compiler: RowCompiler, call: Call, distinct: boolean): Operand {
  const { source } = compiler;
  const [left, right] = comparablePair(compiler, call.args);
  const equal = compare(source, '=', left, right, call.args[0].type);
  const some = orNull(left.isNull, right.isNull);
  const same = some === NEVER ? equal : `(${some} ? ${left.isNull} === ${right.isNull} : ${equal})`;
  return { cls: 'boolean', isNull: NEVER, value: source.local('v', distinct ? `!${same}` : same) };
}

/** Both operands, evaluated and of one scale. */
export function comparablePair(compiler: RowCompiler, args: readonly Expr[]): readonly [Operand, Operand] {
  const [a, b] = args;
  const left = held(compiler.source, compiler.emit(a));
  const right = held(compiler.source, compiler.emit(b));
  return [atScaleOf(compiler.source, left, a.type, b.type), atScaleOf(compiler.source, right, b.type, a.type)];
}

function atScaleOf(source: Source, operand: Operand, type: SqlType, other: SqlType): Operand {
  if (operand.cls !== 'bigint' || type.kind !== 'DECIMAL' || other.kind !== 'DECIMAL') return operand;
  if (other.scale <= type.scale) return operand;
  const raise = other.scale - type.scale;
  const raised = `${operand.value} * ${powerOf10(source, raise)}`;
  return { ...operand, value: type.precision + raise <= 18 ? `BigInt.asIntN(64, ${raised})` : `(${raised})` };
}

/** A condition over two values of the type that are not NULL. */
export function compare(source: Source, op: ComparisonOp, left: Operand, right: Operand, type: SqlType): string {
  switch (left.cls) {
    case 'number':
    case 'boolean':
    case 'bigint':
      return `(${left.value} ${JS[op]} ${valueOf(right)})`;
    case 'time':
      return compareTimes(op, left, asTime(right));
    case 'bytes':
      return compareBytes(source, op, left, asBytes(right));
    case 'nested': {
      // It is computed under NULL too, where the value is null.
      const equal = `${source.constant(orBothNull(plainEqual(type)))}(${left.value}, ${valueOf(right)})`;
      if (op !== '=' && op !== '<>') throw new Error(`no order of ${type.kind}`);
      return op === '=' ? equal : `(!${equal})`;
    }
  }
}

/** Arrays, maps and rows are equal or not; none is less. */
export function checkOrdered(type: SqlType): void {
  if (isNested(type)) {
    throw new HeadwaterError('unsupported', `Values of type ${formatType(type)} have no order`);
  }
}

function compareTimes(
  op: ComparisonOp,
  left: { readonly ms: string; readonly nanos: string },
  right: { readonly ms: string; readonly nanos: string },
): string {
  if (left.nanos === '0' && right.nanos === '0') return `(${left.ms} ${JS[op]} ${right.ms})`;
  if (op === '=') return `(${left.ms} === ${right.ms} && ${left.nanos} === ${right.nanos})`;
  if (op === '<>') return `(${left.ms} !== ${right.ms} || ${left.nanos} !== ${right.nanos})`;
  const strict = op === '<' || op === '<=' ? '<' : '>';
  return `(${left.ms} ${strict} ${right.ms} || (${left.ms} === ${right.ms} && ${left.nanos} ${JS[op]} ${right.nanos}))`;
}

const EQUAL_BYTES = `function equalBytes(a, as, ae, b, bs, be) {
  if (ae - as !== be - bs) return false;
  while (as < ae) if (a[as++] !== b[bs++]) return false;
  return true;
}`;
/** Negative, 0 or positive: the order of unsigned bytes, a prefix first. */
const ORDER_BYTES = `function orderBytes(a, as, ae, b, bs, be) {
  const order = (ae - as) - (be - bs);
  const end = order < 0 ? ae : as + (be - bs);
  while (as < end) { const d = a[as++] - b[bs++]; if (d !== 0) return d; }
  return order;
}`;

function compareBytes(source: Source, op: ComparisonOp, a: BytesOperand, b: BytesOperand): string {
  const operands = `${a.bytes}, ${a.start}, ${a.end}, ${b.bytes}, ${b.start}, ${b.end}`;
  if (op === '=') return `${source.helper('equalBytes', EQUAL_BYTES)}(${operands})`;
  if (op === '<>') return `(!${source.helper('equalBytes', EQUAL_BYTES)}(${operands}))`;
  return `(${source.helper('orderBytes', ORDER_BYTES)}(${operands}) ${JS[op]} 0)`;
}
