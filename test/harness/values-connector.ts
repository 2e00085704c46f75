import { makeBatch } from '../../src/data/batch.ts';
import { columnFromValues } from '../../src/data/builder.ts';
import type { Schema } from '../../src/data/types.ts';
import type {
  SourceConnector,
  SourcePoll,
  SourceReader,
  SourceSpec,
  SplitPosition,
} from '../../src/connectors/contracts.ts';
import { type JsonValue, valueOf } from './json-values.ts';

/** Rows of each table, by split; and how many rows may be read in all before the source waits (for kills in the middle). */
export interface ValuesControl {
  readonly tables: Readonly<Record<string, readonly (readonly JsonValue[])[]>>;
  /** Kinds per row of a table that gives a changelog; absent: all inserts. */
  readonly kinds?: Readonly<Record<string, readonly number[]>>;
  readonly splits: number;
  limit: number;
  read: number;
  /** At the limit the source says that there is more to read. */
  behind?: boolean;
  /** Set by readers that wait at the limit. */
  wake: Set<() => void>;
}

/** A bounded in-memory source for tests: row i belongs to split i % splits, its position is the row's number. */
export function valuesConnector(control: ValuesControl): SourceConnector {
  return {
    descriptor: {
      name: 'values',
      source: { formats: [], mode: 'append', projectionPushDown: true, filterPushDown: false, bounded: () => true },
      sink: undefined,
      options: {},
    },
    discover: () =>
      Promise.resolve(
        Array.from({ length: control.splits }, (_, i) => ({ split: { id: String(i) }, start: { next: i } })),
      ),
    open: (spec, splits) => Promise.resolve(new ValuesReader(spec, splits, control)),
  };
}

class ValuesReader implements SourceReader {
  private readonly rows: readonly (readonly JsonValue[])[];
  private readonly schema: Schema;
  private readonly spec: SourceSpec;
  private readonly control: ValuesControl;
  private readonly splits: { id: string; next: number; done: boolean }[];
  private turn = 0;

  constructor(
    spec: SourceSpec,
    splits: readonly { split: { id: string }; position: SplitPosition }[],
    control: ValuesControl,
  ) {
    this.rows = control.tables[spec.table.name] ?? [];
    this.schema = spec.table.columns;
    this.spec = spec;
    this.control = control;
    this.splits = splits.map(({ split, position }) => ({ id: split.id, next: Number(position.next), done: false }));
  }

  poll(maxRows: number): SourcePoll {
    for (let tries = 0; tries < this.splits.length; tries++) {
      const split = this.splits[this.turn];
      this.turn = (this.turn + 1) % this.splits.length;
      if (split.done) continue;
      if (split.next >= this.rows.length) {
        split.done = true;
        return { type: 'split-finished', splitId: split.id };
      }
      const allowed = this.control.limit - this.control.read;
      if (allowed <= 0) return { type: 'wait', behind: this.control.behind };
      return this.batch(split, Math.min(maxRows, allowed));
    }
    return { type: 'finished' };
  }

  private batch(split: { id: string; next: number }, most: number): SourcePoll {
    const taken: number[] = [];
    for (let i = split.next; i < this.rows.length && taken.length < most; i += this.control.splits) taken.push(i);
    split.next = taken[taken.length - 1] + this.control.splits;
    this.control.read += taken.length;
    const columns = this.spec.columns.map((index) =>
      columnFromValues(
        this.schema[index].type,
        taken.map((row) => valueOf(this.schema[index].type, this.rows[row][index])),
      ),
    );
    return {
      type: 'rows',
      splitId: split.id,
      batch: makeBatch(columns, taken.length),
      position: { next: split.next },
      bytes: taken.length,
      describeRow: (row) => `row ${taken[row]} of ${this.spec.table.name}`,
    };
  }

  onReady(callback: () => void): void {
    this.control.wake.add(callback);
  }
  bytes(): number {
    return 0;
  }
  lag(): number | undefined {
    return 0;
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}
