import { createHash } from 'node:crypto';
import { formatType, type Schema } from '../data/types.ts';
import type { AggregateCall, Expr } from '../expressions/typed.ts';
import { type ConnectorTable, INLINE } from './connector.ts';
import { formatAggregate, formatExpr } from './format-expression.ts';
import type { Unnest } from './logical.ts';

/**
 * What a node's rows mean, whatever columns are read beside them: state survives when another INSERT of the file
 * begins to use more columns of a shared table. `rows` stands for which rows there are, `columns` for what each holds.
 */
export interface Meaning {
  readonly rows: string;
  readonly columns: readonly string[];
}

/** 128 bits of SHA-256 over canonical JSON, as hex. */
export function digest(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex').slice(0, 32);
}

/**
 * Neither secrets nor addresses: of the options only connector, topic, format and where it ends. A job that has fired
 * everything at the end of its input cannot go on without an end, nor the other way round.
 */
export function tableMeaning(table: ConnectorTable, columns: readonly number[]): Meaning {
  const { connector, topic, path, format } = table.options;
  return {
    rows: digest({
      table: table.name,
      connector,
      topic,
      pattern: table.options['topic-pattern'],
      path,
      format,
      ends:
        table.options['source.monitor-interval'] === undefined
          ? (table.options['scan.bounded.mode'] ?? 'unbounded')
          : 'monitored',
      // The rows of VALUES.
      values: connector === INLINE ? table.options.rows : undefined,
    }),
    columns: columns.map((column) => `${table.columns[column].name} ${formatType(table.columns[column].type)}`),
  };
}

export function calcMeaning(input: Meaning, filter: Expr | undefined, projections: readonly Expr[]): Meaning {
  const columns = named(input);
  return {
    rows: filter === undefined ? input.rows : digest({ filter: formatExpr(filter, columns), input: input.rows }),
    columns: projections.map((expr) => short(expr.kind === 'input' ? columns[expr.index].name : typed(expr, columns))),
  };
}

export function watermarkMeaning(input: Meaning, column: number, expr: Expr): Meaning {
  const rows = digest({ watermark: input.columns[column], expr: formatExpr(expr, named(input)), input: input.rows });
  return { rows, columns: input.columns };
}

export function aggregateMeaning(
  input: Meaning,
  kind: unknown,
  keys: readonly number[],
  aggregates: readonly AggregateCall[],
  properties: readonly string[],
): Meaning {
  const columns = named(input);
  const calls = aggregates.map((call) => `${formatAggregate(call, columns)} ${formatType(call.type)}`);
  const groups = keys.map((key) => input.columns[key]);
  // The layout of keys and accumulators is state schema: their order counts.
  const rows = digest({ kind, groups, calls, input: input.rows });
  return { rows, columns: [...groups, ...calls, ...properties].map(short) };
}

export function windowTableMeaning(
  input: Meaning,
  window: unknown,
  timeColumn: number,
  partition: readonly number[],
  properties: readonly string[],
): Meaning {
  const time = input.columns[timeColumn];
  const rows = digest({ window, time, partition: partition.map((i) => input.columns[i]), input: input.rows });
  return { rows, columns: [...input.columns, ...properties] };
}

/** A node that keeps the columns of its input, perhaps with others behind them. */
export function extendedMeaning(input: Meaning, kind: unknown, added: readonly string[] = []): Meaning {
  return { rows: digest({ kind, input: input.rows }), columns: [...input.columns, ...added].map(short) };
}

export function unnestMeaning(
  input: Meaning,
  { column, ordinality, outer, condition }: Pick<Unnest, 'column' | 'ordinality' | 'outer' | 'condition'>,
  added: number,
): Meaning {
  const collection = input.columns[column];
  const elements = Array.from({ length: added }, (_, i) => `${collection} element ${i}`);
  const { rows, columns } = extendedMeaning(input, { unnest: [collection, ordinality, outer] }, elements);
  if (condition === undefined) return { rows, columns };
  return { rows: digest({ on: formatExpr(condition, named({ rows, columns })), input: rows }), columns };
}

export function setOperationMeaning(inputs: readonly Meaning[], kind: unknown): Meaning {
  return { rows: digest({ kind, inputs }), columns: inputs[0].columns.map((_, i) => `set ${i}`) };
}

export function unionMeaning(inputs: readonly Meaning[]): Meaning {
  const rows = digest({ union: inputs });
  return { rows, columns: inputs[0].columns.map((_, i) => `union ${i}`) };
}

function named(meaning: Meaning): Schema {
  return meaning.columns.map((name) => ({ name, type: { kind: 'NULL', nullable: true } }));
}

function typed(expr: Expr, columns: Schema): string {
  return `${formatExpr(expr, columns)} ${formatType(expr.type)}`;
}

/** Nested expressions would make long texts. */
function short(text: string): string {
  return text.length > 200 ? digest(text) : text;
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
