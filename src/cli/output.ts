import { formatChangelogValue } from '../data/json-value.ts';
import type { Schema } from '../data/types.ts';
import type { CollectedRow } from '../runtime/collected-rows.ts';
import type { OutputFormat } from './arguments.ts';

/** Shows the rows of a SELECT. `finish` is called once, at the end. */
export interface RowPrinter {
  rows(rows: readonly CollectedRow[]): void;
  finish(): void;
}

/** `updating`: the query takes rows back, so that `json`, which has no place for the kind of a row, waits for the end. */
export function rowPrinter(
  format: OutputFormat,
  schema: Schema,
  updating: boolean,
  write: (text: string) => void,
): RowPrinter {
  const asObject = (row: CollectedRow): unknown =>
    Object.fromEntries(jsonValues(schema, row).map((value, i) => [schema[i].name, value]));
  switch (format) {
    case 'changelog':
      return linePrinter(write, (row) => ({ op: row.op, row: jsonValues(schema, row) }));
    case 'json':
      return updating ? finalPrinter(write, asObject) : linePrinter(write, asObject);
    case 'table':
      return tablePrinter(schema, write);
  }
}

function jsonValues(schema: Schema, row: CollectedRow): unknown[] {
  return row.values.map((value, i) => formatChangelogValue(schema[i].type, value));
}

/** What the changelog adds up to, printed at the end in the order in which rows first came. */
function finalPrinter(write: (text: string) => void, toJson: (row: CollectedRow) => unknown): RowPrinter {
  const counts = new Map<string, number>();
  return {
    rows: (rows) => {
      for (const row of rows) {
        const line = JSON.stringify(toJson(row));
        const count = (counts.get(line) ?? 0) + (row.op === '+I' || row.op === '+U' ? 1 : -1);
        if (count === 0) counts.delete(line);
        else counts.set(line, count);
      }
    },
    finish: () => {
      for (const [line, count] of counts) write(`${line}\n`.repeat(Math.max(0, count)));
    },
  };
}

function linePrinter(write: (text: string) => void, toJson: (row: CollectedRow) => unknown): RowPrinter {
  return {
    rows: (rows) => write(rows.map((row) => `${JSON.stringify(toJson(row))}\n`).join('')),
    finish: () => undefined,
  };
}

/** All rows at the end, in columns, with the change kind in front. */
function tablePrinter(schema: Schema, write: (text: string) => void): RowPrinter {
  const lines: string[][] = [['op', ...schema.map((field) => field.name)]];
  return {
    rows: (rows) => {
      for (const row of rows) lines.push([row.op, ...jsonValues(schema, row).map(cell)]);
    },
    finish: () => {
      const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
      const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`;
      const text = lines.map((line) => `| ${line.map((value, i) => value.padEnd(widths[i])).join(' | ')} |\n`);
      write(rule + text[0] + rule + text.slice(1).join('') + rule + `${lines.length - 1} rows\n`);
    },
  };
}

/** The values of a row as people read them. */
export function rowTexts(schema: Schema, row: CollectedRow): string[] {
  return jsonValues(schema, row).map(cell);
}

function cell(value: unknown): string {
  if (value === null) return '<NULL>';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A row as Flink's print connector shows it, on a line. */
export function printLine(identifier: string | undefined, schema: Schema, row: CollectedRow): string {
  const prefix = identifier === undefined ? '' : `${identifier}> `;
  const values = jsonValues(schema, row).map((value) => (value === null ? 'null' : cell(value)));
  return `${prefix}${row.op}[${values.join(', ')}]\n`;
}
