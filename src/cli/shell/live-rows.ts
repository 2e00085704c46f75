import type { CollectedRow } from '../../runtime/collected-rows.ts';

/** What a changelog has added up to so far, in the order in which rows first came. */
export class LiveRows {
  private readonly counts = new Map<string, { readonly cells: readonly string[]; count: number }>();
  private total = 0;
  private readonly toCells: (row: CollectedRow) => readonly string[];
  private readonly most: number;

  /** `most`: how many different rows are kept, for results that take nothing back and have no end. */
  constructor(toCells: (row: CollectedRow) => readonly string[], most = Infinity) {
    this.toCells = toCells;
    this.most = most;
  }

  /** How many rows the result has. */
  get size(): number {
    return this.total;
  }

  apply(rows: readonly CollectedRow[]): void {
    for (const row of rows) {
      const cells = this.toCells(row);
      const key = JSON.stringify(cells);
      const change = row.op === '+I' || row.op === '+U' ? 1 : -1;
      const known = this.counts.get(key) ?? { cells, count: 0 };
      known.count += change;
      this.total += change;
      if (known.count === 0) this.counts.delete(key);
      else this.counts.set(key, known);
      if (this.counts.size > this.most) this.dropOldest();
    }
  }

  private dropOldest(): void {
    for (const key of this.counts.keys()) {
      this.counts.delete(key);
      return;
    }
  }

  /** The last `most` rows. */
  last(most: number): readonly (readonly string[])[] {
    const rows: (readonly string[])[] = [];
    for (const { cells, count } of [...this.counts.values()].reverse()) {
      for (let i = 0; i < count && rows.length < most; i++) rows.push(cells);
      if (rows.length >= most) break;
    }
    return rows.reverse();
  }
}
