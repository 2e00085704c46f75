import type { KeyGroupRange } from '../data/hash.ts';
import { DOUBLE, notNull } from '../data/types.ts';
import { type BlobBody, type BlobSpec, NO_ROWS } from './blob.ts';
import type { Scalars } from './contracts.ts';
import { specText, type StateTable } from './state-table.ts';

/**
 * Numbers that are not keyed. Restored from several tasks, each is the minimum over them; a task that has not set it
 * (NaN) keeps it unset, since a watermark that one task has not seen has not passed.
 */
export class ScalarState implements Scalars, StateTable {
  readonly spec: BlobSpec;
  private readonly values: Float64Array;
  private changed = false;
  /** The values before the task that is being restored. */
  private others: Float64Array | undefined;
  private restored = false;

  constructor(count: number) {
    this.values = new Float64Array(count).fill(NaN);
    const types = Array.from({ length: count }, () => notNull(DOUBLE));
    this.spec = { text: specText('scalars', types, undefined), tombstones: [], entries: [notNull(DOUBLE)] };
  }

  get(index: number): number {
    return this.values[index];
  }

  set(index: number, value: number): void {
    if (Object.is(this.values[index], value)) return;
    this.values[index] = value;
    this.changed = true;
  }

  snapshot(full: boolean): BlobBody | undefined {
    if (!full && !this.changed) return undefined;
    this.changed = false;
    const column = { layout: 'f64', values: this.values.slice(), nulls: undefined } as const;
    const entries = { columns: [column], count: this.values.length, index: { kind: 'none' } } as const;
    return { dropped: [], sections: [{ namespace: 0, tombstones: NO_ROWS, entries }] };
  }

  restore(task: readonly BlobBody[], _range: KeyGroupRange, continued: boolean): void {
    const column = task[task.length - 1].sections[0]?.entries.columns[0];
    if (column === undefined || column.layout !== 'f64') return;
    if (!continued) this.others = this.restored ? this.values.slice() : undefined;
    this.restored = true;
    for (let i = 0; i < this.values.length; i++) {
      const own = column.values[i];
      // Math.min gives NaN when either is NaN.
      this.values[i] = this.others === undefined ? own : Math.min(this.others[i], own);
    }
  }

  markClean(): void {
    this.changed = false;
  }

  bytes(): number {
    return this.values.byteLength;
  }
}
