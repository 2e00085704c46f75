import { INT, timestamp, type SqlType } from '../../../data/types.ts';
import { asTime, NEVER, type Operand, valueOf } from '../../codegen/operand.ts';
import { guarded } from '../../kernels/strict.ts';
import type { RowCompiler } from '../../row-compiler.ts';
import { isInteger, isTimestamp, withNullable } from '../../types/common-type.ts';
import { commonTime, isDateTime } from '../../types/time-types.ts';
import type { Call, Expr, Literal } from '../../typed.ts';
import { monthsBetween } from '../../values/time-difference.ts';
import type { FunctionDefinition, Resolution } from '../definition.ts';
import { emitted, raw, rewritten, type RawFunction } from '../kernel.ts';
import { refuseUnit, unitOf } from './units.ts';

const MS: Readonly<Record<string, number>> = {
  WEEK: 604_800_000,
  DAY: 86_400_000,
  HOUR: 3_600_000,
  MINUTE: 60_000,
  SECOND: 1000,
};
const MONTHS: Readonly<Record<string, number>> = { YEAR: 12, QUARTER: 3, MONTH: 1 };
const UNITS = [...Object.keys(MONTHS), ...Object.keys(MS)];

function checkUnit(name: string): (args: readonly Expr[]) => void {
  return (args) => {
    const unit = unitOf(args, 0);
    if (!UNITS.includes(unit)) refuseUnit(unit, name, UNITS);
  };
}

export const timeArithmetic: readonly FunctionDefinition[] = [
  {
    name: 'TIMESTAMPADD',
    unit: 0,
    signatures: [{ shown: 'unit, count, time', resolve: added }],
    kernel: rewritten((args) => {
      checkUnit('TIMESTAMPADD')(args);
      const [, count, time] = args;
      const interval = intervalOf(unitOf(args, 0), count);
      const nullable = count.type.nullable || time.type.nullable;
      return { kind: 'call', fn: '+', args: [time, interval], type: withNullable(time.type, nullable) };
    }),
    doc:
      'The time moved by so many units: SECOND, MINUTE, HOUR, DAY, WEEK, MONTH, QUARTER, YEAR. Months keep the day or take the last of ' +
      'the month; a DATE moved by units smaller than a day is a TIMESTAMP(6).',
    examples: [
      ["TIMESTAMPADD(MONTH, 1, DATE '2024-01-31')", '2024-02-29'],
      ["TIMESTAMPADD(SECOND, -1, TIMESTAMP '2024-03-01 00:00:00')", '2024-02-29T23:59:59'],
    ],
  },
  {
    name: 'TIMESTAMPDIFF',
    unit: 0,
    signatures: [{ shown: 'unit, from, to', resolve: subtracted }],
    check: checkUnit('TIMESTAMPDIFF'),
    kernel: raw((call) => differenceIn(unitOf(call.args, 0), call.args[1].type)),
    doc:
      'How many whole units lie between the times, as INT (which wraps around). Units as for TIMESTAMPADD; a month is whole when its day ' +
      'and time of day are reached, or its last day.',
    examples: [
      ["TIMESTAMPDIFF(DAY, TIMESTAMP '2024-02-28 12:00:00', TIMESTAMP '2024-03-01 11:59:59')", 1],
      ["TIMESTAMPDIFF(MONTH, DATE '2024-01-31', DATE '2024-02-29')", 1],
      ["TIMESTAMPDIFF(MONTH, DATE '2019-09-01', DATE '2016-08-01')", -37],
    ],
  },
  {
    name: 'TIME DIFFERENCE',
    syntax: ['(a - b) unit', '(a - b) unit TO unit'],
    signatures: [],
    kernel: emitted(emitDifference),
    doc: 'The time between two dates or times as an INTERVAL: of months for YEAR and MONTH, else of milliseconds.',
    examples: [
      ["CAST((TIMESTAMP '2024-03-01 12:00:00' - TIMESTAMP '2024-02-28 00:00:00') DAY AS BIGINT)", '216000000'],
      ["CAST((DATE '2024-03-01' - DATE '2022-01-15') MONTH AS INT)", 25],
    ],
  },
];

function added(args: readonly Expr[]): Resolution | undefined {
  const [unit, count, time] = args;
  if (args.length !== 3 || !isInteger(count.type) || !isDateTime(time.type)) return undefined;
  const name = unitOf(args, 0);
  const withinDay = name === 'HOUR' || name === 'MINUTE' || name === 'SECOND';
  const result: SqlType = isTimestamp(time.type)
    ? { kind: time.type.kind, precision: time.type.precision, nullable: time.type.nullable }
    : time.type.kind === 'DATE' && withinDay
      ? timestamp(6)
      : time.type;
  return { params: [unit.type, count.type, result], result };
}

function intervalOf(unit: string, count: Expr): Expr {
  const inMonths = unit in MONTHS;
  const kind = inMonths ? 'INTERVAL_YEAR_MONTH' : 'INTERVAL_DAY_TIME';
  const size = inMonths ? MONTHS[unit] : MS[unit];
  const literal = (value: Literal['value']): Expr => ({ kind: 'literal', value, type: { kind, nullable: false } });
  if (count.kind === 'literal' && count.value !== null) {
    const total = BigInt(String(count.value)) * BigInt(size);
    return literal(inMonths ? Number(BigInt.asIntN(32, total)) : String(BigInt.asIntN(64, total)));
  }
  const one = literal(inMonths ? size : String(size));
  return { kind: 'call', fn: '*', args: [one, count], type: { kind, nullable: count.type.nullable } };
}

function subtracted(args: readonly Expr[]): Resolution | undefined {
  if (args.length !== 3) return undefined;
  const [unit, from, to] = args;
  const common = commonTime(from.type, to.type);
  if (common === undefined) return undefined;
  // Months are those of the wall clock; smaller units are the same everywhere.
  const local = common.kind === 'TIMESTAMP_LTZ' && unitOf(args, 0) in MONTHS;
  const param = local ? timestamp(common.precision) : common;
  return { params: [unit.type, param, param], result: withNullable(INT, from.type.nullable || to.type.nullable) };
}

function differenceIn(unit: string, type: SqlType): RawFunction {
  const months = MONTHS[unit];
  const ms = MS[unit];
  const between = (from: number, to: number): number =>
    months === undefined ? Math.trunc((to - from) / ms) | 0 : Math.trunc(monthsBetween(from, to) / months);
  if (type.kind === 'TIME')
    return (_bytes: unknown, _start: number, _end: number, from: number, to: number) => between(from, to);
  return (_bytes: unknown, _start: number, _end: number, from: number, _fromNanos: number, to: number) =>
    between(from, to);
}

function emitDifference(compiler: RowCompiler, call: Call): Operand {
  const { source } = compiler;
  const operands = call.args.map((arg) => compiler.emit(arg));
  const months = call.type.kind === 'INTERVAL_YEAR_MONTH';
  return guarded(source, months ? 'number' : 'bigint', operands, () => {
    const [a, b] = operands.map((operand) => (operand.cls === 'time' ? asTime(operand).ms : valueOf(operand)));
    const value = months ? `${source.constant(monthsBetween)}(${b}, ${a})` : `BigInt(${a} - ${b})`;
    return { cls: months ? 'number' : 'bigint', isNull: NEVER, value: source.local('v', value) };
  });
}
