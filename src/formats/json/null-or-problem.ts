import { formatType } from '../../data/types.ts';
import { storeNull } from '../slots/nulls.ts';
import type { Slot } from '../slots/index.ts';
import { ConversionProblem } from './problems.ts';

/** Stores NULL; a NOT NULL column cannot take it. */
export function nullOrProblem(slot: Slot, row: number): void {
  if (!slot.type.nullable)
    throw new ConversionProblem(`there is no value for a column of type ${formatType(slot.type)}`);
  storeNull(slot, row);
}
