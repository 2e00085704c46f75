import type { KeyedTable } from '../state/contracts.ts';
import { keysOfColumn } from '../state/key-log.ts';
import type { AggregateSet } from './aggregate-set.ts';

/** Keys merged at a time. */
const CHUNK = 2048;

/** Adds the accumulators of one pane to those of another. */
export class PaneMerger {
  private readonly source: AggregateSet;
  private readonly target: AggregateSet;
  private readonly from: Int32Array = new Int32Array(CHUNK);
  private readonly into: Int32Array = new Int32Array(CHUNK);

  /** `source` has the values of the panes that are added, `target` those of the panes that they are added to. */
  constructor(source: AggregateSet, target: AggregateSet) {
    this.source = source;
    this.target = target;
  }

  merge(fromPane: number, fromTable: KeyedTable, intoPane: number, intoTable: KeyedTable): void {
    const { from, into } = this;
    for (let at = 0; at >= 0;) {
      at = fromTable.scan(at, from);
      const count = fromTable.found();
      if (count === 0) continue;
      const keys = keysOfColumn(fromTable.keys(from, count), 0, count);
      intoTable.resolve(keys, count, into);
      const partials = fromTable.columns.map((_column, i) => fromTable.gather(i, from, count));
      this.target.mergeKeys({ source: this.source, namespace: fromPane, partials }, keys, count, intoPane, {
        slots: into,
        columns: intoTable.columns,
      });
    }
  }
}
