import type { SqlType } from '../../data/types.ts';
import {
  isBinary,
  isInteger,
  isInterval,
  isNumeric,
  isString,
  isTimestamp,
} from '../../expressions/types/common-type.ts';
import { decimalSize } from '../../expressions/types/decimal.ts';

/** Why CAST from one type to the other is not allowed; undefined when it is. */
export function castProblem(from: SqlType, to: SqlType): string | undefined {
  if (isNumeric(from) && isTimestamp(to)) {
    return to.kind === 'TIMESTAMP'
      ? 'The cast from NUMERIC type to TIMESTAMP type is not allowed. ' +
          "It's recommended to use TO_TIMESTAMP(FROM_UNIXTIME(numeric_col)) instead, note the numeric is in seconds."
      : 'The cast from NUMERIC type to TIMESTAMP_LTZ type is not allowed. ' +
          "It's recommended to use TO_TIMESTAMP_LTZ(numeric_col, precision) instead.";
  }
  if (isTimestamp(from) && isNumeric(to)) {
    return (
      'The cast from TIMESTAMP type to NUMERIC type is not allowed. ' +
      "It's recommended to use UNIX_TIMESTAMP(CAST(timestamp_col AS STRING)) instead."
    );
  }
  return castable(from, to) ? undefined : 'Cast function cannot convert value of type';
}

function castable(from: SqlType, to: SqlType): boolean {
  if (to.kind === 'NULL') return false;
  if (from.kind === 'NULL') return true;
  if (isString(from)) {
    return isString(to) || isBinary(to) || to.kind === 'BOOLEAN' || isNumeric(to) || isDateTime(to);
  }
  if (isBinary(from)) return isBinary(to) || isString(to);
  if (isString(to)) return true;
  if (from.kind === 'BOOLEAN') return to.kind === 'BOOLEAN' || isNumeric(to);
  if (isNumeric(from)) return isNumeric(to) || to.kind === 'BOOLEAN' || (isInteger(from) && isInterval(to));
  if (from.kind === 'DATE') return to.kind === 'DATE' || isTimestamp(to);
  if (from.kind === 'TIME') return to.kind === 'TIME' || isTimestamp(to);
  if (isTimestamp(from)) return isDateTime(to);
  if (isInterval(from)) {
    return from.kind === to.kind || to.kind === (from.kind === 'INTERVAL_DAY_TIME' ? 'BIGINT' : 'INT');
  }
  return nestedCastable(from, to, castable);
}

/** Conversions that INSERT makes by itself. */
export function implicitlyCastable(from: SqlType, to: SqlType): boolean {
  if (from.kind === 'NULL') return true;
  if (isString(from)) return isString(to);
  if (isBinary(from)) return isBinary(to);
  if (isInteger(from) && isInteger(to)) return (decimalSize(from)?.precision ?? 0) <= (decimalSize(to)?.precision ?? 0);
  if (isNumeric(from)) {
    if (to.kind === 'DECIMAL' || to.kind === 'DOUBLE') return true;
    return to.kind === 'FLOAT' && from.kind !== 'DOUBLE';
  }
  if (isTimestamp(from)) return isDateTime(to);
  if (from.kind === 'BOOLEAN' || from.kind === 'DATE' || from.kind === 'TIME' || isInterval(from)) {
    return from.kind === to.kind;
  }
  return nestedCastable(from, to, implicitlyCastable);
}

/** Different values stay different, so keys survive the cast. */
export function injectiveCast(from: SqlType, to: SqlType): boolean {
  if (isString(from) && to.kind === 'VARCHAR') return to.length >= from.length;
  const a = decimalSize(from);
  const b = decimalSize(to);
  if (a !== undefined && b !== undefined) {
    return b.scale >= a.scale && b.precision - b.scale >= a.precision - a.scale;
  }
  if (isTimestamp(from) && from.kind === to.kind) return to.precision >= from.precision;
  return false;
}

function isDateTime(type: SqlType): boolean {
  return type.kind === 'DATE' || type.kind === 'TIME' || isTimestamp(type);
}

function nestedCastable(from: SqlType, to: SqlType, element: (a: SqlType, b: SqlType) => boolean): boolean {
  if ((from.kind === 'ARRAY' || from.kind === 'MULTISET') && from.kind === to.kind) {
    return element(from.element, to.element);
  }
  if (from.kind === 'MAP' && to.kind === 'MAP') return element(from.key, to.key) && element(from.value, to.value);
  if (from.kind === 'ROW' && to.kind === 'ROW') {
    return from.fields.length === to.fields.length && from.fields.every((f, i) => element(f.type, to.fields[i].type));
  }
  return false;
}
