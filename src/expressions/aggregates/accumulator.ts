import type { SqlType } from '../../data/types.ts';
import type { Operand } from '../codegen/operand.ts';
import type { SlotAccess } from '../codegen/slot-access.ts';
import type { Source } from '../codegen/source.ts';
import type { AggregateCall, InputRef } from '../typed.ts';

/**
 * One state column and the code that keeps it. Aggregate calls share accumulators with the same `id`: COUNT(x), AVG(x)
 * and SUM(x) count once. The code works on the slot in variable `t`.
 */
export interface Accumulator {
  readonly id: string;
  /** The argument whose values it takes; undefined when it takes rows. */
  readonly arg: InputRef | undefined;
  readonly filter: InputRef | undefined;
  readonly type: SqlType;
  /** Writes code that adds a value (not NULL; undefined for rows). */
  add(source: Source, state: SlotAccess, value: Operand | undefined): void;
  /** Writes code that takes a value back. */
  subtract(source: Source, state: SlotAccess, value: Operand | undefined): void;
  /** Writes code that adds a partial state, which may be NULL where `type` is nullable. */
  merge(source: Source, state: SlotAccess, partial: Operand): void;
}

/** An aggregate call: what it accumulates and how its result comes of that. */
export interface Aggregate {
  readonly call: AggregateCall;
  readonly accumulators: readonly Accumulator[];
  /** Writes code for the result of slot `t`; `states` are those of `accumulators`. */
  result(source: Source, states: readonly SlotAccess[]): Operand;
}

/** What makes two accumulators of a kind the same. */
export function accumulatorId(kind: string, arg: InputRef | undefined, filter: InputRef | undefined): string {
  return `${kind}(${arg === undefined ? '*' : arg.index}) ${filter === undefined ? '' : filter.index}`;
}
