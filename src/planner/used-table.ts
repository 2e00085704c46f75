import type { Schema, SqlType } from '../data/types.ts';
import type { Expr } from '../expressions/typed.ts';
import { isTimestamp } from '../expressions/types/common-type.ts';
import type { ConnectorTable, SourceAbility } from './connector.ts';
import type { HistoryRange } from './history.ts';

/** A declared column: stored (`physical` is its place in ConnectorTable.columns) or computed from stored ones. */
export type TableColumn = { readonly name: string; readonly type: SqlType } & (
  { readonly kind: 'physical'; readonly physical: number } | { readonly kind: 'computed'; readonly expr: Expr }
);

/** A checked CREATE TABLE; expressions refer to declared columns by index. */
export interface TableDefinition {
  readonly name: string;
  readonly columns: readonly TableColumn[];
  readonly watermark: { readonly column: number; readonly expr: Expr } | undefined;
  /** Names, in the order of the PRIMARY KEY clause. */
  readonly primaryKey: readonly string[];
  /** Names, in the order of PARTITIONED BY. */
  readonly partitionKeys: readonly string[];
}

/** A table that a query reads: its options have been checked. One object per table and set of hints. */
export interface UsedTable {
  readonly definition: TableDefinition;
  readonly table: ConnectorTable;
  readonly ability: SourceAbility;
  readonly bounded: boolean;
  /** `scan.watermark.idle-timeout` in milliseconds, if the table sets it. */
  readonly idleTimeout: number | undefined;
  /** Only rows with event times in it are read. */
  readonly eventTimeRange: HistoryRange | undefined;
}

export function physicalSchema(definition: TableDefinition): Schema {
  return definition.columns.filter((c) => c.kind === 'physical').map(({ name, type }) => ({ name, type }));
}

/** What a query sees: all columns, the watermarked one as a time attribute. */
export function scanSchema(definition: TableDefinition): Schema {
  return definition.columns.map(({ name, type }, i) => ({
    name,
    type: definition.watermark?.column === i && isTimestamp(type) ? { ...type, attribute: 'rowtime' } : type,
  }));
}
