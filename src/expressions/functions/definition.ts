import type { SqlType } from '../../data/types.ts';
import type { Expr } from '../typed.ts';
import type { Kernel } from './kernel.ts';

/** A scalar function or operator: all that the planner, the compiler and the documentation know about it. */
export interface FunctionDefinition {
  /** Upper case; the name of the call in a plan. */
  readonly name: string;
  /** Other names of the same function. */
  readonly aliases?: readonly string[];
  /** Tried in order; empty for what only syntax makes (`a + b`), whose types the binder knows. */
  readonly signatures: readonly Signature[];
  readonly kernel: Kernel;
  /** The argument that is a unit of time (`EXTRACT(DAY FROM ts)`); it arrives as a literal. */
  readonly unit?: number;
  /** The result depends on the session's zone: always, or when an argument is a TIMESTAMP_LTZ. */
  readonly zoned?: 'always' | 'instants';
  /** The numbers of the arguments (from 0) that must be constants: what they say shapes the code. */
  readonly constants?: readonly number[];
  /** Refuses arguments that can be judged while planning: throws a HeadwaterError, to which the planner adds the place. */
  readonly check?: (args: readonly Expr[]) => void;
  /** How it is written, where that is not NAME(arguments). */
  readonly syntax?: readonly string[];
  readonly doc: string;
  /** They are documentation and tests. */
  readonly examples: readonly Example[];
  /** Where the result is not a function of the arguments (RAND): evaluated for each row, and never twice for one use. */
  readonly volatile?: boolean;
}

/** An expression and its value in the form of `--output changelog` (BIGINT and DECIMAL as strings). */
export type Example = readonly [sql: string, value: ExampleValue];
export type ExampleValue = null | boolean | number | string | readonly ExampleValue[];

/** One way to call a function. */
export interface Signature {
  /** The arguments as documentation shows them: `string, start [, length]`. */
  readonly shown: string;
  /** The types that the arguments are converted to and that of the result; undefined: not callable so. */
  resolve(args: readonly Expr[]): Resolution | undefined;
}

export interface Resolution {
  readonly params: readonly SqlType[];
  readonly result: SqlType;
}

/** A heading of the documentation. */
export interface FunctionGroup {
  readonly title: string;
  readonly functions: readonly FunctionDefinition[];
}
