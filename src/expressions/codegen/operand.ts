import { unreachable } from '../../data/errors.ts';
import { layoutOf } from '../../data/column.ts';
import type { SqlType } from '../../data/types.ts';
import type { Source } from './source.ts';

/** How generated code holds a value of a row. Nested values are plain JavaScript (data/read.ts). */
export type ValueClass = 'number' | 'boolean' | 'bigint' | 'time' | 'bytes' | 'nested';

/**
 * A value in generated code: side-effect free expressions, valid from where they were written to the end of the block.
 * `isNull` is 'false', 'true' or an expression; under NULL the value is unspecified but of its class.
 */
export type Operand = { readonly isNull: string } & (
  | { readonly cls: 'number' | 'boolean' | 'bigint' | 'nested'; readonly value: string }
  | { readonly cls: 'time'; readonly ms: string; readonly nanos: string }
  | { readonly cls: 'bytes'; readonly bytes: string; readonly start: string; readonly end: string }
);
export type BytesOperand = Operand & { readonly cls: 'bytes' };
export type TimeOperand = Operand & { readonly cls: 'time' };

export const NEVER = 'false';
export const ALWAYS = 'true';
export const EMPTY_BYTES = new Uint8Array(16);

export function classOf(type: SqlType): ValueClass {
  if (type.kind === 'BOOLEAN') return 'boolean';
  const layout = layoutOf(type);
  switch (layout) {
    case 'i8':
    case 'i16':
    case 'i32':
    case 'f32':
    case 'f64':
      return 'number';
    case 'i64':
    case 'dec128':
      return 'bigint';
    case 'ts':
      return 'time';
    case 'bytes':
      return 'bytes';
    case 'list':
    case 'map':
    case 'row':
      return 'nested';
    default:
      return unreachable(layout);
  }
}

/** The single value expression of an operand that has one. */
export function valueOf(operand: Operand): string {
  if (operand.cls === 'time' || operand.cls === 'bytes')
    throw new Error(`a ${operand.cls} value is no single expression`);
  return operand.value;
}
export function asBytes(operand: Operand): BytesOperand {
  if (operand.cls !== 'bytes') throw new Error(`bytes expected, not ${operand.cls}`);
  return operand;
}
export function asTime(operand: Operand): TimeOperand {
  if (operand.cls !== 'time') throw new Error(`a time expected, not ${operand.cls}`);
  return operand;
}

export function anyNull(...operands: readonly Operand[]): string {
  return orNull(...operands.map((operand) => operand.isNull));
}
export function orNull(...conditions: readonly string[]): string {
  if (conditions.includes(ALWAYS)) return ALWAYS;
  const open = [...new Set(conditions.filter((condition) => condition !== NEVER))];
  if (open.length === 0) return NEVER;
  return open.length === 1 ? open[0] : `(${open.join(' || ')})`;
}

/** A condition that the operand is TRUE (not FALSE, not NULL). */
export function isTrue(operand: Operand): string {
  const value = valueOf(operand);
  return operand.isNull === NEVER ? value : `(!${operand.isNull} && ${value})`;
}

/** Variables of one class that several branches assign. `isNull` starts as given. */
export function declare(source: Source, cls: ValueClass, isNull: string): Operand {
  const n = source.name('n');
  source.line(`let ${n} = ${isNull};`);
  return { ...declareValue(source, cls), isNull: n };
}

/** The same without a NULL flag: a value that is never NULL where it is used. */
export function declareValue(source: Source, cls: ValueClass): Operand {
  const v = source.name('v');
  switch (cls) {
    case 'number':
      source.line(`let ${v} = 0;`);
      return { cls, isNull: NEVER, value: v };
    case 'boolean':
      source.line(`let ${v} = false;`);
      return { cls, isNull: NEVER, value: v };
    case 'bigint':
      source.line(`let ${v} = 0n;`);
      return { cls, isNull: NEVER, value: v };
    case 'nested':
      source.line(`let ${v} = null;`);
      return { cls, isNull: NEVER, value: v };
    case 'time':
      source.line(`let ${v} = 0, ${v}n = 0;`);
      return { cls, isNull: NEVER, ms: v, nanos: `${v}n` };
    case 'bytes':
      source.line(`let ${v} = ${source.constant(EMPTY_BYTES)}, ${v}s = 0, ${v}e = 0;`);
      return { cls, isNull: NEVER, bytes: v, start: `${v}s`, end: `${v}e` };
    default:
      return unreachable(cls);
  }
}

/** Assigns value and NULL flag to declared variables. */
export function assign(source: Source, target: Operand, value: Operand): void {
  if (target.isNull !== NEVER) source.line(`${target.isNull} = ${value.isNull};`);
  if (value.isNull === ALWAYS) return;
  if (value.isNull === NEVER) assignValue(source, target, value);
  else source.block(`if (!${value.isNull})`, () => assignValue(source, target, value));
}

export function assignValue(source: Source, target: Operand, value: Operand): void {
  if (target.cls === 'time') {
    const from = asTime(value);
    source.line(`${target.ms} = ${from.ms}; ${target.nanos} = ${from.nanos};`);
  } else if (target.cls === 'bytes') {
    const from = asBytes(value);
    source.line(`${target.bytes} = ${from.bytes}; ${target.start} = ${from.start}; ${target.end} = ${from.end};`);
  } else {
    source.line(`${target.value} = ${valueOf(value)};`);
  }
}

/** The value held in names, so that repeating it costs nothing. */
export function held(source: Source, operand: Operand): Operand {
  const isNull = source.local('n', operand.isNull);
  switch (operand.cls) {
    case 'time':
      return { ...operand, isNull, ms: source.local('v', operand.ms), nanos: source.local('v', operand.nanos) };
    case 'bytes':
      return { ...operand, isNull, start: source.local('v', operand.start), end: source.local('v', operand.end) };
    default:
      return { ...operand, isNull, value: source.local('v', operand.value) };
  }
}
