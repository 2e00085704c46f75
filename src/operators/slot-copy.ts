import { hasNanos, layoutOf } from '../data/column.ts';
import { unreachable } from '../data/errors.ts';
import type { SqlType } from '../data/types.ts';
import type { SlotColumn } from '../state/contracts.ts';

/** Copies the values of slots from one set of columns to slots of another with the same types. */
export type SlotCopy = (
  from: readonly SlotColumn[],
  fromSlots: Int32Array,
  to: readonly SlotColumn[],
  toSlots: Int32Array,
  count: number,
) => void;

/** One loop a column, generated for the types of one operator. */
export function compileSlotCopy(types: readonly SqlType[]): SlotCopy {
  const loops = types.map((type, i) => {
    const nulls = type.nullable
      ? `for (let i = 0; i < count; i++) t${i}.nulls[toSlots[i]] = f${i}.nulls[fromSlots[i]];`
      : '';
    const copies = partsOf(type).map(
      (part, k) => `const p${k} = f${i}.${part}, q${k} = t${i}.${part};
        for (let i = 0; i < count; i++) q${k}[toSlots[i]] = p${k}[fromSlots[i]];`,
    );
    // A set marks the slot as not NULL, so NULL flags come last.
    return `{ const f${i} = from[${i}], t${i} = to[${i}]; ${copies.length > 0 ? copies.join(' ') : bytesLoop(i)} ${nulls} }`;
  });
  return new Function(
    `'use strict'; return function copySlots(from, fromSlots, to, toSlots, count) { ${loops.join('\n')} }`,
  )();
}

function bytesLoop(i: number): string {
  return `for (let i = 0; i < count; i++) {
    const s = fromSlots[i], start = f${i}.starts[s];
    t${i}.set(toSlots[i], f${i}.bytes, start, start + f${i}.lengths[s]);
  }`;
}

/** The arrays by slot of a layout; none for values in an arena. */
function partsOf(type: SqlType): readonly string[] {
  const layout = layoutOf(type);
  switch (layout) {
    case 'i8':
    case 'i16':
    case 'i32':
    case 'i64':
    case 'f32':
    case 'f64':
      return ['values'];
    case 'ts':
      return hasNanos(type) ? ['values', 'nanos'] : ['values'];
    case 'dec128':
      return ['high', 'low'];
    case 'bytes':
    case 'list':
    case 'map':
    case 'row':
      return [];
    default:
      return unreachable(layout);
  }
}
