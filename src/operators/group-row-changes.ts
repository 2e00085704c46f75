import { DELETE, INSERT, UPDATE_AFTER, UPDATE_BEFORE } from '../data/batch.ts';
import type { Column } from '../data/column.ts';
import type { GroupAggregateNode } from '../planner/physical.ts';
import { isRetraction, rowAt } from './cells.ts';
import type { ChangeList } from './change-list.ts';
import { type GroupBatch, type GroupUpdater } from './group-updater.ts';
import { ResultComparer } from './result-comparer.ts';
import { ensureI32, ensureU8 } from './rows.ts';

const IGNORED = 0;
const INSERTED = 1;
const UPDATED = 2;
const DELETED = 3;

/**
 * The changes that each row makes, in input order. Rows are applied in waves, each with at most one row of a group, so
 * that the loops still work on many rows at once. Version p is the group after the row at position p, version n + p
 * the group before it where that row is the first of its group.
 */
export class RowChanges {
  private readonly node: GroupAggregateNode;
  private readonly updater: GroupUpdater;
  private readonly comparer: ResultComparer;
  /** What the row at a position did; the version before it. */
  private outcomes: Uint8Array = new Uint8Array(0);
  private former: Int32Array = new Int32Array(0);
  private readonly waves = new Waves();
  private positions: Int32Array = new Int32Array(0);
  private slots: Int32Array = new Int32Array(0);
  private versions: Int32Array = new Int32Array(0);
  private oldVersions: Int32Array = new Int32Array(0);

  constructor(node: GroupAggregateNode, updater: GroupUpdater) {
    this.node = node;
    this.updater = updater;
    this.comparer = new ResultComparer(updater.resultTypes);
  }

  apply(work: GroupBatch, changes: ChangeList): void {
    const count = work.batch.selectedCount;
    this.outcomes = ensureU8(this.outcomes, count);
    this.positions = ensureI32(this.positions, count);
    this.slots = ensureI32(this.slots, count);
    this.updater.ensureVersions(2 * count);
    this.former = this.waves.split(work, this.former);
    this.keepFirst(work);
    for (let wave = 0; wave < this.waves.count; wave++) this.applyWave(work, wave);
    this.listChanges(work, changes);
  }

  results(changes: ChangeList): Column[] {
    return this.updater.resultsOfVersions(changes.versions, changes.count);
  }

  private keepFirst(work: GroupBatch): void {
    const { touched, batch } = work;
    this.versions = ensureI32(this.versions, touched.count);
    for (let group = 0; group < touched.count; group++) {
      this.versions[group] = batch.selectedCount + touched.firsts[group];
    }
    this.updater.keep(work.table, touched.slots, this.versions, touched.count);
  }

  private applyWave(work: GroupBatch, wave: number): void {
    const { order, offsets } = this.waves;
    const rows = order.subarray(offsets[wave], offsets[wave + 1]);
    const chosen = this.updater.retracts ? this.chooseRows(work, rows) : this.chooseAll(work, rows);
    this.updater.applyPositions(work, this.positions, chosen);
    if (this.updater.retracts) this.resetEmpty(work, chosen);
    for (let i = 0; i < rows.length; i++) this.slots[i] = work.slots[rows[i]];
    this.updater.keep(work.table, this.slots, rows, rows.length);
  }

  private chooseAll(work: GroupBatch, rows: Int32Array): number {
    const { groupOf, alive } = work.touched;
    for (let i = 0; i < rows.length; i++) {
      const group = groupOf[rows[i]];
      this.outcomes[rows[i]] = alive[group] === 1 ? UPDATED : INSERTED;
      alive[group] = 1;
    }
    this.positions.set(rows);
    return rows.length;
  }

  /** Leaves out rows taken back from a group that is not there. */
  private chooseRows(work: GroupBatch, rows: Int32Array): number {
    const { groupOf, alive, slots } = work.touched;
    const counts = this.updater.rowCounts(work.table);
    let chosen = 0;
    for (let i = 0; i < rows.length; i++) {
      const position = rows[i];
      const group = groupOf[position];
      const retraction = isRetraction(work.batch, position);
      if (retraction && alive[group] === 0) {
        this.outcomes[position] = IGNORED;
        continue;
      }
      if (retraction) this.outcomes[position] = counts[slots[group]] <= 1 ? DELETED : UPDATED;
      else this.outcomes[position] = alive[group] === 1 ? UPDATED : INSERTED;
      alive[group] = this.outcomes[position] === DELETED ? 0 : 1;
      this.positions[chosen++] = position;
    }
    return chosen;
  }

  private resetEmpty(work: GroupBatch, chosen: number): void {
    for (let i = 0; i < chosen; i++) {
      const position = this.positions[i];
      if (this.outcomes[position] === DELETED) this.updater.reset(work, work.touched.groupOf[position]);
    }
  }

  private listChanges(work: GroupBatch, changes: ChangeList): void {
    const { batch } = work;
    const count = batch.selectedCount;
    const always = this.node.ttl > 0;
    if (!always) this.compareUpdates(count);
    let update = 0;
    for (let i = 0; i < count; i++) {
      const row = rowAt(batch, i);
      switch (this.outcomes[i]) {
        case INSERTED:
          changes.add(INSERT, row, i);
          break;
        case DELETED:
          changes.add(DELETE, row, this.former[i]);
          break;
        case UPDATED:
          if (!always && this.comparer.equal(update++)) break;
          if (this.node.emitUpdateBefore) changes.add(UPDATE_BEFORE, row, this.former[i]);
          changes.add(UPDATE_AFTER, row, i);
          break;
      }
    }
  }

  /** Loads the results before and after each update into the comparer, in input order. */
  private compareUpdates(count: number): void {
    this.versions = ensureI32(this.versions, count);
    this.oldVersions = ensureI32(this.oldVersions, count);
    let updates = 0;
    for (let i = 0; i < count; i++) {
      if (this.outcomes[i] !== UPDATED) continue;
      this.versions[updates] = i;
      this.oldVersions[updates++] = this.former[i];
    }
    if (updates === 0) return;
    const before = this.updater.resultsOfVersions(this.oldVersions, updates);
    this.comparer.load(before, this.updater.resultsOfVersions(this.versions, updates), updates);
  }
}

/** Positions of a batch in waves: wave k has the (k + 1)-th row of each group that has so many. */
class Waves {
  count = 0;
  order: Int32Array = new Int32Array(0);
  offsets: Int32Array = new Int32Array(0);
  private waveOf: Int32Array = new Int32Array(0);
  private seen: Int32Array = new Int32Array(0);
  private last: Int32Array = new Int32Array(0);

  /** Fills `former`: for each position the version before it. */
  split(work: GroupBatch, former: Int32Array): Int32Array {
    const count = work.batch.selectedCount;
    const { groupOf, count: groups } = work.touched;
    const result = ensureI32(former, count);
    this.waveOf = ensureI32(this.waveOf, count);
    this.order = ensureI32(this.order, count);
    this.offsets = ensureI32(this.offsets, count + 1);
    this.seen = ensureI32(this.seen, groups);
    this.last = ensureI32(this.last, groups);
    const { waveOf, seen, last, offsets, order } = this;
    seen.fill(0, 0, groups);
    offsets.fill(0, 0, count + 1);
    let waves = 0;
    for (let i = 0; i < count; i++) {
      const group = groupOf[i];
      const wave = seen[group]++;
      result[i] = wave === 0 ? count + i : last[group];
      last[group] = i;
      waveOf[i] = wave;
      offsets[wave + 1] += 1;
      if (wave >= waves) waves = wave + 1;
    }
    for (let wave = 0; wave < waves; wave++) offsets[wave + 1] += offsets[wave];
    // `seen` is free now: it becomes the next place of each wave, of which there may be more than groups.
    this.seen = ensureI32(this.seen, waves);
    this.seen.set(offsets.subarray(0, waves));
    for (let i = 0; i < count; i++) order[this.seen[waveOf[i]]++] = i;
    this.count = waves;
    return result;
  }
}
