import type { SplitRow } from '../checkpoint/epoch-commit.ts';
import type { RestoredState } from '../checkpoint/epoch-store.ts';
import { MIN_WATERMARK } from '../data/batch.ts';
import { HeadwaterError } from '../data/errors.ts';
import type { PhysicalPlan } from '../planner/physical.ts';
import type { JobEnvironment } from './job-environment.ts';
import type { SplitOwner } from './messages.ts';

/** Deals the splits out to the tasks. A source that grows is read by task 0 alone. */
export function dealSplits(
  rows: readonly SplitRow[],
  parallelism: number,
  grows: (source: string) => boolean,
): SplitOwner[] {
  return rows.map(({ source, split }, i) => ({ source, split, task: grows(source) ? 0 : i % parallelism }));
}

/** Splits that exist now, with the positions of the checkpoint where it has them. Throws `split-vanished`. */
export async function planSplits(
  plan: PhysicalPlan,
  restored: RestoredState | undefined,
  discover: JobEnvironment['discover'],
): Promise<SplitRow[]> {
  const rows: SplitRow[] = [];
  for (const node of plan.nodes) {
    if (node.op !== 'source') continue;
    const known = new Map(restored?.splits.filter((row) => row.source === node.id).map((row) => [row.split, row]));
    const resuming = restored?.summary.operators.some(({ id }) => id === node.id) ?? false;
    for (const { split, start } of await discover(node, restored?.schemas ?? [], resuming)) {
      const row = known.get(split.id);
      known.delete(split.id);
      rows.push(
        row ?? { source: node.id, split: split.id, position: start, watermark: MIN_WATERMARK, finished: false },
      );
    }
    // A split at its end is not needed any more, but it must be known as such.
    for (const [id, row] of known) {
      if (!row.finished) continue;
      rows.push(row);
      known.delete(id);
    }
    if (known.size > 0) {
      throw new HeadwaterError(
        'split-vanished',
        `table ${node.table.name} no longer has ${[...known.keys()].join(', ')}, which the checkpoint has read: ` +
          'expected the splits of the checkpoint; was a topic recreated with fewer partitions, or a file moved away?',
        { kind: 'runtime' },
      );
    }
  }
  return rows;
}
