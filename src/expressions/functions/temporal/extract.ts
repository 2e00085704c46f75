import { BIGINT, STRING, timestamp, type SqlType } from '../../../data/types.ts';
import { asTime, NEVER, type Operand, valueOf } from '../../codegen/operand.ts';
import { guarded } from '../../kernels/strict.ts';
import type { RowCompiler } from '../../row-compiler.ts';
import { isInterval, isTimestamp, withNullable } from '../../types/common-type.ts';
import { isDateTime } from '../../types/time-types.ts';
import type { Call, Expr } from '../../typed.ts';
import { DAY_MS } from '../../values/datetime.ts';
import {
  DATE_UNITS,
  extractor,
  type ExtractUnit,
  isDateUnit,
  isExtractUnit,
  TIME_UNITS,
} from '../../values/extract.ts';
import type { Example, FunctionDefinition, Resolution } from '../definition.ts';
import { emitted, rewritten } from '../kernel.ts';
import { checkIntervalUnit, emitIntervalPart, hasIntervalPart } from './interval-parts.ts';
import { knownUnit, refuseUnit, unitOf } from './units.ts';

const extract: FunctionDefinition = {
  name: 'EXTRACT',
  syntax: ['EXTRACT(unit FROM time)'],
  unit: 0,
  signatures: [
    { shown: 'unit, time', resolve: ([unit, time, ...more]) => (more.length > 0 ? undefined : extracted(unit, time)) },
  ],
  check: (args) => {
    const unit = unitOf(args, 0);
    if (isInterval(args[1].type)) return checkIntervalUnit(unit, args[1].type);
    if (!isExtractUnit(unit)) refuseUnit(unit, 'EXTRACT', [...DATE_UNITS, ...TIME_UNITS, 'EPOCH']);
    if (args[1].type.kind === 'TIME' && isDateUnit(unit))
      refuseUnit(unit, 'EXTRACT from TIME', [...TIME_UNITS, 'EPOCH']);
  },
  kernel: emitted(emitExtract),
  doc:
    'A part of a date or time as BIGINT, for TIMESTAMP_LTZ by the wall clock of the session. Units: MILLENNIUM, CENTURY, DECADE, ' +
    'YEAR, ISOYEAR, QUARTER, MONTH, WEEK (ISO 8601), DAY, DOY, DOW (Sunday is 1), ISODOW (Monday is 1), HOUR, MINUTE, SECOND, ' +
    'MILLISECOND, MICROSECOND, NANOSECOND (the whole fraction of the second in that unit), EPOCH (seconds since 1970). ' +
    'Of an interval: MILLENNIUM, CENTURY, YEAR, QUARTER, MONTH, or DAY, HOUR, MINUTE, SECOND, MILLISECOND.',
  examples: [
    ["EXTRACT(YEAR FROM DATE '2024-02-29')", '2024'],
    ["EXTRACT(WEEK FROM DATE '2021-01-03')", '53'],
    ["EXTRACT(DOW FROM DATE '2024-02-29')", '5'],
    ["EXTRACT(MICROSECOND FROM TIMESTAMP '2024-02-29 12:34:56.123456')", '123456'],
    ["EXTRACT(YEAR FROM TIMESTAMP '1969-12-31 23:59:59.999')", '1969'],
    ["EXTRACT(HOUR FROM INTERVAL '3 04:05' DAY TO MINUTE)", '4'],
    ["EXTRACT(MONTH FROM INTERVAL -'3-7' YEAR TO MONTH)", '-7'],
  ],
};

function extracted(unit: Expr | undefined, time: Expr | undefined): Resolution | undefined {
  if (unit === undefined || time === undefined) return undefined;
  if (isInterval(time.type)) {
    return { params: [unit.type, time.type], result: withNullable(BIGINT, time.type.nullable) };
  }
  if (!isDateTime(time.type)) return undefined;
  // Parts of an instant are those of the wall clock, but for the seconds since 1970.
  const local = time.type.kind === 'TIMESTAMP_LTZ' && unitOf([unit], 0) !== 'EPOCH';
  const param = local && isTimestamp(time.type) ? timestamp(time.type.precision) : time.type;
  return { params: [unit.type, param], result: withNullable(BIGINT, time.type.nullable) };
}

function emitExtract(compiler: RowCompiler, call: Call): Operand {
  const { source } = compiler;
  if (isInterval(call.args[1].type)) return emitIntervalPart(compiler, call);
  const unit = knownUnit(call, 0, isExtractUnit);
  const operand = compiler.emit(call.args[1]);
  return guarded(source, 'bigint', [operand], () => {
    const part = `${source.constant(extractor(unit))}(${timeArguments(compiler, call.args[1].type, operand)})`;
    return { cls: 'bigint', isNull: NEVER, value: source.local('v', `BigInt(${part})`) };
  });
}

/** Milliseconds and nanoseconds of a DATE, TIME or time stamp. */
export function timeArguments({ source }: RowCompiler, type: SqlType, operand: Operand): string {
  if (isTimestamp(type)) {
    const { ms, nanos } = asTime(operand);
    return `${ms}, ${nanos}`;
  }
  return type.kind === 'DATE' ? `${valueOf(operand)} * ${source.constant(DAY_MS)}, 0` : `${valueOf(operand)}, 0`;
}

/** EXTRACT(unit FROM time) of a bound time. */
export function extractOf(unit: ExtractUnit, time: Expr): Expr {
  const type = withNullable(BIGINT, time.type.nullable);
  return { kind: 'call', fn: 'EXTRACT', args: [unitLiteral(unit), time], type };
}

function unitLiteral(unit: ExtractUnit): Expr {
  return { kind: 'literal', value: unit, type: { ...STRING, nullable: false } };
}

/** `YEAR(time)` and its like. */
function shorthand(name: string, unit: ExtractUnit, example: Example): FunctionDefinition {
  return {
    name,
    signatures: [
      {
        shown: 'time',
        resolve: (args) => {
          const found = args.length === 1 ? extracted(unitLiteral(unit), args[0]) : undefined;
          if (found === undefined || (args[0].type.kind === 'TIME' && isDateUnit(unit))) return undefined;
          if (isInterval(args[0].type) && !hasIntervalPart(args[0].type, unit)) return undefined;
          return { params: [found.params[1]], result: found.result };
        },
      },
    ],
    kernel: rewritten(([arg]) => extractOf(unit, arg)),
    doc: `EXTRACT(${unit} FROM time).`,
    examples: [example],
  };
}

export const extractFunctions: readonly FunctionDefinition[] = [
  extract,
  shorthand('YEAR', 'YEAR', ["YEAR(DATE '2024-02-29')", '2024']),
  shorthand('QUARTER', 'QUARTER', ["QUARTER(DATE '2024-04-01')", '2']),
  shorthand('MONTH', 'MONTH', ["MONTH(DATE '2024-02-29')", '2']),
  shorthand('WEEK', 'WEEK', ["WEEK(DATE '2024-12-30')", '1']),
  shorthand('DAYOFYEAR', 'DOY', ["DAYOFYEAR(DATE '2024-03-01')", '61']),
  shorthand('DAYOFMONTH', 'DAY', ["DAYOFMONTH(DATE '2024-02-29')", '29']),
  shorthand('DAYOFWEEK', 'DOW', ["DAYOFWEEK(DATE '2024-03-03')", '1']),
  shorthand('HOUR', 'HOUR', ["HOUR(TIMESTAMP '2024-02-29 12:34:56')", '12']),
  shorthand('MINUTE', 'MINUTE', ["MINUTE(TIMESTAMP '2024-02-29 12:34:56')", '34']),
  shorthand('SECOND', 'SECOND', ["SECOND(TIME '12:34:56')", '56']),
];
