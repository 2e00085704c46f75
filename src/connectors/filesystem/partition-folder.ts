import { join } from 'node:path';
import type { Column } from '../../data/column.ts';
import { readValue } from '../../data/read.ts';
import type { SqlType } from '../../data/types.ts';
import { jsonValueText } from '../../formats/json/encoder.ts';
import type { ConnectorTable } from '../../planner/connector.ts';

/** The folders of a row's partition, `a=1/b=x`; empty without PARTITIONED BY. */
export function partitionFolder(table: ConnectorTable, columns: readonly Column[], row: number): string {
  const parts = (table.partitionKeys ?? []).map((key) => {
    const index = table.columns.findIndex(({ name }) => name === key);
    const text = valueText(table.columns[index].type, columns[index], row);
    return `${escaped(key)}=${text === '' ? table.options['partition.default-name'] : escaped(text)}`;
  });
  return join('', ...parts);
}

function valueText(type: SqlType, column: Column, row: number): string {
  const value = readValue(type, column, row);
  if (value === null) return '';
  if (typeof value === 'string') return value;
  const text = jsonValueText(type)(value);
  return text.startsWith('"') ? text.slice(1, -1) : text;
}

/** What may not be in a file name, or means something there, as %XX. */
function escaped(text: string): string {
  const safe = text.replace(
    /[\u0000-\u001f"#%'*/:=?\\{}[\]^\u007f]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
  return safe.replace(/^\.+$/, (dots) => dots.replaceAll('.', '%2E'));
}
