import { type Batch } from '../data/batch.ts';
import type { Column } from '../data/column.ts';
import { columnFromValues } from '../data/builder.ts';
import type { ExpandNode } from '../planner/physical.ts';
import type { Operator, OperatorContext, Output } from './operator.ts';

/** Gives each batch once for every grouping set; groups that a set lacks are NULL. */
export class Expand implements Operator {
  private readonly output: Output;
  /** For each set the columns behind the input's: an input column to repeat, or a constant. */
  private readonly added: readonly (readonly (number | Column)[])[];

  constructor(node: ExpandNode, context: OperatorContext) {
    this.output = context.output;
    const first = node.schema.length - node.groups.length - 1;
    this.added = node.sets.map((set) => {
      const absent = (i: number): boolean => !set.includes(i);
      const id = node.groups.reduce((bits, _group, i) => bits * 2n + (absent(i) ? 1n : 0n), 0n);
      return [
        ...node.groups.map((group, i) => (absent(i) ? constant(node.schema[first + i].type, null) : group)),
        constant(node.schema[node.schema.length - 1].type, id),
      ];
    });
  }

  process(_input: number, batch: Batch): void {
    if (batch.selectedCount === 0) return;
    for (const added of this.added) {
      const columns = added.map((column) => (typeof column === 'number' ? batch.columns[column] : column));
      this.output.emit({ ...batch, columns: [...batch.columns, ...columns] });
    }
  }

  watermark(time: number): void {
    this.output.watermark(time);
  }
}

function constant(type: Parameters<typeof columnFromValues>[0], value: unknown): Column {
  return { layout: 'const', value: columnFromValues(type, [value]), nulls: undefined };
}
