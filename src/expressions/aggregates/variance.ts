import { assert, unreachable } from '../../data/errors.ts';
import { DOUBLE, notNull } from '../../data/types.ts';
import { type Operand, valueOf } from '../codegen/operand.ts';
import type { SlotAccess } from '../codegen/slot-access.ts';
import type { Source } from '../codegen/source.ts';
import type { AggregateCall, InputRef } from '../typed.ts';
import { saturateInt, saturateLong } from '../values/cast.ts';
import { decimalToDouble, doubleToDecimal } from '../values/decimals.ts';
import { fitted } from '../kernels/decimal.ts';
import { wrapped } from '../kernels/arithmetic.ts';
import { type Accumulator, accumulatorId, type Aggregate } from './accumulator.ts';

/**
 * STDDEV_POP, STDDEV_SAMP, VAR_POP, VAR_SAMP by Welford's method in DOUBLE (count, mean, sum of squared distances), cast
 * to the argument's type as any DOUBLE is. Rounding may leave a sum a little below 0 when values are taken back: that is 0.
 */
export function variance(call: AggregateCall): Aggregate {
  const { arg, filter } = call;
  assert(arg !== undefined, `${call.fn} without an argument`);
  return {
    kind: 'by-slot',
    call,
    accumulators: [welford(arg, filter)],
    result: (source, states) => spread(source, call, states),
  };
}

function welford(arg: InputRef, filter: InputRef | undefined): Accumulator {
  return {
    id: accumulatorId('welford', arg, filter),
    arg,
    filter,
    types: [notNull(DOUBLE), notNull(DOUBLE), notNull(DOUBLE)],
    add: (source, states, value) => {
      const [n, mean, squares] = states.map((state) => state.value);
      source.block(`if ((${n} += 1) > 0)`, () => {
        source.line(`const x = ${asDouble(source, arg, value)}, d = x - ${mean};
${mean} += d / ${n}; ${squares} += d * (x - ${mean});`);
      });
    },
    subtract: (source, states, value) => {
      const [n, mean, squares] = states.map((state) => state.value);
      source.block(`if ((${n} -= 1) > 0)`, () => {
        source.line(`const x = ${asDouble(source, arg, value)}, d = x - ${mean};
${mean} -= d / ${n}; ${squares} -= (x - ${mean}) * d;`);
      });
      source.line(`else if (${n} === 0) { ${mean} = 0; ${squares} = 0; }`);
    },
    merge: (source, states, partials) => {
      const [n, mean, squares] = states.map((state) => state.value);
      const [n2, mean2, squares2] = partials.map(valueOf);
      source.line(`if (${n2} <= 0) { if ((${n} += ${n2}) <= 0) { ${mean} = 0; ${squares} = 0; } }
else if (${n} === 0) { ${n} = ${n2}; ${mean} = ${mean2}; ${squares} = ${squares2}; }
else {
const all = ${n} + ${n2}, d = ${mean2} - ${mean};
${squares} = all <= 0 ? 0 : ${squares} + ${squares2} + ${n} * ${n2} / all * d * d;
${mean} = all <= 0 ? 0 : ${mean} + ${n2} / all * d;
${n} = all;
}`);
    },
  };
}

/** An expression for the value of a number as DOUBLE. */
export function asDouble(source: Source, arg: InputRef, value: Operand | undefined): string {
  assert(value !== undefined, 'numbers of rows');
  if (arg.type.kind !== 'DECIMAL') return value.cls === 'bigint' ? `Number(${value.value})` : valueOf(value);
  return `${source.constant(decimalToDouble)}(${valueOf(value)}, ${source.constant(arg.type.scale)})`;
}

function spread(source: Source, call: AggregateCall, states: readonly SlotAccess[]): Operand {
  const [n, , squares] = states.map((state) => state.value);
  const sample = call.fn === 'STDDEV_SAMP' || call.fn === 'VAR_SAMP';
  const root = call.fn === 'STDDEV_POP' || call.fn === 'STDDEV_SAMP';
  const isNull = source.local('n', `${n} <= ${sample ? 1 : 0}`);
  const mean = `Math.max(0, ${squares}) / ${sample ? `(${n} - 1)` : n}`;
  const value = source.local('v', root ? `Math.sqrt(${mean})` : mean);
  return ofType(source, call, isNull, value);
}

/** The DOUBLE cast to the call's type. */
function ofType(source: Source, { type, fn }: AggregateCall, isNull: string, value: string): Operand {
  const int = (): string => `${source.constant(saturateInt)}(${value})`;
  switch (type.kind) {
    case 'TINYINT':
      return { cls: 'number', isNull, value: wrapped(int(), 8) };
    case 'SMALLINT':
      return { cls: 'number', isNull, value: wrapped(int(), 16) };
    case 'INT':
      return { cls: 'number', isNull, value: int() };
    case 'BIGINT':
      return { cls: 'bigint', isNull, value: `${source.constant(saturateLong)}(${value})` };
    case 'FLOAT':
      return { cls: 'number', isNull, value: `Math.fround(${value})` };
    case 'DOUBLE':
      return { cls: 'number', isNull, value };
    case 'DECIMAL': {
      const rounded = `(${source.constant(doubleToDecimal)}(${value}, ${source.constant(type.scale)}) ?? ${source.constant(1n << 127n)})`;
      const result = fitted(source, `(${isNull} ? 0n : ${rounded})`, type);
      return { ...result, isNull: source.local('n', `${isNull} || ${result.isNull}`) };
    }
    case 'BOOLEAN':
    case 'DATE':
    case 'CHAR':
    case 'VARCHAR':
    case 'BINARY':
    case 'VARBINARY':
    case 'TIME':
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
    case 'INTERVAL_YEAR_MONTH':
    case 'INTERVAL_DAY_TIME':
    case 'ARRAY':
    case 'MULTISET':
    case 'MAP':
    case 'ROW':
    case 'NULL':
      throw new Error(`${fn} of type ${type.kind}`);
    default:
      return unreachable(type);
  }
}
