import { type Operand, valueOf } from '../codegen/operand.ts';
import type { SlotAccess } from '../codegen/slot-access.ts';
import type { Source } from '../codegen/source.ts';
import { fitted } from '../kernels/decimal.ts';
import type { AggregateCall, InputRef } from '../typed.ts';
import { divideDecimals } from '../values/decimals.ts';
import type { Accumulator, Aggregate } from './accumulator.ts';
import { countAccumulator } from './count.ts';
import { decimalSum, doubleSum, wideSum } from './sum.ts';

/** AVG: of integers the BIGINT sum divided by the count and cut off, of FLOAT and DOUBLE a DOUBLE sum. */
export function avg(call: AggregateCall): Aggregate {
  const { arg, filter } = call;
  if (arg === undefined) throw new Error('AVG without an argument');
  return {
    kind: 'by-slot',
    call,
    accumulators: [totalOf(arg, filter), countAccumulator(arg, filter)],
    result: (source, [total, counter]) => average(source, call, total, counter),
  };
}

function totalOf(arg: InputRef, filter: InputRef | undefined): Accumulator {
  switch (arg.type.kind) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
      return wideSum(arg, filter);
    case 'FLOAT':
    case 'DOUBLE':
      return doubleSum(arg, filter);
    case 'DECIMAL':
      return decimalSum(arg, filter);
    default:
      throw new Error(`AVG of ${arg.type.kind}`);
  }
}

function average(source: Source, call: AggregateCall, total: SlotAccess, counter: SlotAccess): Operand {
  const { type, arg } = call;
  const isNull = `(${counter.value} <= 0)`;
  // A count of 0 divides by 1: the result is NULL then.
  const divisor = `(${isNull} ? 1n : BigInt(${counter.value}))`;
  const sum = valueOf(total.load());
  switch (type.kind) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT': {
      // Sums that a DOUBLE holds exactly are divided as such.
      const words = total.wordArray();
      const high = source.local('v', `${words}[(t << 1) + 1]`);
      const exact = `Math.trunc((${high} * 4294967296 + (${words}[t << 1] >>> 0)) / ${counter.value}) | 0`;
      const value = `${high} >= -2097152 && ${high} < 2097151 ? ${exact} : Number(BigInt.asIntN(32, ${sum} / ${divisor}))`;
      return { cls: 'number', isNull, value: source.local('v', value) };
    }
    case 'BIGINT':
      return { cls: 'bigint', isNull, value: `(${sum} / ${divisor})` };
    case 'FLOAT':
      return { cls: 'number', isNull, value: `Math.fround(${sum} / ${counter.value})` };
    case 'DOUBLE':
      return { cls: 'number', isNull, value: `(${sum} / ${counter.value})` };
    case 'DECIMAL': {
      const from = arg?.type.kind === 'DECIMAL' ? arg.type.scale : 0;
      const scales = { from: source.constant(from), to: source.constant(type.scale), count: source.constant(0) };
      const divide = source.constant(divideDecimals);
      const value = fitted(
        source,
        `${divide}(${sum}, ${scales.from}, ${divisor}, ${scales.count}, ${scales.to})`,
        type,
      );
      return { ...value, isNull: source.local('n', `${isNull} || ${value.isNull}`) };
    }
    default:
      throw new Error(`AVG of type ${type.kind}`);
  }
}
