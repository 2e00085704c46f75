import { stripAttribute, type SqlType } from '../../../data/types.ts';
import { timeZone } from '../../../data/time-zone.ts';
import { asTime, NEVER, type Operand, valueOf } from '../../codegen/operand.ts';
import { guarded } from '../../kernels/strict.ts';
import type { RowCompiler } from '../../row-compiler.ts';
import { isTimestamp } from '../../types/common-type.ts';
import { isDateTime } from '../../types/time-types.ts';
import type { Call } from '../../typed.ts';
import { DAY_MS, floorMod } from '../../values/datetime.ts';
import {
  ceiling,
  flooring,
  isCalendarUnit,
  isRoundingUnit,
  type Round,
  type RoundingUnit,
} from '../../values/time-rounding.ts';
import type { Example, FunctionDefinition } from '../definition.ts';
import { emitted } from '../kernel.ts';
import { knownUnit, refuseUnit, unitOf } from './units.ts';

const UNITS = ['MILLENNIUM', 'CENTURY', 'DECADE', 'YEAR', 'QUARTER', 'MONTH', 'WEEK', 'DAY'] as const;
const CLOCK_UNITS = ['HOUR', 'MINUTE', 'SECOND', 'MILLISECOND'] as const;

function rounding(name: 'FLOOR' | 'CEIL', doc: string, examples: readonly Example[]): FunctionDefinition {
  return {
    name: `${name} TO`,
    syntax: [`${name}(time TO unit)`],
    unit: 1,
    zoned: 'instants',
    signatures: [
      {
        shown: 'time TO unit',
        resolve: ([time, unit, ...more]) => {
          if (more.length > 0 || unit === undefined || !isDateTime(time.type)) return undefined;
          const type = stripAttribute(time.type);
          return { params: [type, unit.type], result: type };
        },
      },
    ],
    check: (args) => {
      const unit = unitOf(args, 1);
      const known = args[0].type.kind === 'TIME' ? CLOCK_UNITS : [...UNITS, ...CLOCK_UNITS];
      if (!known.some((one) => one === unit)) refuseUnit(unit, `${name} of ${args[0].type.kind}`, known);
    },
    kernel: emitted((compiler, call) => emitRounding(compiler, call, name === 'FLOOR' ? flooring : ceiling)),
    doc,
    examples,
  };
}

export const timeRounding: readonly FunctionDefinition[] = [
  rounding(
    'FLOOR',
    'The beginning of the unit that holds the time, for TIMESTAMP_LTZ by the wall clock of the session. Units: MILLENNIUM, CENTURY, ' +
      'DECADE, YEAR, QUARTER, MONTH, WEEK (from Sunday), DAY, HOUR, MINUTE, SECOND, MILLISECOND.',
    [
      ["FLOOR(DATE '2021-02-27' TO WEEK)", '2021-02-21'],
      ["FLOOR(TIMESTAMP '1969-12-31 23:59:59' TO HOUR)", '1969-12-31T23:00:00'],
    ],
  ),
  rounding(
    'CEIL',
    'The time itself where it begins a unit, else the beginning of the next one. From WEEK on only the date counts: what is on the ' +
      'first day of a month, quarter, year or week is rounded down to its midnight; a decade, century or millennium is always the next.',
    [
      ["CEIL(TIMESTAMP '2024-02-29 12:34:56' TO HOUR)", '2024-02-29T13:00:00'],
      ["CEIL(DATE '2024-02-29' TO MONTH)", '2024-03-01'],
      ["CEIL(TIMESTAMP '2018-03-01 21:00:01' TO MONTH)", '2018-03-01T00:00:00'],
    ],
  ),
];

function emitRounding(compiler: RowCompiler, call: Call, rule: (unit: RoundingUnit) => Round): Operand {
  const { source } = compiler;
  const unit = knownUnit(call, 1, isRoundingUnit);
  const { type } = call.args[0];
  const operand = compiler.emit(call.args[0]);
  const round = source.constant(rounderOf(compiler, type, unit, rule(unit)));
  if (isTimestamp(type)) {
    return guarded(source, 'time', [operand], () => {
      const { ms, nanos } = asTime(operand);
      return { cls: 'time', isNull: NEVER, ms: source.local('v', `${round}(${ms}, ${nanos})`), nanos: '0' };
    });
  }
  return guarded(source, 'number', [operand], () => {
    return { cls: 'number', isNull: NEVER, value: source.local('v', `${round}(${valueOf(operand)}, 0)`) };
  });
}

/** The rule for values of the type: days of a DATE, milliseconds of others. */
function rounderOf({ context }: RowCompiler, type: SqlType, unit: RoundingUnit, round: Round): Round {
  switch (type.kind) {
    case 'DATE':
      return (days) => Math.floor(round(days * DAY_MS, 0) / DAY_MS);
    case 'TIME':
      return (ms) => floorMod(round(ms, 0), DAY_MS);
    case 'TIMESTAMP_LTZ': {
      const zone = timeZone(context.zone);
      if (unit === 'DAY' || isCalendarUnit(unit)) {
        return (ms, nanos) => zone.toInstant(round(zone.toLocal(ms), nanos));
      }
      // Within an hour the offset is the value's own: in the hour that occurs twice the second stays the second.
      return (ms, nanos) => {
        const local = zone.toLocal(ms);
        return ms + round(local, nanos) - local;
      };
    }
    default:
      return round;
  }
}
