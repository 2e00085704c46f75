import type { Schema } from '../data/types.ts';
import type { HistoryRange } from './history.ts';

/** Which row kinds a table gives or takes. */
export type ChangelogMode = 'append' | 'upsert' | 'retract';

export interface OptionSpec {
  readonly required?: boolean;
  readonly default?: string;
  readonly description: string;
  /** Throws HeadwaterError (code `invalid-option`) when the value is not acceptable. */
  readonly validate?: (value: string) => void;
}

/**
 * What the planner knows of a connector. Connectors implement it; the runtime registers them. `options` lists every
 * accepted option but `connector`; a key that ends in `*` accepts every option with that prefix. An option that is
 * not listed is refused: nothing is accepted and ignored.
 */
export interface ConnectorDescriptor {
  readonly name: string;
  readonly source: SourceAbility | undefined;
  readonly sink: SinkAbility | undefined;
  /** Takes tables with PARTITIONED BY. */
  readonly partitions?: boolean;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Checks combinations of options and the schema; throws HeadwaterError. */
  readonly validate?: (table: ConnectorTable, role: 'source' | 'sink') => void;
}

export interface SourceAbility {
  readonly formats: readonly string[];
  readonly mode: ChangelogMode;
  /** Only the columns that the query uses are decoded. */
  readonly projectionPushDown: boolean;
  /** The filter is applied while decoding (rows that fail it are never materialized). */
  readonly filterPushDown: boolean;
  readonly bounded: (options: Readonly<Record<string, string>>) => boolean;
  /** How a range of history is read; absent: there is none to go back to. */
  readonly history?: HistoryAbility;
}

export interface HistoryAbility {
  /** What is in the range: by the time that the connector keeps with each record, or by the table's event time. */
  readonly by: 'record-time' | 'event-time';
  /** Options that replace the table's own; undefined removes one. */
  readonly options: (range: HistoryRange) => Readonly<Record<string, string | undefined>>;
}

export interface SinkAbility {
  readonly formats: readonly string[];
  /** `upsert` needs a primary key. */
  readonly accepts: ChangelogMode;
  readonly requiresPrimaryKey: boolean;
}

export interface FormatDescriptor {
  readonly name: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
}

/** A table as a connector sees it: physical columns, resolved options (settings substituted). */
export interface ConnectorTable {
  readonly name: string;
  readonly columns: Schema;
  readonly primaryKey: readonly string[];
  /** Columns that are in the names of folders rather than in the files; absent without PARTITIONED BY. */
  readonly partitionKeys?: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

/** Connector of the rows that a query holds itself (VALUES); no table can name it. Option `rows`: JSON, a list of rows
 *  of literal values (see expressions/typed.ts). */
export const INLINE = '$inline';

export interface ConnectorRegistry {
  readonly connectors: ReadonlyMap<string, ConnectorDescriptor>;
  readonly formats: ReadonlyMap<string, FormatDescriptor>;
}
