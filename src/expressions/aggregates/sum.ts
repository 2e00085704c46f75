import { BIGINT, decimal, DOUBLE, FLOAT, INT, notNull, type SqlType } from '../../data/types.ts';
import { NEVER, type Operand, valueOf } from '../codegen/operand.ts';
import type { SlotAccess } from '../codegen/slot-access.ts';
import type { Source } from '../codegen/source.ts';
import { fitted } from '../kernels/decimal.ts';
import { wrapped } from '../kernels/arithmetic.ts';
import type { AggregateCall, InputRef } from '../typed.ts';
import { type Accumulator, accumulatorId, type Aggregate } from './accumulator.ts';
import { countAccumulator } from './count.ts';

/** SUM in the argument's own type, as Flink does: integers wrap, FLOAT rounds each time; DECIMAL has 38 digits. */
export function sum(call: AggregateCall): Aggregate {
  const { arg, filter, type } = call;
  if (arg === undefined) throw new Error('SUM without an argument');
  const total = sumAccumulator(arg, filter);
  // A sum that cannot be NULL needs no count of its values.
  const accumulators = type.nullable ? [total, countAccumulator(arg, filter)] : [total];
  return {
    kind: 'by-slot',
    call,
    accumulators,
    result: (source, [state, counter]) => {
      const isNull = counter === undefined ? NEVER : `(${counter.value} <= 0)`;
      const value = state.load();
      switch (type.kind) {
        case 'TINYINT':
          return { cls: 'number', isNull, value: wrapped(valueOf(value), 8) };
        case 'SMALLINT':
          return { cls: 'number', isNull, value: wrapped(valueOf(value), 16) };
        case 'DECIMAL': {
          const total38 = fitted(source, valueOf(value), type);
          return {
            ...total38,
            isNull: source.local('n', isNull === NEVER ? total38.isNull : `${isNull} || ${total38.isNull}`),
          };
        }
        default:
          return { ...value, isNull };
      }
    },
  };
}

function sumAccumulator(arg: InputRef, filter: InputRef | undefined): Accumulator {
  const { type } = arg;
  switch (type.kind) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
      return numberSum('sum', arg, filter, notNull(INT), (value) => `(${value}) | 0`);
    case 'BIGINT':
      return longSum(arg, filter);
    case 'FLOAT':
      return numberSum('sum', arg, filter, notNull(FLOAT), (value) => value);
    case 'DOUBLE':
      return doubleSum(arg, filter);
    case 'DECIMAL':
      return decimalSum(arg, filter);
    default:
      throw new Error(`SUM of ${type.kind}`);
  }
}

function numberSum(
  kind: string,
  arg: InputRef,
  filter: InputRef | undefined,
  type: SqlType,
  round: (value: string) => string,
): Accumulator {
  const move = (op: string) => (source: Source, state: SlotAccess, value: Operand | undefined) =>
    source.line(`${state.value} = ${round(`${state.value} ${op} ${given(value)}`)};`);
  return {
    id: accumulatorId(kind, arg, filter),
    arg,
    filter,
    types: [type],
    ...moves(move('+'), move('-'), move('+')),
  };
}

/** Also what AVG of FLOAT sums up. */
export function doubleSum(arg: InputRef, filter: InputRef | undefined): Accumulator {
  return numberSum('double-sum', arg, filter, notNull(DOUBLE), (value) => value);
}

/** The store into a BigInt64Array wraps. */
function longSum(arg: InputRef, filter: InputRef | undefined): Accumulator {
  return numberSum('long-sum', arg, filter, notNull(BIGINT), (value) => `BigInt.asIntN(64, ${value})`);
}

/** A BIGINT sum of TINYINT, SMALLINT or INT, carried from word to word: no bigint a row. For AVG. */
export function wideSum(arg: InputRef, filter: InputRef | undefined): Accumulator {
  if (arg.type.kind === 'BIGINT') return longSum(arg, filter);
  const move = (subtract: boolean) => (source: Source, state: SlotAccess, value: Operand | undefined) => {
    const words = state.wordArray();
    const op = subtract ? '-' : '+';
    const carry = subtract ? '(low < 0 ? 1 : 0)' : '(low > 4294967295 ? 1 : 0)';
    source.line(`{ const x = ${given(value)}, low = (${words}[t << 1] >>> 0) ${op} (x >>> 0);
${words}[t << 1] = low | 0; ${words}[(t << 1) + 1] = (${words}[(t << 1) + 1] ${op} (x >> 31) ${op} ${carry}) | 0; }`);
  };
  return {
    id: accumulatorId('long-sum', arg, filter),
    arg,
    filter,
    types: [notNull(BIGINT)],
    ...moves(move(false), move(true), (source, state, partial) =>
      source.line(`${state.value} = BigInt.asIntN(64, ${state.value} + ${given(partial)});`),
    ),
  };
}

/** More than 38 digits are NULL in the end; the sum itself stops short of 128 bits. */
const CLAMP = `function clamp128(value, limit) { return value >= limit ? limit - 1n : value < -limit ? -limit : value; }`;
/** Flipping the top bit makes a signed comparison one of unsigned numbers. */
const TOP_BIT = -(1n << 63n);

export function decimalSum(arg: InputRef, filter: InputRef | undefined): Accumulator {
  const scale = arg.type.kind === 'DECIMAL' ? arg.type.scale : 0;
  const narrow = arg.type.kind === 'DECIMAL' && arg.type.precision <= 18;
  const wide = (op: string) => (source: Source, state: SlotAccess, value: Operand | undefined) => {
    const clamp = source.helper('clamp128', CLAMP);
    const limit = source.constant(1n << 127n);
    const total = `${valueOf(state.load())} ${op} ${given(value)}`;
    source.line(state.store({ cls: 'bigint', isNull: NEVER, value: `${clamp}(${total}, ${limit})` }));
  };
  /** 64-bit values into 128 bits, on machine words. */
  const words = (op: string) => (source: Source, state: SlotAccess, value: Operand | undefined) => {
    const top = source.constant(TOP_BIT);
    const [high, low] = [`${state.id}h[t]`, `${state.id}l[t]`];
    source.line(`{ const x = ${op === '+' ? given(value) : `BigInt.asIntN(64, -${given(value)})`}, a = ${low}, r = BigInt.asIntN(64, a + x);
${low} = r;
const carry = BigInt.asIntN(64, r + ${top}) < BigInt.asIntN(64, a + ${top});
if (x < 0n) { if (!carry) ${high} = BigInt.asIntN(64, ${high} - 1n); } else if (carry) ${high} = BigInt.asIntN(64, ${high} + 1n); }`);
  };
  return {
    id: accumulatorId('decimal-sum', arg, filter),
    arg,
    filter,
    types: [notNull(decimal(38, scale))],
    ...moves(narrow ? words('+') : wide('+'), narrow ? words('-') : wide('-'), wide('+')),
  };
}

type Move = (source: Source, state: SlotAccess, value: Operand | undefined) => void;

/** The three moves of an accumulator with one state column. */
function moves(add: Move, subtract: Move, merge: Move): Pick<Accumulator, 'add' | 'subtract' | 'merge'> {
  return {
    add: (source, [state], value) => add(source, state, value),
    subtract: (source, [state], value) => subtract(source, state, value),
    merge: (source, [state], [partial]) => merge(source, state, partial),
  };
}

function given(value: Operand | undefined): string {
  if (value === undefined) throw new Error('a sum of rows');
  return valueOf(value);
}
