import type { Batch } from '../data/batch.ts';
import { isNull } from '../data/column.ts';
import type { Schema } from '../data/types.ts';
import { compileKeyEncoder, type KeyEncoder, newKeyBatch } from '../expressions/index.ts';
import { rowAt } from './cells.ts';
import type { OperatorContext } from './operator.ts';
import type { SessionList } from './session-list.ts';
import { localTimes, type WindowClock } from './window-clock.ts';

/** What keeps something for the sessions of its rows. Positions are those of a batch's selected rows. */
export interface SessionOwner {
  /** Moves what it keeps for one session to another of the same key, that of the row at a position. */
  absorb(batch: Batch, position: number, slot: number, absorbed: number): void;
  /** The row at a position has its session. */
  place(position: number, slot: number, local: number): void;
}

/** Gives the rows of batches their sessions, one by one, and counts those that get none. */
export class SessionRows {
  /** Of the selected rows of the batch that is being added. */
  readonly keys = newKeyBatch(1024);
  private readonly keyColumns: readonly number[];
  private readonly timeColumn: number;
  private readonly encoder: KeyEncoder;
  private readonly sessions: SessionList;
  private readonly clock: WindowClock;
  private readonly count: OperatorContext['count'];
  private readonly without: number[] = [];

  constructor(
    keyColumns: readonly number[],
    timeColumn: number,
    schema: Schema,
    sessions: SessionList,
    clock: WindowClock,
    count: OperatorContext['count'],
  ) {
    this.keyColumns = keyColumns;
    this.timeColumn = timeColumn;
    this.encoder = compileKeyEncoder(keyColumns.map((column) => schema[column].type));
    this.sessions = sessions;
    this.clock = clock;
    this.count = count;
  }

  add(batch: Batch, owner: SessionOwner): void {
    const { sessions, keys, without } = this;
    this.encoder.encode(
      this.keyColumns.map((column) => batch.columns[column]),
      batch,
      keys,
    );
    sessions.resolve(keys, batch.selectedCount);
    const { change } = sessions;
    const times = localTimes(batch.columns[this.timeColumn], batch.length, this.clock);
    let missing = 0;
    without.length = 0;
    for (let i = 0; i < batch.selectedCount; i++) {
      const row = rowAt(batch, i);
      if (isNull(times.nulls, row)) {
        missing += 1;
        without.push(i);
        continue;
      }
      const local = times.values[row];
      sessions.add(i, local);
      if (change.slot < 0) {
        without.push(i);
        continue;
      }
      if (change.absorbed >= 0) {
        owner.absorb(batch, i, change.slot, change.absorbed);
        sessions.remove(change.absorbed);
      }
      owner.place(i, change.slot, local);
    }
    for (const position of without) sessions.release(position);
    if (without.length > missing) this.count('lateRecordsDropped', without.length - missing);
    if (missing > 0) this.count('nullRowtimeRecordsDropped', missing);
  }
}
