import { type Batch, withSelection } from '../data/batch.ts';
import type { Column } from '../data/column.ts';
import type { KeyBatch } from '../data/hash.ts';
import type { SqlType } from '../data/types.ts';
import { newKeyBatch } from '../expressions/index.ts';
import type { GroupAggregateNode } from '../planner/physical.ts';
import type { KeyedTable, SlotColumn } from '../state/contracts.ts';
import type { AggregateSet } from './aggregate-set.ts';
import { rowAt } from './cells.ts';
import { subsetKeys } from './key-rows.ts';
import { ensureI32 } from './rows.ts';
import { ScratchSlots } from './scratch-slots.ts';
import { compileSlotCopy, type SlotCopy } from './slot-copy.ts';
import type { TouchedGroups } from './touched-groups.ts';

/** A batch with its groups found; keys and slots are by position. */
export interface GroupBatch {
  readonly batch: Batch;
  readonly keys: KeyBatch;
  readonly slots: Int32Array;
  readonly touched: TouchedGroups;
  readonly table: KeyedTable;
  readonly now: number | undefined;
}

const GLOBAL = 0;

/** Applies rows to the groups' accumulators and keeps former versions of them while a batch is worked on. */
export class GroupUpdater {
  readonly resultTypes: readonly SqlType[];
  readonly retracts: boolean;
  private readonly aggregates: AggregateSet;
  private readonly copy: SlotCopy;
  private readonly versions: ScratchSlots;
  private readonly pristine: ScratchSlots;
  private readonly subKeys = newKeyBatch(1024);
  private subSlots: Int32Array = new Int32Array(0);
  private rows: Int32Array = new Int32Array(0);
  private one: Int32Array = new Int32Array(1);

  constructor(node: GroupAggregateNode, aggregates: AggregateSet) {
    this.resultTypes = node.aggregates.map((call) => call.type);
    this.retracts = node.retractInput;
    this.aggregates = aggregates;
    this.copy = compileSlotCopy(aggregates.stateTypes);
    this.versions = new ScratchSlots(aggregates.stateTypes);
    this.pristine = new ScratchSlots(aggregates.stateTypes);
  }

  /** Makes versions 0 .. count - 1 usable. */
  ensureVersions(count: number): void {
    this.versions.ensure(count);
  }

  /** Keeps the accumulators of slots as versions. */
  keep(table: KeyedTable, slots: Int32Array, versions: Int32Array, count: number): void {
    this.copy(table.columns, slots, this.versions.columns, versions, count);
  }

  /** Applies some positions of the batch, in order. */
  applyPositions(work: GroupBatch, positions: Int32Array, count: number): void {
    if (count === 0) return;
    if (count === work.batch.selectedCount) {
      this.applyRows(work, work.batch, work.keys, work.slots);
      return;
    }
    this.rows = ensureI32(this.rows, count);
    this.subSlots = ensureI32(this.subSlots, count);
    const { rows, subSlots } = this;
    for (let i = 0; i < count; i++) {
      rows[i] = rowAt(work.batch, positions[i]);
      subSlots[i] = work.slots[positions[i]];
    }
    const keys = subsetKeys(work.keys, positions, 0, count, this.subKeys);
    this.applyRows(work, withSelection(work.batch, rows, count), keys, subSlots);
  }

  private applyRows(work: GroupBatch, batch: Batch, keys: KeyBatch, slots: Int32Array): void {
    this.aggregates.apply(GLOBAL, batch, keys, slots, work.table.columns, work.now);
  }

  /** Rows in each group, by slot; only where rows are taken back. */
  rowCounts(table: KeyedTable): Float64Array {
    return this.aggregates.rowCounts(table.columns);
  }

  /** Result columns of versions, or of slots of the table itself. */
  resultsOfVersions(versions: Int32Array, count: number): Column[] {
    return this.aggregates.results(this.versions.columns, versions, count);
  }
  resultsOfSlots(table: KeyedTable, slots: Int32Array, count: number): Column[] {
    return this.aggregates.results(table.columns, slots, count);
  }

  /** Brings a group that lost its last row back to the state of a new one; later rows of the batch may fill it again. */
  reset(work: GroupBatch, group: number): void {
    this.one[0] = work.touched.slots[group];
    const columns: readonly SlotColumn[] = work.table.columns;
    this.copy(this.pristine.columns, ZERO, columns, this.one, 1);
    this.aggregates.clearKey(GLOBAL, work.keys, work.touched.firsts[group]);
  }

  /** Frees the groups of a batch that have no rows. */
  freeEmpty(work: GroupBatch): void {
    if (!this.retracts) return;
    const { touched, table } = work;
    for (let group = 0; group < touched.count; group++) {
      if (touched.alive[group] === 1) continue;
      this.aggregates.clearKey(GLOBAL, work.keys, touched.firsts[group]);
      table.free(touched.slots[group]);
    }
  }
}

const ZERO = new Int32Array(1);
