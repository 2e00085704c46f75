import type { AggregateName } from '../expressions/typed.ts';

/** Aggregate functions by the names that SQL has for them. */
const AGGREGATE_NAMES: ReadonlyMap<string, AggregateName> = new Map<string, AggregateName>([
  ['ARRAY_AGG', 'ARRAY_AGG'],
  ['AVG', 'AVG'],
  ['COLLECT', 'COLLECT'],
  ['COUNT', 'COUNT'],
  ['FIRST_VALUE', 'FIRST_VALUE'],
  ['JSON_ARRAYAGG', 'JSON_ARRAYAGG'],
  ['JSON_OBJECTAGG', 'JSON_OBJECTAGG'],
  ['LAST_VALUE', 'LAST_VALUE'],
  ['LISTAGG', 'LISTAGG'],
  ['MAX', 'MAX'],
  ['MIN', 'MIN'],
  ['PERCENTILE', 'PERCENTILE'],
  ['STDDEV', 'STDDEV_SAMP'],
  ['STDDEV_POP', 'STDDEV_POP'],
  ['STDDEV_SAMP', 'STDDEV_SAMP'],
  ['SUM', 'SUM'],
  ['VARIANCE', 'VAR_SAMP'],
  ['VAR_POP', 'VAR_POP'],
  ['VAR_SAMP', 'VAR_SAMP'],
]);

/** What one may call an aggregate by. */
export const AGGREGATES: readonly string[] = [...AGGREGATE_NAMES.keys()];

/** The aggregate of a name in upper case. */
export function aggregateOfName(name: string): AggregateName | undefined {
  return AGGREGATE_NAMES.get(name);
}

/** Built-in functions of Flink that are not executed yet: their error says so instead of "unknown". */
const FLINK_FUNCTIONS = new Set(
  `APPROX_COUNT_DISTINCT BITMAP_AND BITMAP_ANDNOT BITMAP_AND_AGG BITMAP_AND_CARDINALITY_AGG BITMAP_BUILD BITMAP_BUILD_AGG
  BITMAP_BUILD_CARDINALITY_AGG BITMAP_CARDINALITY BITMAP_FROM_BYTES BITMAP_OR BITMAP_OR_AGG BITMAP_OR_CARDINALITY_AGG
  BITMAP_TO_ARRAY BITMAP_TO_BYTES BITMAP_TO_STRING BITMAP_XOR BITMAP_XOR_AGG BITMAP_XOR_CARDINALITY_AGG CUME_DIST DENSE_RANK
  GROUPING GROUPING_ID GROUP_ID LAG LEAD ML_PREDICT NTILE OBJECT_OF OBJECT_UPDATE PARSE_JSON PERCENT_RANK RANK
  ROW_NUMBER SINGLE_VALUE SOURCE_WATERMARK TRY_CAST TRY_PARSE_JSON`.split(/\s+/),
);

export function isFlinkFunction(name: string): boolean {
  return FLINK_FUNCTIONS.has(name);
}
