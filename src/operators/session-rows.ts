import type { Batch } from '../data/batch.ts';
import type { TsColumn } from '../data/column.ts';
import type { Schema } from '../data/types.ts';
import { compileKeyEncoder, type KeyEncoder, newKeyBatch } from '../expressions/index.ts';
import type { OperatorContext } from './operator.ts';
import { type Absorb, LATE, NO_TIME, type SessionList } from './session-list.ts';
import { localTimes, type WindowClock } from './window-clock.ts';

/** Gives the rows of batches their sessions and counts those that get none. */
export class SessionRows {
  /** Of the selected rows of the batch that is being added. */
  readonly keys = newKeyBatch(1024);
  private readonly keyColumns: readonly number[];
  private readonly timeColumn: number;
  private readonly encoder: KeyEncoder;
  private readonly sessions: SessionList;
  private readonly clock: WindowClock;
  private readonly count: OperatorContext['count'];

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

  /** Returns the rows' times on the clock's line. */
  add(batch: Batch, absorb: Absorb): TsColumn {
    const { sessions, keys } = this;
    this.encoder.encode(
      this.keyColumns.map((column) => batch.columns[column]),
      batch,
      keys,
    );
    const times = localTimes(batch.columns[this.timeColumn], batch.length, this.clock);
    sessions.add(keys, times, batch, absorb);
    const { lanes } = sessions;
    let late = 0;
    let missing = 0;
    for (let i = 0; i < batch.selectedCount; i++) {
      if (lanes[i] === LATE) late++;
      else if (lanes[i] === NO_TIME) missing++;
    }
    if (late > 0) this.count('lateRecordsDropped', late);
    if (missing > 0) this.count('nullRowtimeRecordsDropped', missing);
    return times;
  }
}
