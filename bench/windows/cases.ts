export interface WindowCase {
  /** As an option says it. */
  readonly id: string;
  readonly name: string;
  readonly window: string;
  readonly calls: string;
  /** The columns of the calls' results. */
  readonly columns: string;
}

/** Windows over 100,000 events a second of event time: about a million events in the 10 seconds of a window. */
export const CASES: readonly WindowCase[] = [
  {
    id: 'tumble',
    name: 'TUMBLE',
    window: "TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '10' SECOND)",
    calls: 'COUNT(*), SUM(price)',
    columns: 'events BIGINT, spent DOUBLE',
  },
  {
    id: 'hop',
    name: 'HOP, 10 overlaps',
    window: "HOP(TABLE events, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '10' SECOND)",
    calls: 'COUNT(*), SUM(price)',
    columns: 'events BIGINT, spent DOUBLE',
  },
  {
    id: 'cumulate',
    name: 'CUMULATE, 10 steps',
    window: "CUMULATE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '10' SECOND)",
    calls: 'COUNT(*), SUM(price)',
    columns: 'events BIGINT, spent DOUBLE',
  },
  {
    id: 'session',
    name: 'SESSION, gap 1 s',
    window: "SESSION(TABLE events PARTITION BY user_id, DESCRIPTOR(ts), INTERVAL '1' SECOND)",
    calls: 'COUNT(*), SUM(price)',
    columns: 'events BIGINT, spent DOUBLE',
  },
  {
    id: 'distinct',
    name: 'TUMBLE with COUNT DISTINCT',
    window: "TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '10' SECOND)",
    calls: 'COUNT(DISTINCT item)',
    columns: 'items BIGINT',
  },
];

export const EVENTS_PER_SECOND = 100_000;

export function script(window: string, calls: string): string {
  return `CREATE TABLE events (user_id STRING NOT NULL, item INT NOT NULL, price DOUBLE NOT NULL, ts TIMESTAMP(3) NOT NULL,
      WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'memory');
    SELECT user_id, ${calls} FROM TABLE(${window}) GROUP BY user_id, window_start, window_end;`;
}
