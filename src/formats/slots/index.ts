import { type Column, layoutOf } from '../../data/column.ts';
import { assert, unreachable } from '../../data/errors.ts';
import { INT, notNull, type Schema, type SqlType } from '../../data/types.ts';
import type { SourceBytes } from './base.ts';
import { BytesSlot } from './bytes.ts';
import { ListSlot, MapSlot, RowSlot } from './nested.ts';
import { Dec128Slot, F32Slot, F64Slot, I16Slot, I32Slot, I64Slot, I8Slot, TsSlot } from './scalar.ts';

export type { SourceBytes };
export {
  BytesSlot,
  Dec128Slot,
  F32Slot,
  F64Slot,
  I16Slot,
  I32Slot,
  I64Slot,
  I8Slot,
  ListSlot,
  MapSlot,
  RowSlot,
  TsSlot,
};
export type { BytesMode } from './bytes.ts';

/**
 * Pooled storage of one column while a batch is decoded. Slots of one table form a tree; children of a ROW share its
 * row numbers, elements of an ARRAY, MAP or MULTISET have row numbers of their own. Arrays only grow, and are used
 * again for the next batch. Generated decoders write the arrays of a slot directly.
 */
export type Slot =
  | I8Slot
  | I16Slot
  | I32Slot
  | I64Slot
  | F32Slot
  | F64Slot
  | TsSlot
  | Dec128Slot
  | BytesSlot
  | ListSlot
  | MapSlot
  | RowSlot;

/** The slots of some columns; `all` holds every slot of the trees by its id. */
export interface SlotSet {
  readonly roots: readonly Slot[];
  readonly all: readonly Slot[];
}

export function makeSlots(schema: Schema, columns: readonly number[]): SlotSet {
  const all: Slot[] = [];
  const roots = columns.map((index) => {
    const field = schema[index];
    assert(field !== undefined, `column ${index} of ${schema.length}`);
    return makeSlot(field.type, all);
  });
  return { roots, all };
}

function makeSlot(type: SqlType, all: Slot[]): Slot {
  const children = childTypes(type).map((child) => makeSlot(child, all));
  const slot = newSlot(all.length, type, children);
  all.push(slot);
  return slot;
}

function childTypes(type: SqlType): readonly SqlType[] {
  switch (type.kind) {
    case 'ARRAY':
      return [type.element];
    case 'MULTISET':
      return [type.element, notNull(INT)];
    case 'MAP':
      return [type.key, type.value];
    case 'ROW':
      return type.fields.map((field) => field.type);
    default:
      return [];
  }
}

function newSlot(id: number, type: SqlType, children: readonly Slot[]): Slot {
  const layout = layoutOf(type);
  switch (layout) {
    case 'i8':
      return new I8Slot(id, type);
    case 'i16':
      return new I16Slot(id, type);
    case 'i32':
      return new I32Slot(id, type);
    case 'i64':
      return new I64Slot(id, type);
    case 'f32':
      return new F32Slot(id, type);
    case 'f64':
      return new F64Slot(id, type);
    case 'ts':
      return new TsSlot(id, type);
    case 'dec128':
      return new Dec128Slot(id, type);
    case 'bytes':
      return new BytesSlot(id, type);
    case 'list':
      return new ListSlot(id, type, children[0]);
    case 'map':
      return new MapSlot(id, type, children[0], children[1]);
    case 'row':
      return new RowSlot(id, type, children);
    default:
      return unreachable(layout);
  }
}

/** The columns of a batch that was decoded into the slots. */
export function columnsOf(slots: SlotSet, source: SourceBytes): Column[] {
  return slots.roots.map((slot) => slot.column(source));
}
