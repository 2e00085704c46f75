import { describe, expect, test } from 'vitest';
import { parseScript, printStatement } from '../../src/sql/index.ts';
import { withoutPositions } from './helpers.ts';

/** What is written, and how it is printed; `=` where both are the same. Every printed form is parsed again. */
const EXPRESSIONS: readonly (readonly [string, string])[] = [
  ['a + b * c', '='],
  ['(a + b) * c', '='],
  ['a - (b - c)', '='],
  ['(a - b) - c', 'a - b - c'],
  ['a + b || c', '='],
  ['(a + b) || c', '='],
  ['a % 2 = 0', '='],
  ['- - 1', '-(-1)'],
  ['1 - -1', '='],
  ['NOT a = b', '='],
  ['NOT NOT a', '='],
  ['(NOT a) = b', '='],
  ['a OR b AND c', '='],
  ['(a OR b) AND c', '='],
  ['a = b IS NULL', '='],
  ['a = (b IS NULL)', '='],
  ['a IS NOT DISTINCT FROM b', '='],
  ['a IS DISTINCT FROM b = c', '='],
  ['a is not unknown', 'a IS NOT UNKNOWN'],
  ['a BETWEEN 1 AND 2 AND b', '='],
  ['a NOT BETWEEN SYMMETRIC 1 + 1 AND 2', '='],
  ['a between asymmetric 1 and 2', 'a BETWEEN 1 AND 2'],
  ['a = b IN (1, 2)', '='],
  ['a NOT IN (SELECT b FROM t)', '='],
  ["a NOT LIKE 'x!%' ESCAPE '!'", '='],
  ["a SIMILAR TO 'x'", '='],
  ['CASE WHEN a > 1 THEN 2 WHEN b THEN 3 END', '='],
  ["CASE a WHEN 1, 2 THEN 'x' ELSE 'y' END", '='],
  ['CAST(a AS decimal(10,2))', 'CAST(a AS DECIMAL(10, 2))'],
  ['TRY_CAST(a AS ARRAY<ROW<a INT NOT NULL, `b c` MAP<STRING, BYTES>>>)', '='],
  ['CAST(a AS TIMESTAMP WITH LOCAL TIME ZONE)', 'CAST(a AS TIMESTAMP_LTZ(6))'],
  ['CAST(a AS INT ARRAY NOT NULL)', 'CAST(a AS ARRAY<INT> NOT NULL)'],
  ['CAST(a AS INTERVAL DAY(3) TO SECOND(3))', 'CAST(a AS INTERVAL DAY TO SECOND(3))'],
  ['CAST(a AS INTERVAL YEAR)', 'CAST(a AS INTERVAL YEAR TO MONTH)'],
  ['count(*)', 'COUNT(*)'],
  ['COUNT(DISTINCT x) FILTER (WHERE y > 1)', '='],
  ['SUM(ALL x)', 'SUM(x)'],
  ['coalesce(a, B, 1)', 'COALESCE(a, B, 1)'],
  ['`myFunc`(a)', '='],
  ['LEFT(a, 2)', '='],
  ['IF(a, 1, 2)', '='],
  ['CURRENT_TIMESTAMP', '='],
  ['PROCTIME()', '='],
  ['substring(a FROM 1 FOR 2)', 'SUBSTRING(a, 1, 2)'],
  ["POSITION('x' IN y)", '='],
  ['ROW_NUMBER() OVER (PARTITION BY a ORDER BY b DESC NULLS LAST)', '='],
  ["SUM(x) OVER (ORDER BY ts RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)", '='],
  ['SUM(x) OVER (ORDER BY ts ROWS UNBOUNDED PRECEDING)', '='],
  ["INTERVAL -'1:10' MINUTE TO SECOND", '='],
  ["INTERVAL '100' DAY(3)", '='],
  ["INTERVAL '1.5' SECOND(3, 6)", '='],
  ["INTERVAL '10' seconds", "INTERVAL '10' SECOND"],
  ["DATE '2020-01-31'", '='],
  ["TIMESTAMP '2020-01-31 10:11:12.123'", '='],
  ["x'0aFF'", '='],
  ["'it''s'", '='],
  ["E'a\\tb\\x41'", "'a\tbA'"],
  ["U&'\\263A'", "'\u263A'"],
  ["'a'\n'b'", "'ab'"],
  ['.5 + 5. + 1e3 + 1.50', '='],
  ['`order`.`a``b`', '='],
  ['key + type + tumble + session', '='],
  ['größe + $x', '`größe` + `$x`'],
  ['(SELECT 1) + 1', '( SELECT 1 ) + 1'],
  ['a[1]', 'a [ 1 ]'],
  ['EXISTS (SELECT 1)', 'EXISTS ( SELECT 1 )'],
  ['FLOOR(ts TO DAY)', '='],
  ['EXTRACT(epoch FROM ts)', 'EXTRACT(EPOCH FROM ts)'],
  ['TIMESTAMPADD(WEEK, 1, a)', '='],
  ['(a - b) DAY TO SECOND', '='],
  ['TIMESTAMPDIFF(DAY, a, b)', '='],
];

const STATEMENTS: readonly (readonly [string, string])[] = [
  ['SELECT a -- comment\n, b // another\n, /* and\n one */ c FROM t', 'SELECT a, b, c FROM t'],
  ['select t.*, a.b.*, x AS y FROM t', 'SELECT t.*, a.b.*, x AS y FROM t'],
  [
    'SELECT DISTINCT a FROM t GROUP BY (a, b), c HAVING COUNT(*) > 1',
    'SELECT DISTINCT a FROM t GROUP BY a, b, c HAVING COUNT(*) > 1',
  ],
  ['SELECT COUNT(*) FROM t GROUP BY ()', '='],
  ["SELECT a FROM t /*+ OPTIONS('k'='v') */ x", "SELECT a FROM t /*+ OPTIONS('k' = 'v') */ AS x"],
  ['SELECT * FROM a, b JOIN c ON x = y', 'SELECT * FROM a CROSS JOIN (b JOIN c ON x = y)'],
  [
    'SELECT * FROM a LEFT OUTER JOIN b USING (k) FULL JOIN c ON TRUE',
    'SELECT * FROM a LEFT JOIN b USING (k) FULL JOIN c ON TRUE',
  ],
  [
    'SELECT * FROM a CROSS JOIN (((VALUES (1)) ORDER BY 1) CROSS JOIN b)',
    'SELECT * FROM a CROSS JOIN ((VALUES (1) ORDER BY 1) CROSS JOIN b)',
  ],
  ['SELECT * FROM (SELECT 1) AS x (a)', '='],
  ["SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND, INTERVAL '1' SECOND)) AS w", '='],
  [
    "SELECT * FROM TABLE(HOP(DATA => TABLE t, TIMECOL => DESCRIPTOR(ts), SIZE => INTERVAL '10' MINUTES, SLIDE => INTERVAL '5' MINUTES))",
    "SELECT * FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' MINUTE, INTERVAL '10' MINUTE))",
  ],
  [
    "SELECT * FROM SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '5' MINUTE)",
    "SELECT * FROM TABLE(SESSION(TABLE t PARTITION BY (k), DESCRIPTOR(ts), INTERVAL '5' MINUTE))",
  ],
  [
    "SELECT * FROM TABLE(CUMULATE((SELECT 1), DESCRIPTOR(ts), INTERVAL '1' DAY, INTERVAL '2' DAY))",
    "SELECT * FROM TABLE(CUMULATE(TABLE (SELECT 1), DESCRIPTOR(ts), INTERVAL '1' DAY, INTERVAL '2' DAY))",
  ],
  ['SELECT * FROM t MATCH_RECOGNIZE (PATTERN (A B+))', 'SELECT * FROM t MATCH_RECOGNIZE ( PATTERN ( A B + ) )'],
  ['SELECT 1 UNION ALL SELECT 2 INTERSECT SELECT 3', '='],
  ['(SELECT 1 UNION ALL SELECT 2) INTERSECT SELECT 3', '='],
  ['SELECT 1 EXCEPT (SELECT 2 EXCEPT SELECT 3)', '='],
  ['SELECT 1 UNION DISTINCT (SELECT 2 LIMIT 1)', 'SELECT 1 UNION (SELECT 2 LIMIT 1)'],
  ['SELECT a FROM t ORDER BY a ASC, b DESC FETCH FIRST 5 ROWS ONLY', 'SELECT a FROM t ORDER BY a, b DESC LIMIT 5'],
  ['SELECT a FROM t LIMIT 5 OFFSET 2 ROWS', 'SELECT a FROM t LIMIT 5 OFFSET 2'],
  [
    "WITH a (x) AS (VALUES (1, 'a'), ROW(2, 'b')) SELECT * FROM a",
    "WITH a (x) AS (VALUES (1, 'a'), (2, 'b')) SELECT * FROM a",
  ],
  ['INSERT INTO a.b.`c d` (x, y) SELECT 1, 2', '='],
  ['INSERT OVERWRITE t (SELECT 1)', 'INSERT OVERWRITE t SELECT 1'],
  ['EXECUTE INSERT INTO t SELECT 1', 'INSERT INTO t SELECT 1'],
  [
    'BEGIN STATEMENT SET; INSERT INTO a SELECT CASE WHEN x THEN 1 END; INSERT INTO b SELECT 2; END',
    'EXECUTE STATEMENT SET BEGIN\nINSERT INTO a SELECT CASE WHEN x THEN 1 END;\nINSERT INTO b SELECT 2;\nEND',
  ],
  ['EXPLAIN PLAN FOR SELECT 1', 'EXPLAIN SELECT 1'],
  [
    'EXPLAIN changelog_mode, PLAN_ADVICE INSERT INTO t SELECT 1',
    'EXPLAIN CHANGELOG_MODE, PLAN_ADVICE INSERT INTO t SELECT 1',
  ],
  ["CREATE TEMPORARY VIEW IF NOT EXISTS v (a) COMMENT 'c' AS SELECT 1", '='],
  [
    `CREATE TABLE t (
  id BIGINT NOT NULL COMMENT 'key',
  twice AS id * 2,
  ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL,
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND,
  PRIMARY KEY (id) NOT ENFORCED
) COMMENT 'c' PARTITIONED BY (id) WITH ('connector' = 'kafka', 'x' = '\${A:-b}')`,
    '=',
  ],
  ['CREATE TABLE t (a INT PRIMARY KEY NOT ENFORCED)', 'CREATE TABLE t (\n  a INT,\n  PRIMARY KEY (a) NOT ENFORCED\n)'],
  ['CREATE TABLE t LIKE s (INCLUDING ALL EXCLUDING OPTIONS)', '='],
  ["CREATE TEMPORARY TABLE t WITH ('a' = 'b') AS SELECT 1", '='],
  ["SET 'a' = 'b'", '='],
  ['SET a.b-c = 10 s', "SET 'a.b-c' = '10 s'"],
  ["RESET 'a'", '='],
  ['SET', '='],
  ['DROP  TABLE IF EXISTS t', 'DROP TABLE IF EXISTS t'],
];

describe('SQL is printed as expected, and the printed form means the same', () => {
  const cases = [
    ...EXPRESSIONS.map(([sql, printed]) => [`SELECT ${sql}`, printed === '=' ? '=' : `SELECT ${printed}`] as const),
    ...STATEMENTS,
  ];
  test.each(cases)('%s', (sql, printed) => {
    const statements = parseScript(sql);
    const text = statements.map(printStatement).join(';\n');
    expect(text).toBe(printed === '=' ? sql : printed);
    expect(withoutPositions(parseScript(text))).toEqual(withoutPositions(statements));
  });
});
