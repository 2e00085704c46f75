import { timeZone } from '../../data/time-zone.ts';
import type { SqlType } from '../../data/types.ts';
import { asTime, type Operand, valueOf } from '../codegen/operand.ts';
import type { Source } from '../codegen/source.ts';
import type { RowCompiler } from '../row-compiler.ts';
import { DAY_MS, floorMod, floorTo, msUnit, nanosUnit } from '../values/datetime.ts';
import { anyNull, NEVER } from '../codegen/operand.ts';
import { isTimestamp } from '../types/common-type.ts';
import { guarded, simple } from './strict.ts';

/** Casts among DATE, TIME and time stamps, which floor; undefined for the others. */
export function castTime(compiler: RowCompiler, from: SqlType, to: SqlType, operand: Operand): Operand | undefined {
  if (from.kind === 'TIMESTAMP_LTZ' && to.kind !== 'TIMESTAMP_LTZ') {
    return castLocal(compiler.source, { ...from, kind: 'TIMESTAMP' }, to, inZone(compiler, 'toLocal', operand));
  }
  if (to.kind === 'TIMESTAMP_LTZ' && from.kind !== 'TIMESTAMP_LTZ') {
    const local = castLocal(compiler.source, from, { ...to, kind: 'TIMESTAMP' }, operand);
    return local && inZone(compiler, 'toInstant', local);
  }
  return castLocal(compiler.source, from, to, operand);
}

/** An instant as local time in the session's zone, or back. */
export function inZone(compiler: RowCompiler, direction: 'toLocal' | 'toInstant', operand: Operand): Operand {
  const { source, context } = compiler;
  if (context.zone === 'UTC') return operand;
  const zone = source.constant(timeZone(context.zone));
  const { ms, nanos } = asTime(operand);
  return guarded(source, 'time', [operand], () => {
    return { cls: 'time', isNull: NEVER, ms: source.local('v', `${zone}.${direction}(${ms})`), nanos };
  });
}

function castLocal(source: Source, from: SqlType, to: SqlType, operand: Operand): Operand | undefined {
  if (isTimestamp(to)) {
    if (isTimestamp(from)) return truncated(source, operand, from.precision, to.precision);
    if (from.kind === 'DATE') return instant(operand, `(${valueOf(operand)} * ${source.constant(DAY_MS)})`);
    if (from.kind === 'TIME') return truncated(source, instant(operand, valueOf(operand)), 3, to.precision);
    return undefined;
  }
  if (to.kind === 'DATE' && isTimestamp(from)) {
    return simple(source, 'number', [operand], `Math.floor(${asTime(operand).ms} / ${source.constant(DAY_MS)})`);
  }
  if (to.kind === 'TIME' && isTimestamp(from)) {
    const time = `${source.constant(floorMod)}(${asTime(operand).ms}, ${source.constant(DAY_MS)})`;
    return simple(source, 'number', [operand], floored(source, time, to.precision));
  }
  if (to.kind === 'TIME' && from.kind === 'TIME') {
    return simple(source, 'number', [operand], floored(source, valueOf(operand), to.precision));
  }
  return undefined;
}

function instant(operand: Operand, ms: string): Operand {
  return { cls: 'time', isNull: anyNull(operand), ms, nanos: '0' };
}

function floored(source: Source, ms: string, precision: number): string {
  return precision >= 3 ? ms : `${source.constant(floorTo)}(${ms}, ${source.constant(msUnit(precision))})`;
}

function truncated(source: Source, operand: Operand, from: number, to: number): Operand {
  if (to >= from) return operand;
  return guarded(source, 'time', [operand], () => {
    const { ms, nanos } = asTime(operand);
    const kept =
      to <= 3 || nanos === '0' ? '0' : source.local('v', `${nanos} - ${nanos} % ${source.constant(nanosUnit(to))}`);
    return { cls: 'time', isNull: NEVER, ms: source.local('v', floored(source, ms, to)), nanos: kept };
  });
}
