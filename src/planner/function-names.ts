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
  `APPROX_COUNT_DISTINCT DENSE_RANK GROUPING GROUPING_ID GROUP_ID
  LAG LEAD NTILE PRINTF RANK ROW_NUMBER SOURCE_WATERMARK TRY_CAST`.split(/\s+/),
);

export function isFlinkFunction(name: string): boolean {
  return FLINK_FUNCTIONS.has(name);
}
