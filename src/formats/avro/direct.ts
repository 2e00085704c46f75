import { type Batch, makeBatch } from '../../data/batch.ts';
import type { DirectDecoder, SectionCursor, SourceBytes } from '../contracts.ts';
import { columnsOf, type SlotSet } from '../slots/index.ts';
import { compileDirectRuns, type Cursor, type DirectRun } from './compile.ts';
import { RecordFailure } from './failures.ts';
import type { Step } from './plan.ts';

/** Reads sections of Avro records in one pass, by code generated for the writer schemas. */
export class AvroDirect implements DirectDecoder {
  private readonly slots: SlotSet;
  private readonly steps: ReadonlyMap<number, readonly Step[]>;
  private readonly runs: DirectRun[] = [];
  private readonly cursor: Cursor = { record: 0, row: 0 };
  private limit = 0;
  /** The run that read the last record. */
  private current = 0;

  /** `steps` by writer schema id, to which others may be added: then `forget`. */
  constructor(slots: SlotSet, steps: ReadonlyMap<number, readonly Step[]>) {
    this.slots = slots;
    this.steps = steps;
  }

  /** The writer schemas have changed. */
  forget(): void {
    this.runs.length = 0;
  }

  get rows(): number {
    return this.cursor.row;
  }

  begin(rows: number): void {
    if (this.runs.length === 0) this.compile();
    for (const slot of this.slots.roots) {
      slot.reset();
      slot.ensure(rows);
    }
    this.cursor.row = 0;
    this.limit = rows;
  }

  read(source: SourceBytes, section: SectionCursor): boolean {
    const { cursor, runs } = this;
    // A record of another writer schema ends a run; the one that knows it goes on.
    for (let refusals = 0; refusals < runs.length; this.current = (this.current + 1) % runs.length) {
      const before = section.index;
      if (!this.run(runs[this.current], source, section)) return false;
      if (section.index === section.count) return section.at === section.limit;
      if (cursor.row === this.limit) return true;
      refusals = section.index > before ? 1 : refusals + 1;
    }
    return false;
  }

  finish(source: SourceBytes): Batch {
    return makeBatch(columnsOf(this.slots, source), this.cursor.row);
  }

  private run(run: DirectRun, source: SourceBytes, section: SectionCursor): boolean {
    try {
      run(source, section, this.limit, this.slots.all, this.cursor);
      return true;
    } catch (error) {
      // RangeError: reads past the whole buffer, and records nested beyond the stack.
      if (!(error instanceof RecordFailure) && !(error instanceof RangeError)) throw error;
      for (const slot of this.slots.roots) slot.truncate(this.cursor.row);
      return false;
    }
  }

  private compile(): void {
    this.runs.length = 0;
    this.current = 0;
    this.runs.push(...compileDirectRuns([...this.steps], this.slots));
  }
}
