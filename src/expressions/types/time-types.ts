import { timestamp, type SqlType } from '../../data/types.ts';
import { isTimestamp } from './common-type.ts';

export function isDateTime(type: SqlType): boolean {
  return isTimestamp(type) || type.kind === 'DATE' || type.kind === 'TIME';
}

/** The type in which two points in time are subtracted: dates count as midnight; undefined where that has no meaning. */
export function commonTime(a: SqlType, b: SqlType): SqlType | undefined {
  if (a.kind === 'TIME' && b.kind === 'TIME') return { kind: 'TIME', precision: 3, nullable: true };
  const types = [a, b];
  if (types.some((type) => !isDateTime(type) || type.kind === 'TIME')) return undefined;
  const precision = Math.max(...types.map((type) => (isTimestamp(type) ? type.precision : 0)));
  if (types.some((type) => type.kind === 'TIMESTAMP_LTZ')) return { kind: 'TIMESTAMP_LTZ', precision, nullable: true };
  return timestamp(precision);
}
