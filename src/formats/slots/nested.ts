import type { ListColumn, MapColumn, RowColumn } from '../../data/column.ts';
import type { SqlType } from '../../data/types.ts';
import { copyInto, SlotBase, type SourceBytes } from './base.ts';
import type { Slot } from './index.ts';

/** Common to ARRAY, MAP and MULTISET: rows of the elements are counted apart. */
abstract class NestedSlot extends SlotBase {
  offsets = new Int32Array(1);
  /** Elements of all complete rows. */
  count = 0;
  elementCapacity = 0;
  abstract readonly children: readonly Slot[];

  growElements(): void {
    this.elementCapacity = Math.max(64, this.elementCapacity * 2);
    for (const child of this.children) child.ensure(this.elementCapacity);
  }

  /** Drops elements of the row that is being written, which is the last one. */
  restart(row: number): void {
    if (this.count === this.offsets[row]) return;
    this.count = this.offsets[row];
    for (const child of this.children) child.truncate(this.count);
  }

  /** The row number of a new element. */
  addElement(): number {
    if (this.count === this.elementCapacity) this.growElements();
    return this.count++;
  }

  override reset(): void {
    super.reset();
    this.count = 0;
    for (const child of this.children) child.reset();
  }

  override truncate(row: number): void {
    super.truncate(row);
    // A decoder that fails half way counts elements of complete rows only, or has counted some too many.
    this.count = Math.min(this.count, this.offsets[row]);
    for (const child of this.children) child.truncate(this.count);
  }

  protected resize(capacity: number): void {
    this.offsets = copyInto(new Int32Array(capacity + 1), this.offsets);
  }
}

export class ListSlot extends NestedSlot {
  readonly layout = 'list';
  readonly children: readonly [Slot];
  constructor(id: number, type: SqlType, element: Slot) {
    super(id, type);
    this.children = [element];
  }
  column(source: SourceBytes): ListColumn {
    return {
      layout: 'list',
      offsets: this.offsets,
      element: this.children[0].column(source),
      nulls: this.bitmap(),
    };
  }
}

export class MapSlot extends NestedSlot {
  readonly layout = 'map';
  readonly children: readonly [Slot, Slot];
  constructor(id: number, type: SqlType, key: Slot, value: Slot) {
    super(id, type);
    this.children = [key, value];
  }
  column(source: SourceBytes): MapColumn {
    return {
      layout: 'map',
      offsets: this.offsets,
      key: this.children[0].column(source),
      value: this.children[1].column(source),
      nulls: this.bitmap(),
    };
  }
}

export class RowSlot extends SlotBase {
  readonly layout = 'row';
  readonly children: readonly Slot[];
  constructor(id: number, type: SqlType, children: readonly Slot[]) {
    super(id, type);
    this.children = children;
  }
  override reset(): void {
    super.reset();
    for (const child of this.children) child.reset();
  }
  override truncate(row: number): void {
    super.truncate(row);
    for (const child of this.children) child.truncate(row);
  }
  column(source: SourceBytes): RowColumn {
    return { layout: 'row', children: this.children.map((child) => child.column(source)), nulls: this.bitmap() };
  }
  protected resize(capacity: number): void {
    for (const child of this.children) child.ensure(capacity);
  }
}
