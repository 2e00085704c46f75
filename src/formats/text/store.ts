import { formatType } from '../../data/types.ts';
import type { Dec128Slot, I64Slot, Slot, TsSlot } from '../slots/index.ts';
import { storeNull } from '../slots/nulls.ts';
import { ConversionProblem } from './problems.ts';
import type { Instant } from './scalars.ts';

/** Stores NULL; a NOT NULL column cannot take it. */
export function nullOrProblem(slot: Slot, row: number): void {
  if (!slot.type.nullable)
    throw new ConversionProblem(`there is no value for a column of type ${formatType(slot.type)}`);
  storeNull(slot, row);
}

/** Stores what parseDecimal gives; NULL when it has too many digits. */
export function storeDecimal(slot: I64Slot | Dec128Slot, row: number, value: bigint | 'overflow'): void {
  if (value === 'overflow') nullOrProblem(slot, row);
  else if (slot.layout === 'i64') slot.values[row] = value;
  else {
    slot.high[row] = value >> 64n;
    slot.low[row] = BigInt.asIntN(64, value);
  }
}

/** What stores instants in a slot, cut off to the precision of its type. */
export function instantStore(slot: TsSlot): (row: number, instant: Instant) => void {
  const { type, withNanos } = slot;
  const step = 'precision' in type ? 10 ** (9 - type.precision) : 1;
  return (row, { millis, nanos }) => {
    slot.values[row] = millis;
    if (withNanos) slot.nanos[row] = nanos - (nanos % step);
  };
}
