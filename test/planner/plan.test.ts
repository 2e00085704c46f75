import { describe, expect, test } from 'vitest';
import type { PhysicalNode, PhysicalPlan } from '../../src/planner/physical.ts';
import { plan, script, TABLES } from './harness.ts';

const TOTALS =
  "CREATE TABLE totals (name STRING, n BIGINT, PRIMARY KEY (name) NOT ENFORCED) WITH ('connector' = 'feature');\n";
const COUNTS = `${TOTALS}INSERT INTO totals SELECT name, COUNT(*) FROM facts GROUP BY name;`;

function node<Op extends PhysicalNode['op']>(found: PhysicalPlan, op: Op): PhysicalNode & { op: Op } {
  const nodes = found.nodes.filter((n): n is PhysicalNode & { op: Op } => n.op === op);
  if (nodes.length !== 1) throw new Error(`${nodes.length} nodes of kind ${op}`);
  return nodes[0];
}

describe('plan structure', () => {
  test('inputs come before users, places and ids are right', () => {
    const { nodes, jobName } = plan(COUNTS);
    nodes.forEach((n, i) => {
      expect(n.index).toBe(i);
      for (const input of n.inputs) expect(input).toBeLessThan(i);
    });
    expect(jobName).toBe('test');
    expect(nodes.map((n) => n.id)).toEqual(['facts/source/1', 'totals/group-aggregate/1', 'totals/sink/1']);
  });

  test('the plan is plain data', () => {
    const found = plan(COUNTS);
    expect(structuredClone(found)).toEqual(found);
    expect(JSON.parse(JSON.stringify(found))).toEqual(JSON.parse(JSON.stringify(structuredClone(found))));
  });

  test('state without bound is warned of with operator and key, a TTL ends the warning', () => {
    expect(plan(COUNTS).warnings).toEqual([expect.stringMatching(/'totals\/group-aggregate\/1'.*\(name\)/)]);
    const withTtl = plan(`SET 'table.exec.state.ttl' = '2 h';${COUNTS}`);
    expect(withTtl.warnings).toEqual([]);
    expect(node(withTtl, 'group-aggregate').ttl).toBe(7_200_000);
  });

  test('LIMIT over rows that change keeps them all, and warns where there are many', () => {
    const limit = (sql: string) => plan(sql).warnings.filter((warning) => warning.includes('/limit/1'));
    const limited = 'SELECT name, COUNT(*) FROM facts GROUP BY name LIMIT 3;';
    expect(limit(limited)).toEqual([expect.stringContaining('keeps all rows of its input')]);
    expect(limit(`SET 'table.exec.state.ttl' = '2 h';${limited}`)).toEqual([]);
    expect(limit('SELECT COUNT(*) FROM facts LIMIT 3;')).toEqual([]);
    expect(limit('SELECT DISTINCT name FROM facts LIMIT 0;')).toEqual([]);
    expect(limit('SELECT name FROM facts LIMIT 3;')).toEqual([]);
    expect(node(plan(limited), 'limit')).toMatchObject({ mode: 'retract', retractInput: true, upsertKeys: [[0]] });
    expect(node(plan('SELECT name FROM facts LIMIT 3;'), 'limit')).toMatchObject({
      mode: 'append',
      retractInput: false,
    });
  });

  test('mini-batch switched off: the changelog is emitted per row', () => {
    expect(node(plan(COUNTS), 'group-aggregate')).toMatchObject({ emitPerBatch: true, emitUpdateBefore: false });
    const off = plan(`SET 'table.exec.mini-batch.enabled' = 'false';${COUNTS}`);
    expect(node(off, 'group-aggregate')).toMatchObject({ emitPerBatch: false, emitUpdateBefore: false });
  });

  test('a retract sink and a SELECT get -U', () => {
    expect(node(plan('SELECT name, COUNT(*) FROM facts GROUP BY name;'), 'group-aggregate').emitUpdateBefore).toBe(
      true,
    );
    const print = "CREATE TABLE p (name STRING, n BIGINT) WITH ('connector' = 'print');";
    const found = plan(`${print}INSERT INTO p SELECT name, COUNT(*) FROM facts GROUP BY name;`);
    expect(node(found, 'group-aggregate')).toMatchObject({
      emitUpdateBefore: true,
      emitPerBatch: false,
      mode: 'retract',
    });
  });

  test('a constant in the primary key does not matter', () => {
    const sql = `${TOTALS}INSERT INTO totals SELECT 'all', COUNT(*) FROM facts;`;
    expect(node(plan(sql), 'group-aggregate')).toMatchObject({ emitUpdateBefore: false, keys: [] });
  });

  test('a primary key wider than the upsert key needs the old rows', () => {
    const wide =
      "CREATE TABLE w (name STRING, n BIGINT, PRIMARY KEY (name, n) NOT ENFORCED) WITH ('connector' = 'feature');";
    const found = plan(`${wide}INSERT INTO w SELECT name, COUNT(*) FROM facts GROUP BY name;`);
    expect(node(found, 'group-aggregate')).toMatchObject({ emitUpdateBefore: true, emitPerBatch: false });
  });

  test('a key widened by an implicit cast stays the key', () => {
    const sql = `CREATE TABLE k (n BIGINT, c BIGINT, PRIMARY KEY (n) NOT ENFORCED) WITH ('connector' = 'feature');
      INSERT INTO k SELECT n, COUNT(*) FROM facts GROUP BY n;`;
    expect(node(plan(sql), 'sink')).toMatchObject({ mode: 'upsert', exchangeByKey: false });
  });

  test('rows are exchanged by the key where they are not together', () => {
    const sql = `${TOTALS}INSERT INTO totals SELECT name, id FROM facts;`;
    expect(node(plan(sql), 'sink')).toMatchObject({ exchangeByKey: true, primaryKey: [0], mode: 'append' });
  });

  test.each<[string, string, string, string, unknown]>([
    ['the key holds the window', 'u, w', 'user_id, window_end', 'user_id,', { of: 'all' }],
    ['the key is that of the rows of a window', 'u', 'user_id, window_end', 'user_id,', { of: 'column', column: 1 }],
    ['the window is not written', 'u', 'user_id, CAST(NULL AS TIMESTAMP(3))', 'user_id,', undefined],
    ['the key leaves a grouping column out', 'u', 'user_id, window_end', 'user_id, clicks,', undefined],
  ])('rows with different primary keys: %s', (_name, key, selected, grouped, distinct) => {
    const sql = `CREATE TABLE k (u STRING, w TIMESTAMP(3), PRIMARY KEY (${key}) NOT ENFORCED) WITH ('connector' = 'feature');
      INSERT INTO k SELECT ${selected} FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' HOUR))
      GROUP BY ${grouped} window_start, window_end;`;
    expect(node(plan(sql), 'sink').distinct).toEqual(distinct);
  });

  test('rows of an updating query may all have the same primary key', () => {
    const sql = `${TOTALS}INSERT INTO totals SELECT name, COUNT(*) FROM facts GROUP BY name;`;
    expect(node(plan(sql), 'sink').distinct).toBeUndefined();
  });

  test('DISTINCT aggregates are not merged', () => {
    const sql = (aggregate: string): string =>
      `SELECT ${aggregate} FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' HOUR)) GROUP BY window_start, window_end;`;
    expect(node(plan(sql('COUNT(DISTINCT user_id)')), 'window-aggregate').twoPhase).toBe(false);
    expect(node(plan(sql('COUNT(user_id)')), 'window-aggregate').twoPhase).toBe(true);
    expect(node(plan(sql('MAX(DISTINCT clicks)')), 'window-aggregate').twoPhase).toBe(true);
  });

  test.each([
    ['AUTO', true, true],
    ['TWO_PHASE', true, false],
    ['ONE_PHASE', false, false],
    ['one_phase', false, false],
  ])("'table.optimizer.agg-phase-strategy' = '%s'", (strategy, twoPhase, adaptive) => {
    const sql = `SET 'table.optimizer.agg-phase-strategy' = '${strategy}';
      SELECT COUNT(*) FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' HOUR)) GROUP BY window_start, window_end;`;
    expect(node(plan(sql), 'window-aggregate')).toMatchObject({ twoPhase, adaptive });
  });

  test('the phases of an aggregation are no part of its fingerprint: a job may go on in others', () => {
    const sql = `SELECT COUNT(*) FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' HOUR)) GROUP BY window_start, window_end;`;
    const one = plan(`SET 'table.optimizer.agg-phase-strategy' = 'ONE_PHASE';${sql}`);
    expect(node(one, 'window-aggregate').fingerprint).toBe(node(plan(sql), 'window-aggregate').fingerprint);
  });

  test('a window over changing rows takes rows back', () => {
    const cdc = `CREATE TABLE c (k STRING, n INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'cdc');
      SELECT k, MAX(n) FROM TABLE(TUMBLE(TABLE c, DESCRIPTOR(ts), INTERVAL '1' HOUR)) GROUP BY k, window_start, window_end;`;
    expect(node(plan(cdc), 'window-aggregate')).toMatchObject({ retractInput: true, twoPhase: false, mode: 'append' });
  });

  test('each different window above a watermark is a pane', () => {
    const sink = (name: string): string =>
      `CREATE TABLE ${name} (n BIGINT) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json');`;
    const insert = (name: string, size: string): string =>
      `INSERT INTO ${name} SELECT COUNT(*) FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL ${size})) GROUP BY window_start, window_end;`;
    const sql = [
      sink('a'),
      sink('b'),
      sink('c'),
      insert('a', "'1' HOUR"),
      insert('b', "'60' MINUTE"),
      insert('c', "'1' DAY"),
    ];
    expect(node(plan(sql.join('\n')), 'watermark').panes).toEqual([
      { size: 3_600_000, offset: 0 },
      { size: 86_400_000, offset: 0 },
    ]);
  });

  test('settings are put into options, the default when unset', () => {
    const sql =
      "CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'topic' = '${TOPIC:-dflt}', 'format' = 'json', 'properties.x' = '${X}'); SELECT a FROM t;";
    const options = (settings: Readonly<Record<string, string>>): unknown => {
      const { nodes } = script(sql, settings).queries[0];
      return nodes[0].op === 'source' ? nodes[0].table.options : undefined;
    };
    expect(options({ X: 'y' })).toMatchObject({
      topic: 'dflt',
      'properties.x': 'y',
      'scan.startup.mode': 'earliest-offset',
    });
    expect(options({ X: 'y', TOPIC: 'z' })).toMatchObject({ topic: 'z' });
  });

  test('hints override the options of one use', () => {
    const { nodes } = plan("SELECT n FROM facts /*+ OPTIONS('scan.bounded.mode' = 'latest-offset') */;");
    expect(nodes[0]).toMatchObject({ op: 'source', bounded: true });
  });

  test('the same literal gets one type with the column that it is compared with', () => {
    const { nodes } = plan('SELECT id FROM facts WHERE id = 1;');
    expect(nodes[0]).toMatchObject({
      filter: { fn: '=', args: [{ kind: 'input' }, { kind: 'literal', value: '1', type: { kind: 'BIGINT' } }] },
    });
  });
});

describe('fingerprints', () => {
  const prints = (found: PhysicalPlan): Readonly<Record<string, string>> =>
    Object.fromEntries(found.nodes.map((n) => [n.id, n.fingerprint]));

  test('are the same for the same script, and do not hold secrets or addresses', () => {
    const table = (brokers: string): string =>
      `CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json', 'properties.bootstrap.servers' = '${brokers}');`;
    const of = (brokers: string): unknown => prints(script(`${table(brokers)}SELECT COUNT(*) FROM t;`).queries[0]);
    expect(of('one:9092')).toEqual(of('two:9092'));
  });

  test('another INSERT that reads more columns of the table changes none of them', () => {
    const other =
      "CREATE TABLE o (x DOUBLE, d DECIMAL(10, 2)) WITH ('connector' = 'print'); INSERT INTO o SELECT x, d FROM facts WHERE n = 1;";
    const alone = prints(plan(COUNTS));
    expect(prints(plan(`${COUNTS}${other}`))).toMatchObject(alone);
  });

  test.each([
    ['another aggregate', 'SELECT name, SUM(id) FROM facts GROUP BY name'],
    ['another key', 'SELECT CAST(n AS STRING), COUNT(*) FROM facts GROUP BY CAST(n AS STRING)'],
    ['another filter', 'SELECT name, COUNT(*) FROM facts WHERE n > 1 GROUP BY name'],
    ['another table', 'SELECT name, COUNT(*) FROM changes GROUP BY name'],
  ])('%s changes that of the aggregation', (_what, query) => {
    const before = prints(plan(COUNTS))['totals/group-aggregate/1'];
    expect(prints(plan(`${TOTALS}INSERT INTO totals ${query};`))['totals/group-aggregate/1']).not.toBe(before);
  });

  test('where a filter runs is not part of it, nor is the emission', () => {
    const filtered = `${TOTALS}INSERT INTO totals SELECT name, COUNT(*) FROM facts WHERE n > 1 GROUP BY name;`;
    const second = "CREATE TABLE o (x DOUBLE) WITH ('connector' = 'print'); INSERT INTO o SELECT x FROM facts;";
    const pushed = plan(filtered);
    const shared = plan(`SET 'table.exec.mini-batch.enabled' = 'false';${filtered}${second}`);
    expect(node(pushed, 'source').filter).toBeDefined();
    expect(shared.nodes[0]).toMatchObject({ op: 'source', filter: undefined });
    const id = 'totals/group-aggregate/1';
    expect(prints(shared)[id]).toBe(prints(pushed)[id]);
  });

  test('TABLES alone plan nothing', () => {
    expect(script(TABLES)).toEqual({ plan: undefined, queries: [], explains: [], config: {} });
  });
});

describe('window functions', () => {
  const groups = 'GROUP BY user_id, window_start, window_end;';
  test.each([
    [
      "HOP(DATA => TABLE events, TIMECOL => DESCRIPTOR(ts), SLIDE => INTERVAL '1' MINUTE, SIZE => INTERVAL '1' HOUR, `OFFSET` => INTERVAL '5' SECOND)",
      { kind: 'hop', size: 3_600_000, slide: 60_000, offset: 5000 },
    ],
    [
      "CUMULATE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' HOUR, INTERVAL '1' DAY, INTERVAL -'1' HOUR)",
      { kind: 'cumulate', size: 86_400_000, step: 3_600_000, offset: -3_600_000 },
    ],
    [
      "SESSION(DATA => TABLE events PARTITION BY user_id, TIMECOL => DESCRIPTOR(ts), GAP => INTERVAL '5' MINUTE)",
      { kind: 'session', gap: 300_000 },
    ],
  ])('%s', (fn, window) => {
    const planned = plan(`SELECT user_id, COUNT(*) FROM TABLE(${fn}) ${groups}`);
    expect(node(planned, 'window-aggregate').window).toEqual(window);
    expect(planned.nodes.some(({ op }) => op === 'window-table')).toBe(false);
  });

  test('sessions by other keys than those of the groups keep their rows', () => {
    const planned = plan(
      `SELECT kind, COUNT(*) FROM TABLE(SESSION(TABLE events PARTITION BY user_id, DESCRIPTOR(ts), INTERVAL '5' MINUTE))
       GROUP BY kind, window_start, window_end;`,
    );
    expect(node(planned, 'window-table')).toMatchObject({ window: { kind: 'session' } });
    expect(node(planned, 'window-aggregate')).toMatchObject({ attached: true, twoPhase: false });
    expect(node(planned, 'watermark')).toMatchObject({ sessions: true });
  });

  test('by the wall clock no watermark is cut, and windows that come with rows are updated', () => {
    const planned = plan(
      `CREATE TABLE now (k STRING, p AS PROCTIME()) WITH ('connector' = 'rows');
       SELECT k, COUNT(*) FROM TABLE(TUMBLE(TABLE now, DESCRIPTOR(p), INTERVAL '5' MINUTE)) GROUP BY k, window_start, window_end;`,
    );
    expect(node(planned, 'window-aggregate')).toMatchObject({ proctime: true, twoPhase: false });
    const updating = plan(
      `CREATE TABLE now (k STRING, p AS PROCTIME()) WITH ('connector' = 'rows');
       SELECT h, COUNT(*) FROM (SELECT window_start, window_end, window_start < window_end AS h
         FROM TABLE(TUMBLE(TABLE now, DESCRIPTOR(p), INTERVAL '5' MINUTE))) GROUP BY h, window_start, window_end;`,
    );
    expect(node(updating, 'group-aggregate').keys).toHaveLength(3);
  });
});
