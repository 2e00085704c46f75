import type { Column } from '../../data/column.ts';
import type { SqlType } from '../../data/types.ts';
import type { SlotColumn } from '../../state/contracts.ts';
import type { Operand } from '../codegen/operand.ts';
import type { SlotAccess } from '../codegen/slot-access.ts';
import type { Source } from '../codegen/source.ts';
import type { AggregateCall, InputRef } from '../typed.ts';

/**
 * State columns and the code that keeps them. Aggregate calls share accumulators with the same `id`: COUNT(x), AVG(x)
 * and SUM(x) count once. The code works on the slot in variable `t`.
 */
export interface Accumulator {
  readonly id: string;
  /** The argument whose values it takes; undefined when it takes rows. */
  readonly arg: InputRef | undefined;
  /** A second argument, NULL or not (the value beside a key). */
  readonly second?: InputRef;
  readonly filter: InputRef | undefined;
  /** It takes NULLs of the argument too. */
  readonly takesNulls?: boolean;
  readonly types: readonly SqlType[];
  /** Writes code that adds a value (not NULL unless `takesNulls`; undefined for rows). */
  add(source: Source, states: readonly SlotAccess[], value: Operand | undefined, second?: Operand): void;
  /** Writes code that takes a value back. */
  subtract(source: Source, states: readonly SlotAccess[], value: Operand | undefined, second?: Operand): void;
  /** Writes code that adds a partial state, whose columns may be NULL where their types are nullable. */
  merge(source: Source, states: readonly SlotAccess[], partials: readonly Operand[]): void;
}

/** An aggregate call: what it accumulates and how its result comes of that. */
export type Aggregate = { readonly call: AggregateCall; readonly accumulators: readonly Accumulator[] } & (
  | {
      readonly kind: 'by-slot';
      /** Writes code for the result of slot `t`; `states` are the columns of `accumulators`. */
      result(source: Source, states: readonly SlotAccess[]): Operand;
    }
  | {
      readonly kind: 'by-column';
      /** The results of slots[0 .. count - 1] from the columns of `accumulators`. */
      results(states: readonly SlotColumn[], slots: Int32Array, count: number): Column;
    }
);

/** What makes two accumulators of a kind the same. */
export function accumulatorId(kind: string, arg: InputRef | undefined, filter: InputRef | undefined): string {
  return `${kind}(${arg === undefined ? '*' : arg.index}) ${filter === undefined ? '' : filter.index}`;
}
