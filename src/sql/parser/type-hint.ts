import { nearestWord } from '../misspelling.ts';

const TYPE_NAMES =
  'BOOLEAN TINYINT SMALLINT INT INTEGER BIGINT FLOAT DOUBLE DECIMAL NUMERIC CHAR VARCHAR STRING BINARY VARBINARY BYTES DATE TIME TIMESTAMP TIMESTAMP_LTZ INTERVAL ARRAY MAP MULTISET ROW'.split(
    ' ',
  );

const KNOWN_ELSEWHERE: Readonly<Record<string, string>> = {
  TEXT: 'STRING',
  INT64: 'BIGINT',
  LONG: 'BIGINT',
  INT32: 'INT',
  INT8: 'TINYINT',
  BOOL: 'BOOLEAN',
  FLOAT64: 'DOUBLE',
  NUMBER: 'DECIMAL',
  DATETIME: 'TIMESTAMP(3)',
  TIMESTAMPTZ: 'TIMESTAMP_LTZ(3)',
};

/** What a name that is no type of Flink SQL was probably meant to be. */
export function typeHint(name: string): string | undefined {
  const better = KNOWN_ELSEWHERE[name.toUpperCase()];
  if (better !== undefined) return `Flink SQL calls it ${better}`;
  const near = nearestWord(name, TYPE_NAMES);
  return near === undefined ? undefined : `did you mean ${near}?`;
}
