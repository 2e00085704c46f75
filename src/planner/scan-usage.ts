import type { Calc, LogicalNode, Scan } from './logical.ts';
import { inputsOf } from './expression-tools.ts';
import type { UsedTable } from './used-table.ts';

/** The uses of one table in a job: all of them read one shared scan. */
export interface TableUsage {
  readonly calcs: readonly ScanCalc[];
  /** Declared columns that some use needs, ascending. */
  readonly columns: readonly number[];
}

export interface ScanCalc extends Calc {
  readonly input: Scan;
}

/** After pruning and merging, every scan is read by a calc. */
export function isScanCalc(node: LogicalNode): node is ScanCalc {
  return node.kind === 'calc' && node.input.kind === 'scan';
}

export function collectUsage(roots: readonly LogicalNode[]): ReadonlyMap<UsedTable, TableUsage> {
  const calcs = new Map<UsedTable, ScanCalc[]>();
  const visit = (node: LogicalNode): void => {
    if (isScanCalc(node)) {
      const known = calcs.get(node.input.table);
      if (known === undefined) calcs.set(node.input.table, [node]);
      else known.push(node);
    } else if (node.kind === 'union' || node.kind === 'set-operation') node.inputs.forEach(visit);
    else if (node.kind !== 'scan') visit(node.input);
  };
  roots.forEach(visit);
  return new Map(
    [...calcs].map(([table, uses]) => {
      const columns = uses.flatMap((calc) => [...inputsOf(calc.filter, ...calc.projections)]);
      return [table, { calcs: uses, columns: [...new Set(columns)].sort((a, b) => a - b) }];
    }),
  );
}
