import type { SqlType } from '../../../data/types.ts';
import { NEVER, type Operand, valueOf } from '../../codegen/operand.ts';
import { guarded } from '../../kernels/strict.ts';
import type { RowCompiler } from '../../row-compiler.ts';
import type { Call } from '../../typed.ts';
import { knownUnit, refuseUnit } from './units.ts';

/** Of months: what is left of `within` of them, in parts of `size`, counted from `first`. */
interface MonthPart {
  readonly within: number;
  readonly size: number;
  readonly first: number;
}

const MONTH_PARTS: Readonly<Record<string, MonthPart>> = {
  MILLENNIUM: { within: Infinity, size: 12_000, first: 0 },
  CENTURY: { within: Infinity, size: 1200, first: 0 },
  YEAR: { within: Infinity, size: 12, first: 0 },
  QUARTER: { within: 12, size: 3, first: 1 },
  MONTH: { within: 12, size: 1, first: 0 },
};

/** Of milliseconds: the rest of `within` in units of `size`. */
const TIME_PARTS: Readonly<Record<string, { readonly within: bigint; readonly size: bigint }>> = {
  DAY: { within: 1n << 63n, size: 86_400_000n },
  HOUR: { within: 86_400_000n, size: 3_600_000n },
  MINUTE: { within: 3_600_000n, size: 60_000n },
  SECOND: { within: 60_000n, size: 1000n },
  MILLISECOND: { within: 1000n, size: 1n },
};

function partsOf(interval: SqlType): Readonly<Record<string, unknown>> {
  return interval.kind === 'INTERVAL_YEAR_MONTH' ? MONTH_PARTS : TIME_PARTS;
}

export function hasIntervalPart(interval: SqlType, unit: string): boolean {
  return Object.hasOwn(partsOf(interval), unit);
}

export function checkIntervalUnit(unit: string, interval: SqlType): void {
  const what = interval.kind === 'INTERVAL_YEAR_MONTH' ? 'months' : 'days and times';
  if (!hasIntervalPart(interval, unit)) {
    refuseUnit(unit, `EXTRACT from an interval of ${what}`, Object.keys(partsOf(interval)));
  }
}

/** EXTRACT(unit FROM interval): parts of a negative interval are negative. */
export function emitIntervalPart(compiler: RowCompiler, call: Call): Operand {
  const { source } = compiler;
  const { type } = call.args[1];
  const operand = compiler.emit(call.args[1]);
  const isUnit = (unit: string): unit is string => hasIntervalPart(type, unit);
  const unit = knownUnit(call, 0, isUnit);
  return guarded(source, 'bigint', [operand], () => {
    const part =
      type.kind === 'INTERVAL_YEAR_MONTH' ? monthPart(valueOf(operand), unit) : timePart(valueOf(operand), unit);
    return { cls: 'bigint', isNull: NEVER, value: source.local('v', part) };
  });
}

function monthPart(months: string, unit: string): string {
  const { within, size, first } = MONTH_PARTS[unit];
  const rest = within === Infinity ? months : `(${months} % ${within})`;
  return `BigInt(Math.trunc((${rest} - ${first}) / ${size}) + ${first})`;
}

function timePart(ms: string, unit: string): string {
  const { within, size } = TIME_PARTS[unit];
  return `${ms} % ${within}n / ${size}n`;
}
