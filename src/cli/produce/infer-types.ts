import { BIGINT, BOOLEAN, DOUBLE, INT, type SqlType, STRING, timestamp } from '../../data/types.ts';

/** What all values of a column can be read as, from those that were seen; STRING when nothing else fits. */
export function inferType(values: Iterable<unknown>): SqlType {
  let found: SqlType | undefined;
  for (const value of values) {
    if (value === null || value === undefined || value === '') continue;
    found = found === undefined ? typeOfValue(value) : widened(found, typeOfValue(value));
    if (found === STRING) break;
  }
  return found ?? STRING;
}

const TIMESTAMP_3 = timestamp(3);

function typeOfValue(value: unknown): SqlType {
  switch (typeof value) {
    case 'boolean':
      return BOOLEAN;
    case 'bigint':
      return BIGINT;
    case 'number':
      return Number.isInteger(value) ? wholeType(value) : DOUBLE;
    case 'string':
      return typeOfText(value);
    default:
      return value instanceof Date ? TIMESTAMP_3 : STRING;
  }
}

function typeOfText(text: string): SqlType {
  if (text === 'true' || text === 'false') return BOOLEAN;
  if (/^-?(0|[1-9]\d{0,17})$/.test(text)) return wholeType(Number(text));
  if (/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) && !/^-?0\d/.test(text)) return DOUBLE;
  if (/^\d{4}[-/]\d\d[-/]\d\d[ T]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?$/.test(text)) return TIMESTAMP_3;
  return STRING;
}

function wholeType(value: number): SqlType {
  return value === (value | 0) ? INT : BIGINT;
}

const WIDTHS: readonly SqlType[] = [INT, BIGINT, DOUBLE];

function widened(a: SqlType, b: SqlType): SqlType {
  if (a === b) return a;
  const width = Math.max(WIDTHS.indexOf(a), WIDTHS.indexOf(b));
  return WIDTHS.includes(a) && WIDTHS.includes(b) ? WIDTHS[width] : STRING;
}
