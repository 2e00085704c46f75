import type { SourcePosition } from '../data/errors.ts';
import type * as ast from '../sql/ast.ts';
import { parseDuration } from './duration.ts';
import { didYouMean, problem } from './problem.ts';
import { defineTable } from './table-definition.ts';
import { checkTable, type CheckedTable, type OptionEnv } from './table-options.ts';
import type { TableDefinition, UsedTable } from './used-table.ts';

interface TableEntry {
  readonly kind: 'table';
  readonly definition: TableDefinition;
  readonly statement: ast.CreateTable;
}
interface ViewEntry {
  readonly kind: 'view';
  readonly name: string;
  readonly statement: ast.CreateView;
}
export type CatalogEntry = TableEntry | ViewEntry;

/** Tables and views of a script, by name. */
export class Catalog {
  private readonly entries = new Map<string, CatalogEntry>();
  private readonly sources = new Map<string, UsedTable>();
  private readonly env: OptionEnv;

  constructor(env: OptionEnv) {
    this.env = env;
  }

  /** Adds a table; throws `table-exists` unless IF NOT EXISTS, and the errors of wrong definitions. */
  addTable(statement: ast.CreateTable): void {
    const name = simpleName(statement.name);
    const definition = defineTable(statement, name);
    this.add(name, { kind: 'table', definition, statement }, statement.ifNotExists, statement.name.position);
  }

  addView(statement: ast.CreateView): void {
    const name = simpleName(statement.name);
    this.add(name, { kind: 'view', name, statement }, statement.ifNotExists, statement.name.position);
  }

  find(identifier: ast.Identifier): CatalogEntry {
    const name = simpleName(identifier);
    const entry = this.entries.get(name);
    if (entry === undefined) {
      throw problem(
        'unknown-table',
        `Table '${name}' not found.${didYouMean(name, this.entries.keys())}`,
        identifier.position,
      );
    }
    return entry;
  }

  /** The table as a source; the same object for the same table and hints, so that scans are shared. */
  source(entry: TableEntry, hints: readonly ast.OptionDef[], position: SourcePosition): UsedTable {
    const key = JSON.stringify([entry.definition.name, hints.map((hint) => [hint.key, hint.value])]);
    const known = this.sources.get(key);
    if (known !== undefined) return known;
    const options = [...entry.statement.options, ...hints];
    const { table, descriptor } = checkTable(entry.definition, options, 'source', position, this.env);
    const ability = descriptor.source;
    if (ability === undefined) throw new Error('checkTable lets only sources through');
    if (ability.mode === 'upsert') {
      throw problem(
        'unsupported',
        `Reading the upsert stream of connector '${descriptor.name}' is not supported yet`,
        position,
      );
    }
    const idle = table.options['scan.watermark.idle-timeout'];
    const used: UsedTable = {
      definition: entry.definition,
      table,
      ability,
      bounded: ability.bounded(table.options),
      idleTimeout: idle === undefined ? undefined : parseDuration(idle, "'scan.watermark.idle-timeout'"),
      eventTimeRange: ability.history?.by === 'event-time' ? this.env.history : undefined,
    };
    this.sources.set(key, used);
    return used;
  }

  sink(entry: TableEntry, position: SourcePosition): CheckedTable {
    const checked = checkTable(entry.definition, entry.statement.options, 'sink', position, this.env);
    if (checked.descriptor.sink?.requiresPrimaryKey === true && entry.definition.primaryKey.length === 0) {
      throw problem(
        'missing-primary-key',
        `Table '${entry.definition.name}' needs a PRIMARY KEY (..) NOT ENFORCED: its connector '${checked.descriptor.name}' writes rows by key`,
        entry.statement.position,
      );
    }
    return checked;
  }

  private add(name: string, entry: CatalogEntry, ifNotExists: boolean, position: SourcePosition): void {
    if (this.entries.has(name)) {
      if (ifNotExists) return;
      throw problem('table-exists', `Table (or view) '${name}' already exists`, position);
    }
    this.entries.set(name, entry);
  }
}

/** The name without Flink's default catalog and database, which are the only ones. */
export function simpleName(identifier: ast.Identifier): string {
  const parts = [...identifier.parts];
  if (parts.length === 3 && parts[0] === 'default_catalog') parts.shift();
  if (parts.length === 2 && parts[0] === 'default_database') parts.shift();
  return parts.join('.');
}
