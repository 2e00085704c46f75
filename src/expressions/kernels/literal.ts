import { BYTES_SLACK, layoutOf } from '../../data/column.ts';
import type { SqlType } from '../../data/types.ts';
import { ALWAYS, classOf, EMPTY_BYTES, NEVER, type Operand } from '../codegen/operand.ts';
import type { Source } from '../codegen/source.ts';
import type { Literal } from '../typed.ts';
import { isBinary } from '../types/common-type.ts';

/** A constant, from the pool. */
export function emitLiteral(source: Source, literal: Literal): Operand {
  const { value, type } = literal;
  if (value === null) return nullOperand(source, type);
  const isNull = NEVER;
  const cls = classOf(type);
  switch (cls) {
    case 'number':
      return { cls, isNull, value: source.constant(Number(value)) };
    case 'boolean':
      return { cls, isNull, value: value === true ? 'true' : 'false' };
    case 'bigint':
      return { cls, isNull, value: bigintLiteral(source, BigInt(String(value)), type) };
    case 'time': {
      if (typeof value !== 'object') throw new Error('a time stamp literal is [milliseconds, nanoseconds]');
      return { cls, isNull, ms: source.constant(value[0]), nanos: source.constant(value[1]) };
    }
    case 'bytes': {
      const text = Buffer.from(String(value), isBinary(type) ? 'hex' : 'utf8');
      const bytes = new Uint8Array(text.length + BYTES_SLACK);
      bytes.set(text);
      return { cls, isNull, bytes: source.constant(bytes), start: '0', end: source.constant(text.length) };
    }
    case 'nested':
      throw new Error(`a literal of type ${type.kind}`);
  }
}

function bigintLiteral(source: Source, value: bigint, type: SqlType): string {
  return layoutOf(type) === 'i64' ? source.long(value) : source.constant(value);
}

export function nullOperand(source: Source, type: SqlType): Operand {
  const isNull = ALWAYS;
  const cls = classOf(type);
  switch (cls) {
    case 'number':
      return { cls, isNull, value: '0' };
    case 'boolean':
      return { cls, isNull, value: 'false' };
    case 'bigint':
      return { cls, isNull, value: '0n' };
    case 'time':
      return { cls, isNull, ms: '0', nanos: '0' };
    case 'bytes':
      return { cls, isNull, bytes: source.constant(EMPTY_BYTES), start: '0', end: '0' };
    case 'nested':
      return { cls, isNull, value: 'null' };
  }
}
