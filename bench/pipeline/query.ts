/** Where the events of the bench query come from. */
export type EventSource =
  | { readonly type: 'memory'; readonly path: string; readonly splits: number }
  | { readonly type: 'kafka'; readonly bootstrap: string; readonly topic: string; readonly registry: string };

export type Sink = 'feature' | 'blackhole';

export interface QueryOptions {
  readonly source: EventSource;
  readonly sink: Sink;
  readonly windowSeconds: number;
  readonly lagMs: number;
  readonly intervalMs: number;
  readonly minPauseMs: number;
  /** Further settings, by key. */
  readonly settings?: Readonly<Record<string, string>>;
}

export const RESULT_COLUMNS =
  'user_id STRING, events BIGINT, spent DOUBLE, mean DOUBLE, top DOUBLE, window_end TIMESTAMP(3)';

/** TUMBLE by user with COUNT, SUM, AVG, MAX of price: the query of every figure. */
export function tumbleQuery(windowSeconds: number): string {
  return `SELECT user_id, COUNT(*), SUM(price), AVG(price), MAX(price), window_end
FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '${windowSeconds}' SECOND))
GROUP BY user_id, window_start, window_end`;
}

export function pipelineSql(options: QueryOptions): string {
  const columns = RESULT_COLUMNS + (options.sink === 'feature' ? ',\n  PRIMARY KEY (user_id) NOT ENFORCED' : '');
  return scriptOf(options, columns, tumbleQuery(options.windowSeconds));
}

/** The query inserted into a table of these columns. The source's are as nullable as in the Avro schema. */
export function scriptOf(options: Omit<QueryOptions, 'windowSeconds'>, columns: string, query: string): string {
  const settings = Object.entries(options.settings ?? {}).map(([key, value]) => `SET '${key}' = '${value}';\n`);
  return `
${settings.join('')}SET 'execution.checkpointing.interval' = '${options.intervalMs} ms';
SET 'execution.checkpointing.min-pause' = '${options.minPauseMs} ms';
CREATE TABLE events (
  user_id STRING NOT NULL, item_id STRING NOT NULL, event_type STRING NOT NULL, price DOUBLE NOT NULL,
  quantity INT NOT NULL, ts TIMESTAMP(3) NOT NULL, coupon STRING, attrs MAP<STRING, STRING> NOT NULL,
  WATERMARK FOR ts AS ts - INTERVAL '${(options.lagMs / 1000).toFixed(3)}' SECOND
) WITH (${sourceOptions(options.source)});
CREATE TABLE user_stats (
  ${columns}
) WITH ('connector' = '${options.sink}');
INSERT INTO user_stats
${query};`;
}

function sourceOptions(source: EventSource): string {
  switch (source.type) {
    case 'memory':
      return `'connector' = 'memory', 'path' = '${source.path}', 'splits' = '${source.splits}',
  'format' = 'avro-confluent', 'avro-confluent.url' = 'embedded'`;
    case 'kafka':
      return `'connector' = 'kafka', 'topic' = '${source.topic}',
  'properties.bootstrap.servers' = '${source.bootstrap}', 'scan.startup.mode' = 'earliest-offset',
  'format' = 'avro-confluent', 'avro-confluent.url' = '${source.registry}'`;
  }
}
