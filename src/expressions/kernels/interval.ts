import type { SqlType } from '../../data/types.ts';
import { asTime, NEVER, type Operand, valueOf } from '../codegen/operand.ts';
import type { RowCompiler } from '../row-compiler.ts';
import type { Call, Expr } from '../typed.ts';
import { isTimestamp } from '../types/common-type.ts';
import { addMonths } from '../values/calendar.ts';
import { DAY_MS, floorMod } from '../values/datetime.ts';
import { inZone } from './cast-time.ts';
import { type ArithmeticOp, failOnZero } from './arithmetic.ts';
import { guarded, simple } from './strict.ts';

/** DATE, TIME and time stamps plus or minus an interval; intervals plus or minus one another, times or by a number. */
export function emitInterval(
  compiler: RowCompiler,
  call: Call,
  op: ArithmeticOp,
  operands: readonly Operand[],
): Operand {
  if (op === '*' || op === '/') return scaled(compiler, call, op, operands);
  if (op !== '+' && op !== '-') throw new Error(`no '${op}' on intervals`);
  const { source } = compiler;
  const [left, right] = call.args;
  const [a, b] = operands;
  switch (left.type.kind) {
    case 'INTERVAL_YEAR_MONTH':
      return simple(source, 'number', operands, `(${valueOf(a)} ${op} ${valueOf(b)}) | 0`);
    case 'INTERVAL_DAY_TIME':
      return simple(source, 'bigint', operands, `BigInt.asIntN(64, ${valueOf(a)} ${op} ${valueOf(b)})`);
    default:
      break;
  }
  const months = right.type.kind === 'INTERVAL_YEAR_MONTH';
  return guarded(source, isTimestamp(left.type) ? 'time' : 'number', operands, () => {
    const amount = source.local('v', months ? valueOf(b) : milliseconds(compiler, right, b));
    return moved(compiler, left.type, a, op === '-' ? `-${amount}` : amount, months);
  });
}

/** A day-time interval as a number; a literal becomes one at compile time. */
function milliseconds(compiler: RowCompiler, expr: Expr, operand: Operand): string {
  if (expr.kind === 'literal') return compiler.source.constant(Number(expr.value));
  return `Number(${valueOf(operand)})`;
}

function moved(compiler: RowCompiler, type: SqlType, operand: Operand, amount: string, months: boolean): Operand {
  const { source } = compiler;
  const isNull = 'false';
  const add = source.constant(addMonths);
  switch (type.kind) {
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ': {
      if (months && type.kind === 'TIMESTAMP_LTZ') {
        // A month is one of the calendar in the session's zone.
        const local = moved(
          compiler,
          { ...type, kind: 'TIMESTAMP' },
          inZone(compiler, 'toLocal', operand),
          amount,
          months,
        );
        return inZone(compiler, 'toInstant', local);
      }
      const time = asTime(operand);
      const ms = months ? `${add}(${time.ms}, ${amount})` : `${time.ms} + (${amount})`;
      return { cls: 'time', isNull, ms: source.local('v', ms), nanos: time.nanos };
    }
    case 'DATE': {
      const day = source.constant(DAY_MS);
      const days = valueOf(operand);
      // Parts of a day count for nothing.
      const value = months
        ? `${add}(${days} * ${day}, ${amount}) / ${day}`
        : `(${days} + Math.trunc((${amount}) / ${day})) | 0`;
      return { cls: 'number', isNull, value: source.local('v', value) };
    }
    case 'TIME': {
      const time = valueOf(operand);
      if (months) return { cls: 'number', isNull, value: time };
      const modulo = `${source.constant(floorMod)}(${time} + (${amount}), ${source.constant(DAY_MS)})`;
      return { cls: 'number', isNull, value: source.local('v', modulo) };
    }
    default:
      throw new Error(`no interval arithmetic on ${type.kind}`);
  }
}

/** interval * integer, interval / integer: cut towards zero, wrapping around. */
function scaled(compiler: RowCompiler, call: Call, op: '*' | '/', operands: readonly Operand[]): Operand {
  const { source } = compiler;
  const months = call.type.kind === 'INTERVAL_YEAR_MONTH';
  return guarded(source, months ? 'number' : 'bigint', operands, () => {
    const [a, b] = operands.map((operand) => source.local('v', wide(operand)));
    if (op === '/') failOnZero(compiler, `${b} === 0n`);
    const value = months ? `Number(BigInt.asIntN(32, ${a} ${op} ${b}))` : `BigInt.asIntN(64, ${a} ${op} ${b})`;
    return { cls: months ? 'number' : 'bigint', isNull: NEVER, value: source.local('v', value) };
  });
}

function wide(operand: Operand): string {
  return operand.cls === 'bigint' ? operand.value : `BigInt(${valueOf(operand)})`;
}
