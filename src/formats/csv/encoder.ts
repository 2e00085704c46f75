import { HeadwaterError } from '../../data/errors.ts';
import { formatType, type Schema, type SqlType } from '../../data/types.ts';
import { jsonValueText } from '../json/encoder.ts';
import type { CsvOptions } from './options.ts';

/** A row of plain values (data/read.ts) as a line of csv, without the line end. */
export type CsvRowEncoder = (row: readonly unknown[]) => string;

/** Texts longer than this are quoted, as Jackson does it for Flink. */
const LONG_TEXT = 24;

/** Throws HeadwaterError `unsupported` for a type without a csv form. */
export function csvRowEncoder(schema: Schema, options: CsvOptions): CsvRowEncoder {
  const delimiter = String.fromCharCode(options.delimiter);
  const none = options.nullLiteral ?? '';
  const quote = quoter(options);
  const cells = schema.map(({ type }) => {
    const text = cellText(type, options);
    return isText(type) ? (value: unknown) => quote(text(value)) : text;
  });
  return (row) =>
    cells.map((cell, i) => (row[i] === null || row[i] === undefined ? none : cell(row[i]))).join(delimiter);
}

function isText(type: SqlType): boolean {
  return !['BOOLEAN', 'TINYINT', 'SMALLINT', 'INT', 'BIGINT', 'FLOAT', 'DOUBLE', 'DECIMAL'].includes(type.kind);
}

function cellText(type: SqlType, options: CsvOptions): (value: unknown) => string {
  switch (type.kind) {
    case 'CHAR':
    case 'VARCHAR':
      return String;
    case 'ARRAY': {
      const element = cellText(type.element, options);
      return (value) =>
        (value as readonly unknown[]).map((item) => (item === null ? '' : element(item))).join(options.arrayDelimiter);
    }
    case 'MAP':
    case 'MULTISET':
    case 'ROW':
      throw new HeadwaterError('unsupported', `the csv format has no columns of type ${formatType(type)}`);
    default: {
      const write = jsonValueText(type);
      return (value) => {
        const text = write(value);
        return text.startsWith('"') ? text.slice(1, -1) : text;
      };
    }
  }
}

/** Quotes a text where it is long or holds a character that could mean something. */
function quoter({ quote, escape, delimiter }: CsvOptions): (text: string) => string {
  if (quote < 0) return (text) => text;
  const mark = String.fromCharCode(quote);
  const inside = escape < 0 ? mark + mark : String.fromCharCode(escape) + mark;
  const least = Math.max(delimiter, quote) + 1;
  return (text) => {
    let plain = text.length <= LONG_TEXT;
    for (let i = 0; plain && i < text.length; i++) plain = text.charCodeAt(i) >= least && text.charCodeAt(i) !== escape;
    if (plain) return text;
    const escaped = escape < 0 || escape === quote ? text : text.replaceAll(String.fromCharCode(escape), (c) => c + c);
    return mark + escaped.replaceAll(mark, inside) + mark;
  };
}
