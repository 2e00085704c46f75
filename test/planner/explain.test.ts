import { describe, expect, test } from 'vitest';
import { explain, script, TABLES } from './harness.ts';

const FEATURE = (name: string, columns: string): string =>
  `CREATE TABLE ${name} (${columns}) WITH ('connector' = 'feature');\n`;
const HOURLY = "TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' HOUR))";

describe('EXPLAIN', () => {
  test('a window aggregation into a feature table reads only its columns', () => {
    const sql = `${FEATURE('hourly', 'user_id STRING, hour_start TIMESTAMP(3), n BIGINT, share DOUBLE, PRIMARY KEY (user_id, hour_start) NOT ENFORCED')}
      INSERT INTO hourly
      SELECT user_id, window_start, COUNT(*), CAST(SUM(clicks) FILTER (WHERE ok) AS DOUBLE) / COUNT(*)
      FROM ${HOURLY} WHERE kind <> 'bot'
      GROUP BY user_id, window_start, window_end HAVING COUNT(*) > 1;`;
    expect(explain(sql)).toMatchInlineSnapshot(`
      "== Job test ==
      hourly/sink/1 [append] connector: feature; primary key: user_id, hour_start
         -> (user_id STRING NOT NULL, hour_start TIMESTAMP(3) NOT NULL, n BIGINT, share DOUBLE)
      +- hourly/calc/2 [append] where: ($agg0 > 1); select: user_id, window_start AS hour_start, $agg0 AS n, (CAST($agg1 AS DOUBLE) / CAST($agg0 AS DOUBLE)) AS share
            -> (user_id STRING, hour_start TIMESTAMP(3) NOT NULL, n BIGINT NOT NULL, share DOUBLE) unique by (user_id, hour_start)
         +- hourly/window-aggregate/1 [append] window: TUMBLE(ts, 1 h); by: user_id; aggregates: COUNT(*), SUM(clicks) FILTER (WHERE ok); phases: local + global; state: until the window closes
               -> (user_id STRING, $agg0 BIGINT NOT NULL, $agg1 INT, window_start TIMESTAMP(3) NOT NULL) unique by (user_id, window_start)
            +- hourly/calc/1 [append] where: (kind <> 'bot'); select: user_id, ts, clicks, ok
                  -> (user_id STRING, ts TIMESTAMP(3) *ROWTIME*, clicks INT, ok BOOLEAN)
               +- events/watermark/1 [append] column: ts; watermark: (ts - INTERVAL 5000 ms); cut at: 1 h
                     -> (user_id STRING, kind STRING, clicks INT, ok BOOLEAN, ts TIMESTAMP(3) *ROWTIME*)
                  +- events/source/1 [append] connector: kafka; format: json; reads: 5 of 10 columns (user_id, kind, clicks, ok, ts)
                        -> (user_id STRING, kind STRING, clicks INT, ok BOOLEAN, ts TIMESTAMP(3))"
    `);
  });

  test('a filter goes into the source when there is no watermark', () => {
    expect(explain('SELECT n + 1 AS m FROM facts WHERE id > 5 AND n < 3;')).toMatchInlineSnapshot(`
      "== Job test ==
      collect/sink/1 [append] connector: collect
         -> (m INT)
      +- collect/calc/1 [append] select: (n + 1) AS m
            -> (m INT)
         +- facts/source/1 [append] connector: kafka; format: json; reads: 2 of 5 columns (id, n); filter: ((id > 5) AND (n < 3))
               -> (id BIGINT NOT NULL, n INT)"
    `);
  });

  test('a filter stays above a watermark: rows that fail it still advance the watermark', () => {
    expect(explain('SELECT clicks FROM events WHERE big > 5;')).toMatchInlineSnapshot(`
      "== Job test ==
      collect/sink/1 [append] connector: collect
         -> (clicks INT)
      +- collect/calc/1 [append] where: (big > 5); select: clicks
            -> (clicks INT)
         +- events/watermark/1 [append] column: ts; watermark: (ts - INTERVAL 5000 ms)
               -> (clicks INT, big BIGINT, ts TIMESTAMP(3) *ROWTIME*)
            +- events/source/1 [append] connector: kafka; format: json; reads: 3 of 10 columns (clicks, big, ts)
                  -> (clicks INT, big BIGINT, ts TIMESTAMP(3))"
    `);
  });

  test('a source without push-down is read whole', () => {
    const sql = "CREATE TABLE t (a INT, b INT) WITH ('connector' = 'rows'); SELECT b FROM t WHERE a = 1;";
    expect(explain(sql)).toMatchInlineSnapshot(`
      "== Job test ==
      collect/sink/1 [append] connector: collect
         -> (b INT)
      +- collect/calc/1 [append] where: (a = 1); select: b
            -> (b INT)
         +- t/source/1 [append] connector: rows; reads: all columns (a, b); bounded: yes
               -> (a INT, b INT)"
    `);
  });

  test('a group aggregation into an upsert sink by its key: no -U, one change per batch', () => {
    const sql = `${FEATURE('totals', 'name STRING, n BIGINT, PRIMARY KEY (name) NOT ENFORCED')}
      INSERT INTO totals SELECT name, COUNT(*) FROM facts GROUP BY name;`;
    expect(explain(sql)).toMatchInlineSnapshot(`
      "== Job test ==
      totals/sink/1 [upsert] connector: feature; primary key: name
         -> (name STRING NOT NULL, n BIGINT)
      +- totals/group-aggregate/1 [upsert] by: name; aggregates: COUNT(*); emits: per batch; state: kept for ever
            -> (name STRING, $agg0 BIGINT NOT NULL) unique by (name)
         +- facts/source/1 [append] connector: kafka; format: json; reads: 1 of 5 columns (name)
               -> (name STRING)
      Warning: Operator 'totals/group-aggregate/1' keeps state for every value of (name) for ever; SET 'table.exec.state.ttl' = '1 d' (or another time) lets it forget groups without changes"
    `);
  });

  test('HAVING on an aggregate needs -U, for a group that stops passing must go', () => {
    const sql = `${FEATURE('totals', 'name STRING, n BIGINT, PRIMARY KEY (name) NOT ENFORCED')}
      SET 'table.exec.state.ttl' = '1 d';
      INSERT INTO totals SELECT name, COUNT(*) FROM facts GROUP BY name HAVING COUNT(*) > 3;`;
    expect(explain(sql)).toMatchInlineSnapshot(`
      "== Job test ==
      totals/sink/1 [retract] connector: feature; primary key: name
         -> (name STRING NOT NULL, n BIGINT)
      +- totals/calc/1 [retract] where: ($agg0 > 3); select: name, $agg0 AS n
            -> (name STRING, n BIGINT NOT NULL) unique by (name)
         +- totals/group-aggregate/1 [retract] by: name; aggregates: COUNT(*); emits: per batch; state: 1 d after the last change
               -> (name STRING, $agg0 BIGINT NOT NULL) unique by (name)
            +- facts/source/1 [append] connector: kafka; format: json; reads: 1 of 5 columns (name)
                  -> (name STRING)
      SET 'table.exec.state.ttl' = '1 d'"
    `);
  });

  test('an aggregation of an aggregation retracts', () => {
    const sql = 'SELECT c, COUNT(*) FROM (SELECT name, COUNT(*) AS c FROM facts GROUP BY name) GROUP BY c;';
    expect(explain(sql)).toMatchInlineSnapshot(`
      "== Job test ==
      collect/sink/1 [retract] connector: collect
         -> (c BIGINT NOT NULL, EXPR$1 BIGINT NOT NULL)
      +- collect/group-aggregate/2 [retract] by: c; aggregates: COUNT(*); input: retracting; emits: per row; state: kept for ever
            -> (c BIGINT NOT NULL, $agg0 BIGINT NOT NULL) unique by (c)
         +- collect/calc/1 [retract] select: $agg0 AS c
               -> (c BIGINT NOT NULL)
            +- collect/group-aggregate/1 [retract] by: name; aggregates: COUNT(*); emits: per row; state: kept for ever
                  -> (name STRING, $agg0 BIGINT NOT NULL) unique by (name)
               +- facts/source/1 [append] connector: kafka; format: json; reads: 1 of 5 columns (name)
                     -> (name STRING)
      Warning: Operator 'collect/group-aggregate/1' keeps state for every value of (name) for ever; SET 'table.exec.state.ttl' = '1 d' (or another time) lets it forget groups without changes
      Warning: Operator 'collect/group-aggregate/2' keeps state for every value of (c) for ever; SET 'table.exec.state.ttl' = '1 d' (or another time) lets it forget groups without changes"
    `);
  });

  test('INSERTs of a file share the scan of a table', () => {
    const sql = `${FEATURE('a', 'user_id STRING, n BIGINT, PRIMARY KEY (user_id) NOT ENFORCED')}
      ${FEATURE('b', 'kind STRING, ws TIMESTAMP(3), n BIGINT, PRIMARY KEY (kind, ws) NOT ENFORCED')}
      EXECUTE STATEMENT SET BEGIN
        INSERT INTO a SELECT user_id, COUNT(*) FROM events GROUP BY user_id;
        INSERT INTO b SELECT kind, window_start, SUM(big) FROM ${HOURLY} GROUP BY kind, window_start, window_end;
      END;`;
    expect(explain(sql)).toMatchInlineSnapshot(`
      "== Job test ==
      a/sink/1 [upsert] connector: feature; primary key: user_id
         -> (user_id STRING NOT NULL, n BIGINT)
      +- a/group-aggregate/1 [upsert] by: user_id; aggregates: COUNT(*); emits: per batch; state: kept for ever
            -> (user_id STRING, $agg0 BIGINT NOT NULL) unique by (user_id)
         +- a/calc/1 [append] select: user_id
               -> (user_id STRING)
            +- events/watermark/1 [append] column: ts; watermark: (ts - INTERVAL 5000 ms); cut at: 1 h
                  -> (user_id STRING, kind STRING, big BIGINT, ts TIMESTAMP(3) *ROWTIME*)
               +- events/source/1 [append] connector: kafka; format: json; reads: 4 of 10 columns (user_id, kind, big, ts)
                     -> (user_id STRING, kind STRING, big BIGINT, ts TIMESTAMP(3))
      b/sink/1 [append] connector: feature; primary key: kind, ws
         -> (kind STRING NOT NULL, ws TIMESTAMP(3) NOT NULL, n BIGINT)
      +- b/calc/2 [append] select: kind, window_start AS ws, $agg0 AS n
            -> (kind STRING, ws TIMESTAMP(3) NOT NULL, n BIGINT) unique by (kind, ws)
         +- b/window-aggregate/1 [append] window: TUMBLE(ts, 1 h); by: kind; aggregates: SUM(big); phases: local + global; state: until the window closes
               -> (kind STRING, $agg0 BIGINT, window_start TIMESTAMP(3) NOT NULL) unique by (kind, window_start)
            +- b/calc/1 [append] select: kind, ts, big
                  -> (kind STRING, ts TIMESTAMP(3) *ROWTIME*, big BIGINT)
               +- (shared) events/watermark/1
      Warning: Operator 'a/group-aggregate/1' keeps state for every value of (user_id) for ever; SET 'table.exec.state.ttl' = '1 d' (or another time) lets it forget groups without changes"
    `);
  });

  test('views keep time attributes, computed columns come before the watermark', () => {
    const sql = `CREATE TABLE lines (ms BIGINT, v INT, ts AS TIMESTAMP '1970-01-01 00:00:00.000' + INTERVAL '1' SECOND, twice AS v * 2,
        WATERMARK FOR ts AS ts) WITH ('connector' = 'kafka', 'topic' = 'raw', 'format' = 'json', 'scan.watermark.idle-timeout' = '30 s');
      CREATE VIEW renamed (t, d) AS SELECT ts, twice FROM lines WHERE v > 0;
      SELECT window_start, MAX(d) FROM TABLE(TUMBLE(TABLE renamed, DESCRIPTOR(t), INTERVAL '10' MINUTE, INTERVAL '1' MINUTE))
      GROUP BY window_start, window_end;`;
    expect(explain(sql)).toMatchInlineSnapshot(`
      "== Job test ==
      collect/sink/1 [append] connector: collect
         -> (window_start TIMESTAMP(3) NOT NULL, EXPR$1 INT)
      +- collect/calc/2 [append] select: window_start, $agg0 AS EXPR$1
            -> (window_start TIMESTAMP(3) NOT NULL, EXPR$1 INT) unique by (window_start)
         +- collect/window-aggregate/1 [append] window: TUMBLE(t, 10 min + 1 min); aggregates: MAX(d); phases: local + global; state: until the window closes
               -> ($agg0 INT, window_start TIMESTAMP(3) NOT NULL) unique by (window_start)
            +- collect/calc/1 [append] where: (v > 0); select: ts AS t, twice AS d
                  -> (t TIMESTAMP(3) *ROWTIME* NOT NULL, d INT)
               +- lines/watermark/1 [append] column: ts; watermark: ts; cut at: 10 min + 1 min; idle after: 30 s
                     -> (v INT, ts TIMESTAMP(3) *ROWTIME* NOT NULL, twice INT)
                  +- lines/calc/1 [append] select: v, (TIMESTAMP '1970-01-01 00:00:00.000' + INTERVAL 1000 ms) AS ts, (v * 2) AS twice
                        -> (v INT, ts TIMESTAMP(3) NOT NULL, twice INT)
                     +- lines/source/1 [append] connector: kafka; format: json; reads: 1 of 2 columns (v)
                           -> (v INT)"
    `);
  });

  test('a second aggregation by the same windows is a window aggregation of rows that have their windows', () => {
    const sql = `SELECT window_start, MAX(c) FROM (
        SELECT user_id, window_start, window_end, COUNT(*) AS c FROM ${HOURLY} GROUP BY user_id, window_start, window_end)
      GROUP BY window_start, window_end;`;
    expect(explain(sql)).toMatchInlineSnapshot(`
      "== Job test ==
      collect/sink/1 [append] connector: collect
         -> (window_start TIMESTAMP(3) NOT NULL, EXPR$1 BIGINT NOT NULL)
      +- collect/calc/2 [append] select: window_start, $agg0 AS EXPR$1
            -> (window_start TIMESTAMP(3) NOT NULL, EXPR$1 BIGINT NOT NULL) unique by (window_start)
         +- collect/window-aggregate/2 [append] window: TUMBLE(window_end, 1 h); windows: those of the rows; aggregates: MAX(c); phases: local + global; state: until the window closes
               -> ($agg0 BIGINT NOT NULL, window_start TIMESTAMP(3) NOT NULL) unique by (window_start)
            +- collect/calc/1 [append] select: window_end, $agg0 AS c
                  -> (window_end TIMESTAMP(3) NOT NULL, c BIGINT NOT NULL)
               +- collect/window-aggregate/1 [append] window: TUMBLE(ts, 1 h); by: user_id; aggregates: COUNT(*); phases: local + global; state: until the window closes
                     -> (user_id STRING, $agg0 BIGINT NOT NULL, window_end TIMESTAMP(3) NOT NULL) unique by (user_id, window_end)
                  +- events/watermark/1 [append] column: ts; watermark: (ts - INTERVAL 5000 ms); cut at: 1 h
                        -> (user_id STRING, ts TIMESTAMP(3) *ROWTIME*)
                     +- events/source/1 [append] connector: kafka; format: json; reads: 2 of 10 columns (user_id, ts)
                           -> (user_id STRING, ts TIMESTAMP(3))"
    `);
  });

  test('a condition on window columns holds above the aggregation', () => {
    const sql = `SELECT COUNT(*) FROM ${HOURLY}
      WHERE window_start >= '2024-01-01 00:00:00' AND ok GROUP BY window_end, window_start;`;
    expect(explain(sql)).toMatchInlineSnapshot(`
      "== Job test ==
      collect/sink/1 [append] connector: collect
         -> (EXPR$0 BIGINT NOT NULL)
      +- collect/calc/2 [append] where: (window_start >= TIMESTAMP '2024-01-01 00:00:00.000'); select: $agg0 AS EXPR$0
            -> (EXPR$0 BIGINT NOT NULL)
         +- collect/window-aggregate/1 [append] window: TUMBLE(ts, 1 h); aggregates: COUNT(*); phases: local + global; state: until the window closes
               -> ($agg0 BIGINT NOT NULL, window_start TIMESTAMP(3) NOT NULL) unique by (window_start)
            +- collect/calc/1 [append] where: ok; select: ts
                  -> (ts TIMESTAMP(3) *ROWTIME*)
               +- events/watermark/1 [append] column: ts; watermark: (ts - INTERVAL 5000 ms); cut at: 1 h
                     -> (ok BOOLEAN, ts TIMESTAMP(3) *ROWTIME*)
                  +- events/source/1 [append] connector: kafka; format: json; reads: 2 of 10 columns (ok, ts)
                        -> (ok BOOLEAN, ts TIMESTAMP(3))"
    `);
  });

  test('LIMIT: over rows that stay it counts, over others it keeps them', () => {
    const limits = (sql: string) => explain(sql).match(/limit\/1 .*/)?.[0];
    expect(limits('SELECT n FROM facts LIMIT 3;')).toBe('limit/1 [append] rows: 3; state: how many rows came');
    const distinct = 'SELECT DISTINCT n FROM facts LIMIT 3 OFFSET 1;';
    expect(limits(distinct)).toBe('limit/1 [retract] offset: 1; rows: 3; input: retracting; state: kept for ever');
    expect(limits(`SET 'table.exec.state.ttl' = '2 h';${distinct}`)).toBe(
      'limit/1 [retract] offset: 1; rows: 3; input: retracting; state: rows that wait: 2 h; others kept for ever',
    );
    expect(limits('SELECT DISTINCT n FROM facts LIMIT 0;')).toContain('state: none');
  });

  test('UNION ALL casts to the common types; DISTINCT is a group aggregation', () => {
    expect(explain("SELECT DISTINCT * FROM (SELECT n, 'a' AS s FROM facts UNION ALL SELECT id, 'bc' FROM changes);"))
      .toMatchInlineSnapshot(`
        "== Job test ==
        collect/sink/1 [retract] connector: collect
           -> (n BIGINT, s VARCHAR(2) NOT NULL)
        +- collect/group-aggregate/1 [retract] by: n, s; input: retracting; emits: per row; state: kept for ever
              -> (n BIGINT, s VARCHAR(2) NOT NULL) unique by (n, s)
           +- collect/union/1 [retract]
              |  -> (n BIGINT, s VARCHAR(2) NOT NULL)
              +- collect/calc/1 [append] select: CAST(n AS BIGINT) AS n, 'a' AS s
              |     -> (n BIGINT, s VARCHAR(2) NOT NULL)
              |  +- facts/source/1 [append] connector: kafka; format: json; reads: 1 of 5 columns (n)
              |        -> (n INT)
              +- collect/calc/2 [retract] select: id AS n, 'bc' AS s
                    -> (n BIGINT, s VARCHAR(2) NOT NULL) unique by (n)
                 +- changes/source/1 [retract] connector: cdc; reads: 1 of 3 columns (id); bounded: yes
                       -> (id BIGINT NOT NULL) unique by (id)
        Warning: Operator 'collect/group-aggregate/1' keeps state for every value of (n, s) for ever; SET 'table.exec.state.ttl' = '1 d' (or another time) lets it forget groups without changes"
      `);
  });

  test('two INSERTs into one table are one INSERT of their union', () => {
    const sql = `CREATE TABLE sunk (id BIGINT, name STRING) WITH ('connector' = 'print');
      INSERT INTO sunk SELECT id, name FROM facts;
      INSERT INTO sunk (name) SELECT user_id FROM events;`;
    expect(explain(sql)).toMatchInlineSnapshot(`
      "== Job test ==
      sunk/sink/1 [append] connector: print
         -> (id BIGINT, name STRING)
      +- sunk/union/1 [append]
         |  -> (id BIGINT, name STRING)
         +- facts/source/1 [append] connector: kafka; format: json; reads: 2 of 5 columns (id, name)
         |     -> (id BIGINT NOT NULL, name STRING)
         +- sunk/calc/1 [append] select: NULL AS id, user_id AS name
               -> (id BIGINT, name STRING)
            +- events/watermark/1 [append] column: ts; watermark: (ts - INTERVAL 5000 ms)
                  -> (user_id STRING, ts TIMESTAMP(3) *ROWTIME*)
               +- events/source/1 [append] connector: kafka; format: json; reads: 2 of 10 columns (user_id, ts)
                     -> (user_id STRING, ts TIMESTAMP(3))"
    `);
  });

  test('EXPLAIN statements answer with text and run nothing', () => {
    const found = script(`${TABLES} EXPLAIN SELECT n FROM facts;`);
    expect(found.plan).toBeUndefined();
    expect(found.queries).toEqual([]);
    expect(found.explains).toHaveLength(1);
    expect(found.explains[0]).toContain('facts/source/1 [append]');
  });
});
