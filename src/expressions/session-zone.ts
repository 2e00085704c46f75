import { mapTypes } from '../data/read.ts';
import type { SqlType } from '../data/types.ts';
import type { Expr } from './typed.ts';
import { isString } from './types/common-type.ts';

/** The cast goes between instants and local time or text, at any depth: its result depends on the session's zone. */
export function hasZoneCast(from: SqlType, to: SqlType): boolean {
  if (isString(to)) return holdsInstant(from);
  if (from.kind === 'TIMESTAMP_LTZ') return to.kind !== 'TIMESTAMP_LTZ';
  if (to.kind === 'TIMESTAMP_LTZ') return from.kind !== 'NULL';
  if (from.kind === 'ARRAY' && to.kind === 'ARRAY') return hasZoneCast(from.element, to.element);
  if (from.kind === 'ROW' && to.kind === 'ROW') {
    return from.fields.some((field, i) => hasZoneCast(field.type, to.fields[i].type));
  }
  if (isMap(from) && isMap(to)) {
    const [a, b] = [mapTypes(from), mapTypes(to)];
    return hasZoneCast(a.key, b.key) || hasZoneCast(a.value, b.value);
  }
  return false;
}

/** An instant plus or minus months of the calendar in the session's zone. */
export function movesByMonths(expr: Expr): boolean {
  return (
    expr.kind === 'call' &&
    expr.type.kind === 'TIMESTAMP_LTZ' &&
    expr.args.some((arg) => arg.type.kind === 'INTERVAL_YEAR_MONTH')
  );
}

function holdsInstant(type: SqlType): boolean {
  switch (type.kind) {
    case 'TIMESTAMP_LTZ':
      return true;
    case 'ARRAY':
    case 'MULTISET':
      return holdsInstant(type.element);
    case 'MAP':
      return holdsInstant(type.key) || holdsInstant(type.value);
    case 'ROW':
      return type.fields.some((field) => holdsInstant(field.type));
    default:
      return false;
  }
}

function isMap(type: SqlType): boolean {
  return type.kind === 'MAP' || type.kind === 'MULTISET';
}
