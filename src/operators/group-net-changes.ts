import { rowNumbers } from '../data/row-numbers.ts';
import { DELETE, INSERT, UPDATE_AFTER, UPDATE_BEFORE } from '../data/batch.ts';
import type { Column } from '../data/column.ts';
import type { GroupAggregateNode } from '../planner/physical.ts';
import type { KeyedTable } from '../state/contracts.ts';
import { isRetraction, rowAt } from './cells.ts';
import type { ChangeList } from './change-list.ts';
import { type GroupBatch, type GroupUpdater } from './group-updater.ts';
import { ResultComparer } from './result-comparer.ts';
import { ensureI32, ensureU8 } from './rows.ts';

/**
 * One net change for each group that a batch touches. Version g is group g before the batch, version
 * touched.count + g after it.
 */
export class NetChanges {
  private readonly node: GroupAggregateNode;
  private readonly updater: GroupUpdater;
  private readonly comparer: ResultComparer;
  private positions: Int32Array = new Int32Array(0);
  private rowCounts: Float64Array = new Float64Array(0);
  private existed: Uint8Array = new Uint8Array(0);
  private slots: Int32Array = new Int32Array(0);
  /** Set when every change can be read from the table itself. */
  private table: KeyedTable | undefined;

  constructor(node: GroupAggregateNode, updater: GroupUpdater) {
    this.node = node;
    this.updater = updater;
    this.comparer = new ResultComparer(updater.resultTypes);
  }

  apply(work: GroupBatch, changes: ChangeList): void {
    const { touched, table, batch } = work;
    const { updater } = this;
    const groups = touched.count;
    this.existed = ensureU8(this.existed, groups);
    this.existed.set(touched.alive.subarray(0, groups));
    updater.ensureVersions(2 * groups);
    updater.keep(table, touched.slots, rowNumbers(groups), groups);
    const count = updater.retracts ? this.chooseRows(work) : batch.selectedCount;
    updater.applyPositions(work, this.positions, count);
    if (!updater.retracts) touched.alive.fill(1, 0, groups);
    this.listChanges(work, changes);
  }

  /** Result columns of the changes. */
  results(changes: ChangeList): Column[] {
    if (this.table === undefined) return this.updater.resultsOfVersions(changes.versions, changes.count);
    return this.updater.resultsOfSlots(this.table, this.slots, changes.count);
  }

  /** Positions to apply: all but rows taken back from a group that has none. Also says which groups have rows at last. */
  private chooseRows(work: GroupBatch): number {
    const { touched, batch } = work;
    const count = batch.selectedCount;
    this.positions = ensureI32(this.positions, count);
    if (this.rowCounts.length < touched.count) this.rowCounts = new Float64Array(touched.count * 2);
    const { positions, rowCounts } = this;
    const stored = this.updater.rowCounts(work.table);
    for (let group = 0; group < touched.count; group++) rowCounts[group] = stored[touched.slots[group]];
    let chosen = 0;
    for (let i = 0; i < count; i++) {
      const group = touched.groupOf[i];
      const retraction = isRetraction(batch, i);
      if (retraction && rowCounts[group] <= 0) continue;
      rowCounts[group] += retraction ? -1 : 1;
      positions[chosen++] = i;
    }
    for (let group = 0; group < touched.count; group++) touched.alive[group] = rowCounts[group] > 0 ? 1 : 0;
    return chosen;
  }

  private listChanges(work: GroupBatch, changes: ChangeList): void {
    const { touched, batch, table } = work;
    const { updater, comparer, existed } = this;
    const groups = touched.count;
    const before = updater.resultsOfVersions(rowNumbers(groups), groups);
    comparer.load(before, updater.resultsOfSlots(table, touched.slots, groups), groups);
    let old = false;
    for (let group = 0; group < groups; group++) {
      const row = rowAt(batch, touched.firsts[group]);
      const after = groups + group;
      if (touched.alive[group] === 0) {
        if (existed[group] === 0) continue;
        changes.add(DELETE, row, group);
        old = true;
      } else if (existed[group] === 0) {
        changes.add(INSERT, row, after);
      } else if (this.node.ttl > 0 || !comparer.equal(group)) {
        if (this.node.emitUpdateBefore) {
          changes.add(UPDATE_BEFORE, row, group);
          old = true;
        }
        changes.add(UPDATE_AFTER, row, after);
      }
    }
    this.readResultsFrom(work, changes, old);
  }

  /** Without former results the table has all that is needed; else the new results become versions as well. */
  private readResultsFrom(work: GroupBatch, changes: ChangeList, old: boolean): void {
    const { touched, table } = work;
    const groups = touched.count;
    if (old) {
      this.table = undefined;
      this.updater.keep(table, touched.slots, rowNumbers(2 * groups).subarray(groups), groups);
      return;
    }
    this.table = table;
    this.slots = ensureI32(this.slots, changes.count);
    for (let i = 0; i < changes.count; i++) this.slots[i] = touched.slots[changes.versions[i] - groups];
  }
}
