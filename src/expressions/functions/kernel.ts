import type { Operand } from '../codegen/operand.ts';
import type { ExpressionContext } from '../context.ts';
import type { RowCompiler } from '../row-compiler.ts';
import type { Call, Expr } from '../typed.ts';
import type { BytesArena } from '../values/arena.ts';

/**
 * How a function computes. All but `emit` are strict: a NULL argument makes NULL, and the code runs only for rows
 * without one. `make` runs once per operator instance and sees the call, so that a constant pattern is compiled once.
 */
export type Kernel =
  /** Writes the code itself: for branches evaluated lazily, and NULLs that are no NULL result. */
  | { readonly kind: 'emit'; readonly emit: (compiler: RowCompiler, call: Call) => Operand }
  /** A JavaScript expression over the values, for numbers, booleans and bigints; computed on anything under NULL. */
  | { readonly kind: 'inline'; readonly write: Write }
  /** A function of raw values. Texts and bytes arrive as (bytes, start, end), time stamps as (ms, nanos). */
  | {
      readonly kind: 'raw';
      /** Where the result is text or bytes, it is appended to `out`, and its start is returned; -1 (`nullable`) is NULL. */
      readonly make: (call: Call, out: BytesArena, context: ExpressionContext) => RawFunction;
      readonly nullable: boolean;
    }
  /** A function of raw values that tells which part of the first argument (text or bytes) is the result. */
  | { readonly kind: 'slice'; readonly make: (call: Call) => (slice: Slice, ...args: never[]) => void }
  /** A function of plain values (data/read.ts): the general and slowest form. null is NULL. */
  | {
      readonly kind: 'plain';
      readonly make: (call: Call, context: ExpressionContext) => PlainFunction;
      /** NULL arguments arrive as null instead of making NULL. */
      readonly takesNull: boolean;
    }
  /** Not called at all: the planner puts another expression in its place. */
  | { readonly kind: 'rewrite'; readonly rewrite: (args: readonly Expr[], binder: Binder) => Expr };

/** What a rewrite may build: operators with their conversions. Throws when the types do not fit. */
export interface Binder {
  readonly equal: (a: Expr, b: Expr) => Expr;
  readonly remainder: (a: Expr, b: Expr) => Expr;
}

/** An expression over names; other constants than small numbers get names by `constant`. */
type Write = (values: readonly string[], call: Call, constant: (value: unknown) => string) => string;

export type RawFunction = (...args: never[]) => number | boolean | bigint | null;
export type PlainFunction = (...args: never[]) => unknown;

/** The part [start, end) of the first argument; start -1 is NULL. */
export interface Slice {
  start: number;
  end: number;
}

export const emitted = (emit: (compiler: RowCompiler, call: Call) => Operand): Kernel => ({ kind: 'emit', emit });

export const inline = (write: Write): Kernel => ({ kind: 'inline', write });

/** A raw function that never gives NULL. */
export const raw = (make: (call: Call, out: BytesArena, context: ExpressionContext) => RawFunction): Kernel => ({
  kind: 'raw',
  make,
  nullable: false,
});

/** A raw function that may give NULL (null, or -1 where it writes text). */
export const rawOrNull = (make: (call: Call, out: BytesArena, context: ExpressionContext) => RawFunction): Kernel => ({
  kind: 'raw',
  make,
  nullable: true,
});

export const slice = (make: (call: Call) => (slice: Slice, ...args: never[]) => void): Kernel => ({
  kind: 'slice',
  make,
});

export const rewritten = (rewrite: (args: readonly Expr[], binder: Binder) => Expr): Kernel => ({
  kind: 'rewrite',
  rewrite,
});

export const plain = (make: (call: Call, context: ExpressionContext) => PlainFunction): Kernel => ({
  kind: 'plain',
  make,
  takesNull: false,
});

export const plainWithNulls = (make: (call: Call, context: ExpressionContext) => PlainFunction): Kernel => ({
  kind: 'plain',
  make,
  takesNull: true,
});
