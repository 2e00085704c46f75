import { HeadwaterError } from '../../../data/errors.ts';
import type { Call, Expr } from '../../typed.ts';

/** The unit of time that the planner put at place `index`. */
export function unitOf(args: readonly Expr[], index: number): string {
  const unit = args[index];
  if (unit.kind !== 'literal' || typeof unit.value !== 'string') throw new Error('a unit of time is a literal');
  return unit.value;
}

/** The same in a kernel, for a unit that the signature has let through. */
export function knownUnit<U extends string>(call: Call, index: number, isKnown: (unit: string) => unit is U): U {
  const unit = unitOf(call.args, index);
  if (!isKnown(unit)) throw new Error(`${call.fn} has no unit ${unit}`);
  return unit;
}

export function refuseUnit(unit: string, what: string, known: readonly string[]): never {
  throw new HeadwaterError('type-mismatch', `${what} has no unit ${unit}; it is one of ${known.join(', ')}`);
}
