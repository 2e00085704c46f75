import { sameType, stripAttribute } from '../data/types.ts';
import type { Expr } from '../expressions/typed.ts';
import type { BoundAggregate } from './aggregate-calls.ts';
import { exprKey } from './expression-tools.ts';

const OF_EQUAL_VALUES = new Set(['AVG', 'MIN', 'MAX', 'FIRST_VALUE', 'LAST_VALUE']);

/** The aggregate is of values that are all equal to the group, and so is it: an AVG that cannot overflow. */
export function isGroupItself({ fn, arg, filter, type }: BoundAggregate, group: Expr): boolean {
  if (!OF_EQUAL_VALUES.has(fn) || arg === undefined || filter !== undefined) return false;
  const isSame = sameType(type, group.type) && type.nullable === group.type.nullable;
  return isSame && stripAttribute(group.type) === group.type && exprKey(arg) === exprKey(group);
}
