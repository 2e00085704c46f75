import { unreachable } from '../../data/errors.ts';
import type { Slot } from '../slots/index.ts';

/** How generated code calls the arrays of a slot, and the property each is loaded from. */
export function slotArrays(slot: Slot): readonly (readonly [name: string, property: string])[] {
  const { id } = slot;
  const nulls = [`b${id}`, 'nulls'] as const;
  switch (slot.layout) {
    case 'i8':
    case 'i16':
    case 'i32':
    case 'f32':
    case 'f64':
      return [nulls, [`v${id}`, 'values']];
    case 'i64':
      return [nulls, [`v${id}`, 'words']];
    case 'ts':
      return [nulls, [`v${id}`, 'values'], [`q${id}`, 'nanos']];
    case 'bytes':
      return [nulls, [`s${id}`, 'starts'], [`e${id}`, 'ends']];
    case 'list':
    case 'map':
      return [nulls, [`o${id}`, 'offsets']];
    case 'dec128':
    case 'row':
      return [nulls];
    default:
      return unreachable(slot);
  }
}

/** Slots that have the row numbers of `slot`: itself and, of a ROW, its children. */
export function sameRows(slot: Slot): readonly Slot[] {
  return slot.layout === 'row' ? [slot, ...slot.children.flatMap(sameRows)] : [slot];
}
