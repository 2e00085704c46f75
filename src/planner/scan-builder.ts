import type { Schema } from '../data/types.ts';
import { needsContext } from '../expressions/index.ts';
import type { Expr } from '../expressions/typed.ts';
import { durationSetting, type Config } from './config.ts';
import { inputRef, inputsOf, mapInputs, remap } from './expression-tools.ts';
import { calcMeaning, tableMeaning, watermarkMeaning } from './fingerprint.ts';
import { rangeFilter } from './history.ts';
import type { NodeList } from './physical-nodes.ts';
import { computesTwice } from './rewrite-merge.ts';
import type { ScanCalc, TableUsage } from './scan-usage.ts';
import { scanSchema, type UsedTable } from './used-table.ts';

/** The shared chain of a table: source, computed columns, watermark. */
export interface BuiltScan {
  readonly index: number;
  readonly schema: Schema;
  /** A declared column as an expression over the chain's output. */
  readonly column: (declared: number) => Expr;
  /** The filter of the only use is applied in the source. */
  readonly filterPushed: boolean;
}

/**
 * Builds source, computed columns and watermark of a table. The source decodes the columns that some use needs; a
 * filter is pushed into it only without a watermark, for rows that are filtered out still advance the watermark.
 */
export function buildScan(list: NodeList, table: UsedTable, usage: TableUsage, config: Config): BuiltScan {
  const { definition } = table;
  const watermark = definition.watermark;
  const used = withWatermarkColumns(usage.columns, watermark);
  const read = table.ability.projectionPushDown ? physicalColumns(table, used) : allPhysical(table);
  const overSource = columnsOverSource(table, read);
  const range = watermark && table.eventTimeRange && rangeFilter(table.eventTimeRange, overSource(watermark.column));
  const computedApart =
    used.some((column) => definition.columns[column].kind === 'computed') &&
    (watermark !== undefined ||
      usage.calcs.some((calc) =>
        computesTwice(
          calc,
          definition.columns.map((_, i) => declaredExpr(table, i)),
        ),
      ));
  const separateCalc = computedApart || range !== undefined;
  const pushed = watermark === undefined ? pushableFilter(table, usage, overSource, separateCalc) : undefined;
  let built = addSource(list, table, read, pushed, overSource);
  if (separateCalc) built = addComputed(list, table, used, built, range);
  if (watermark !== undefined) built = addWatermark(list, table, watermark, built, config);
  return { ...built, filterPushed: pushed !== undefined };
}

interface Chain {
  readonly index: number;
  readonly schema: Schema;
  readonly column: (declared: number) => Expr;
}

function withWatermarkColumns(
  columns: readonly number[],
  watermark: UsedTable['definition']['watermark'],
): readonly number[] {
  if (watermark === undefined) return columns;
  return [...new Set([...columns, watermark.column, ...inputsOf(watermark.expr)])].sort((a, b) => a - b);
}

/** Places in ConnectorTable.columns that these declared columns are made of. */
function physicalColumns(table: UsedTable, used: readonly number[]): readonly number[] {
  const { columns } = table.definition;
  const physical = used.flatMap((i) => {
    const column = columns[i];
    return column.kind === 'physical'
      ? [column.physical]
      : [...inputsOf(column.expr)].map((input) => physicalPlace(table, input));
  });
  return [...new Set(physical)].sort((a, b) => a - b);
}

function allPhysical(table: UsedTable): readonly number[] {
  return table.table.columns.map((_, i) => i);
}

function physicalPlace(table: UsedTable, declared: number): number {
  const column = table.definition.columns[declared];
  if (column.kind !== 'physical') throw new Error('computed columns refer to physical columns only');
  return column.physical;
}

function declaredExpr(table: UsedTable, declared: number): Expr {
  const column = table.definition.columns[declared];
  return column.kind === 'computed' ? column.expr : inputRef(declared, column.type);
}

function columnsOverSource(table: UsedTable, read: readonly number[]): (declared: number) => Expr {
  return (declared) => remap(declaredExpr(table, declared), (input) => read.indexOf(physicalPlace(table, input)));
}

function pushableFilter(
  table: UsedTable,
  usage: TableUsage,
  column: (declared: number) => Expr,
  separateCalc: boolean,
): Expr | undefined {
  const filter = usage.calcs.length === 1 ? usage.calcs[0].filter : undefined;
  if (filter === undefined || !table.ability.filterPushDown || needsContext(filter)) return undefined;
  const computed = [...inputsOf(filter)].some((i) => table.definition.columns[i].kind === 'computed');
  return separateCalc && computed ? undefined : mapInputs(filter, (ref) => column(ref.index));
}

function addSource(
  list: NodeList,
  table: UsedTable,
  read: readonly number[],
  filter: Expr | undefined,
  column: (declared: number) => Expr,
): Chain {
  const schema = read.map((i) => table.table.columns[i]);
  const identity = read.map((i) => table.table.columns[i].type);
  const bare = tableMeaning(table.table, read);
  const meaning = calcMeaning(
    bare,
    filter,
    identity.map((type, i) => inputRef(i, type)),
  );
  const { mode } = table.ability;
  const key = table.table.primaryKey.map((name) => schema.findIndex((field) => field.name === name));
  const upsertKeys = mode === 'append' || key.length === 0 || key.includes(-1) ? [] : [key];
  const index = list.add(
    table.table.name,
    {
      op: 'source',
      inputs: [],
      table: table.table,
      columns: read,
      filter,
      bounded: table.bounded,
      schema,
      mode,
      upsertKeys,
    },
    meaning,
  );
  return { index, schema, column };
}

function addComputed(
  list: NodeList,
  table: UsedTable,
  used: readonly number[],
  below: Chain,
  filter: Expr | undefined,
): Chain {
  const projections = used.map(below.column);
  const schema = used.map((i) => ({ name: table.definition.columns[i].name, type: table.definition.columns[i].type }));
  const { mode } = table.ability;
  const key = table.table.primaryKey.map((name) => schema.findIndex((field) => field.name === name));
  const upsertKeys = mode === 'append' || key.length === 0 || key.includes(-1) ? [] : [key];
  const index = list.add(
    table.table.name,
    { op: 'calc', inputs: [below.index], filter, projections, schema, mode, upsertKeys },
    calcMeaning(list.meaning(below.index), filter, projections),
  );
  return {
    index,
    schema,
    column: (declared) => inputRef(used.indexOf(declared), table.definition.columns[declared].type),
  };
}

function addWatermark(
  list: NodeList,
  table: UsedTable,
  watermark: NonNullable<UsedTable['definition']['watermark']>,
  below: Chain,
  config: Config,
): Chain {
  const declared = scanSchema(table.definition);
  const place = below.column(watermark.column);
  if (place.kind !== 'input') throw new Error('a watermark column is a column of the chain below it');
  const column = place.index;
  const expr = mapInputs(watermark.expr, (ref) => below.column(ref.index));
  const schema = below.schema.map((field, i) => (i === column ? declared[watermark.column] : field));
  const idleTimeout = table.idleTimeout ?? durationSetting(config, 'table.exec.source.idle-timeout', 0);
  const { mode, upsertKeys } = list.nodes[below.index];
  const index = list.add(
    table.table.name,
    { op: 'watermark', inputs: [below.index], column, expr, panes: [], idleTimeout, schema, mode, upsertKeys },
    watermarkMeaning(list.meaning(below.index), column, expr),
  );
  const typed = (i: number): Expr => mapInputs(below.column(i), (ref) => ({ ...ref, type: schema[ref.index].type }));
  return { index, schema, column: typed };
}

/** The calc of one use, over the chain. */
export function overScan(
  calc: ScanCalc,
  scan: BuiltScan,
): { readonly filter: Expr | undefined; readonly projections: readonly Expr[] } {
  const move = (expr: Expr): Expr => mapInputs(expr, (ref) => scan.column(ref.index));
  return {
    filter: calc.filter === undefined || scan.filterPushed ? undefined : move(calc.filter),
    projections: calc.projections.map(move),
  };
}
