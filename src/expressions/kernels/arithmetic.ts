import { unreachable } from '../../data/errors.ts';
import type { SqlType } from '../../data/types.ts';
import { type Operand, valueOf } from '../codegen/operand.ts';
import type { Source } from '../codegen/source.ts';
import type { RowCompiler } from '../row-compiler.ts';
import { divisionByZero } from '../row-error.ts';
import type { Call } from '../typed.ts';
import { emitDecimal } from './decimal.ts';
import { emitInterval } from './interval.ts';
import { guarded, simple, values } from './strict.ts';

export type ArithmeticOp = '+' | '-' | '*' | '/' | '%';

export function emitArithmetic(compiler: RowCompiler, call: Call, op: ArithmeticOp): Operand {
  const { source } = compiler;
  const operands = call.args.map((arg) => compiler.emit(arg));
  const [left, right] = call.args;
  if (left.type.kind.startsWith('INTERVAL') || right.type.kind.startsWith('INTERVAL'))
    return emitInterval(compiler, call, op, operands);
  const kind = call.type.kind;
  switch (kind) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
      return integer(compiler, op, bitsOf(kind), operands);
    case 'BIGINT':
      return long(compiler, op, operands);
    case 'FLOAT': {
      const [a, b] = values(source, operands);
      return simple(source, 'number', operands, `Math.fround(${a} ${op} ${b})`);
    }
    case 'DOUBLE': {
      const [a, b] = values(source, operands);
      return simple(source, 'number', operands, `${a} ${op} ${b}`);
    }
    case 'DECIMAL':
      return emitDecimal(compiler, op, operands, [left.type, right.type], call.type);
    default:
      throw new Error(`no arithmetic on ${kind}`);
  }
}

function integer(compiler: RowCompiler, op: ArithmeticOp, bits: number, operands: readonly Operand[]): Operand {
  const { source } = compiler;
  if (op === '/' || op === '%') {
    return guarded(source, 'number', operands, () => {
      const [a, b] = values(source, operands);
      failOnZero(compiler, `${b} === 0`);
      return { cls: 'number', isNull: 'false', value: source.local('v', wrapped(`${a} ${op} ${b}`, bits)) };
    });
  }
  const [a, b] = values(source, operands);
  const exact = op === '*' ? `Math.imul(${a}, ${b})` : `${a} ${op} ${b}`;
  return simple(source, 'number', operands, wrapped(exact, bits));
}

function long(compiler: RowCompiler, op: ArithmeticOp, operands: readonly Operand[]): Operand {
  const { source } = compiler;
  const [a, b] = values(source, operands);
  const exact = `BigInt.asIntN(64, ${a} ${op} ${b})`;
  if (op !== '/' && op !== '%') return simple(source, 'bigint', operands, exact);
  return guarded(source, 'bigint', operands, () => {
    failOnZero(compiler, `${b} === 0n`);
    return { cls: 'bigint', isNull: 'false', value: source.local('v', exact) };
  });
}

/** Fails the row when the condition holds. */
export function failOnZero(compiler: RowCompiler, condition: string): void {
  const { source, row } = compiler;
  source.line(`if (${condition}) throw ${source.constant(divisionByZero)}(${row});`);
}

export function emitNegate(compiler: RowCompiler, call: Call): Operand {
  const { source } = compiler;
  const operand = compiler.emit(call.args[0]);
  return negated(source, call.type, operand);
}

function negated(source: Source, type: SqlType, operand: Operand): Operand {
  const value = valueOf(operand);
  switch (type.kind) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
      return simple(source, 'number', [operand], wrapped(`0 - ${value}`, bitsOf(type.kind)));
    case 'INTERVAL_YEAR_MONTH':
      return simple(source, 'number', [operand], wrapped(`0 - ${value}`, 32));
    case 'FLOAT':
    case 'DOUBLE':
      return simple(source, 'number', [operand], `-${value}`);
    case 'BIGINT':
    case 'INTERVAL_DAY_TIME':
      return simple(source, 'bigint', [operand], `BigInt.asIntN(64, -${value})`);
    case 'DECIMAL':
      return simple(source, 'bigint', [operand], `-${value}`);
    default:
      throw new Error(`no negative of ${type.kind}`);
  }
}

export function bitsOf(kind: 'TINYINT' | 'SMALLINT' | 'INT'): number {
  switch (kind) {
    case 'TINYINT':
      return 8;
    case 'SMALLINT':
      return 16;
    case 'INT':
      return 32;
    default:
      return unreachable(kind);
  }
}

/** Two's complement wrap of a number expression. */
export function wrapped(expression: string, bits: number): string {
  if (bits === 32) return `((${expression}) | 0)`;
  return `((${expression}) << ${32 - bits} >> ${32 - bits})`;
}
