import { HeadwaterError } from '../data/errors.ts';
import { stripAttribute, type SqlType } from '../data/types.ts';
import type { Expr } from '../expressions/typed.ts';
import type { ConnectorDescriptor } from './connector.ts';
import { and } from './expression-tools.ts';
import type { TableDefinition } from './used-table.ts';

/** The stretch of history that a job reads, whatever its tables say: [from, to), epoch milliseconds; undefined: no bound. */
export interface HistoryRange {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** Replaces where a source begins and ends by a range of history. Errors: `unsupported`. */
export function applyHistory(
  definition: TableDefinition,
  { name, source }: ConnectorDescriptor,
  options: Map<string, string>,
  range: HistoryRange,
): void {
  const history = source?.history;
  if (history === undefined) {
    throw new HeadwaterError(
      'unsupported',
      `Table '${definition.name}': connector '${name}' has no history to read again; expected one that keeps what it gave`,
    );
  }
  if (history.by === 'event-time' && isLimited(range) && definition.watermark === undefined) {
    throw new HeadwaterError(
      'unsupported',
      `Table '${definition.name}': connector '${name}' chooses a range of history by event time; expected a table with a ` +
        'WATERMARK, or neither a beginning nor an end',
    );
  }
  for (const [key, value] of Object.entries(history.options(range))) {
    if (value === undefined) options.delete(key);
    else options.set(key, value);
  }
}

/** Keeps rows whose event time lies in the range; NULL lies in none. Undefined: all rows. */
export function rangeFilter(range: HistoryRange, eventTime: Expr): Expr | undefined {
  const type: SqlType = { ...stripAttribute(eventTime.type), nullable: false };
  const compare = (fn: '>=' | '<', ms: number | undefined): Expr | undefined =>
    ms === undefined
      ? undefined
      : {
          kind: 'call',
          fn,
          args: [eventTime, { kind: 'literal', value: [ms, 0], type }],
          type: { kind: 'BOOLEAN', nullable: eventTime.type.nullable },
        };
  return and(compare('>=', range.from), compare('<', range.to));
}

export function isLimited({ from, to }: HistoryRange): boolean {
  return from !== undefined || to !== undefined;
}
