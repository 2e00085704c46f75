import { describe, expect, test } from 'vitest';
import { failure, script, TABLES } from './harness.ts';

/** [SQL over the test tables, code, start of the text at the position, part of the message] */
type Case = readonly [sql: string, code: string, at: string, message: string];

function check(cases: readonly Case[]): void {
  test.each(cases)('%s', (sql, code, at, message) => {
    const found = failure(sql);
    expect(found.code).toBe(code);
    expect(found.at.startsWith(at), `position at: ${found.at}`).toBe(true);
    expect(found.message).toContain(message);
  });
}

describe('names', () => {
  check([
    ['SELECT clikcs FROM events;', 'unknown-column', 'clikcs', "Did you mean 'clicks'?"],
    ['SELECT Clicks FROM events;', 'unknown-column', 'Clicks', "Did you mean 'clicks'?"],
    ['SELECT zzzzzz FROM facts;', 'unknown-column', 'zzzzzz', 'Columns: id, name, n, d, x'],
    ['SELECT events.nope FROM events;', 'unknown-column', 'events.nope', "not found in table 'events'"],
    ['SELECT e.clicks FROM events;', 'unknown-table', 'e.clicks', "Table 'e' not found"],
    ['SELECT 1 FROM event;', 'unknown-table', 'event', "Did you mean 'events'?"],
    ['SELECT f.* FROM facts;', 'unknown-table', 'f', "Unknown identifier 'f'"],
    ['SELECT a FROM (SELECT n AS a, n FROM facts) t (a, a);', 'duplicate-column', '(', "'t' names two columns 'a'"],
    ['SELECT FOO(n) FROM facts;', 'unknown-function', 'FOO', 'FOO(<INT>)'],
    ['SELECT LAG(name) FROM facts;', 'unsupported', 'LAG', 'The function LAG is not supported yet'],
    ['SELECT UPER(name) FROM facts;', 'unknown-function', 'UPER', "Did you mean 'UPPER'?"],
    ['SELECT LENGTH(name) FROM facts;', 'unknown-function', 'LENGTH', 'LENGTH(<STRING>)'],
    ['SELECT UPPER(n) FROM facts;', 'type-mismatch', 'UPPER', 'UPPER(string)'],
    ["SELECT REGEXP(name, 'a(?=b)') FROM facts;", 'unsupported-pattern', 'REGEXP', "'(?=' is not supported"],
    ["SELECT 1 FROM facts WHERE name LIKE 'a!b' ESCAPE '!';", 'invalid-pattern', 'name', 'Invalid escape sequence'],
    [
      "SELECT JSON_VALUE(name, '$.a' DEFAULT n ON EMPTY) FROM facts;",
      'sql-syntax',
      'JSON_VALUE',
      "a constant, 'n' is none",
    ],
    ['SELECT SHA2(name, 5) FROM facts;', 'invalid-argument', 'SHA2', '224, 256, 384 or 512'],
    ['SELECT COALESE(n, 1) FROM facts;', 'unknown-function', 'COALESE', "Did you mean 'COALESCE'?"],
  ]);
});

describe('types', () => {
  check([
    ["SELECT n = '1' FROM facts;", 'type-mismatch', 'n', 'conversion between INT and CHAR(1)'],
    ['SELECT name + 1 FROM facts;', 'type-mismatch', 'name', "Cannot apply '+'"],
    ['SELECT 1 FROM facts WHERE n;', 'type-mismatch', 'n', 'The condition of WHERE must be BOOLEAN, but is INT'],
    ['SELECT NOT n FROM facts;', 'type-mismatch', 'n', 'BOOLEAN'],
    ['SELECT x % 2 FROM facts;', 'type-mismatch', 'x', "Cannot apply '%'"],
    ['SELECT NULL FROM facts;', 'type-mismatch', 'NULL', "Illegal use of 'NULL'"],
    ["SELECT CASE WHEN n = 1 THEN 1 ELSE 'a' END FROM facts;", 'type-mismatch', 'CASE', 'Illegal mixing of types'],
    ['SELECT birth = ts FROM events;', 'type-mismatch', 'birth', "Cannot apply '='"],
    ['SELECT CAST(ts AS BIGINT) FROM events;', 'invalid-cast', 'CAST', 'UNIX_TIMESTAMP(CAST(timestamp_col AS STRING))'],
    ['SELECT CAST(n AS TIMESTAMP(3)) FROM facts;', 'invalid-cast', 'CAST', 'TO_TIMESTAMP(FROM_UNIXTIME'],
    ['SELECT CAST(ok AS DATE) FROM events;', 'invalid-cast', 'CAST', 'type BOOLEAN to type DATE'],
    ['SELECT SUM(name) FROM facts;', 'type-mismatch', 'SUM', "Cannot apply 'SUM'"],
    ['SELECT 1 / 0 FROM facts;', 'division-by-zero', '1', 'Division by zero'],
    ['SELECT 12345678901234567890.12345 FROM facts;', 'invalid-literal', '12345678901234567890', 'out of range'],
    ["SELECT DATE '2024-02-30' FROM facts;", 'invalid-literal', 'DATE', 'Illegal DATE literal'],
    ["SELECT ts + INTERVAL '100' SECOND FROM events;", 'invalid-literal', 'INTERVAL', 'exceeds precision of SECOND(2)'],
    ['SELECT IF(ok, 1) FROM events;', 'type-mismatch', 'IF', 'it is IF(condition, value, otherwise)'],
  ]);
});

describe('aggregates and groups', () => {
  check([
    ['SELECT name, COUNT(*) FROM facts;', 'not-grouped', 'name', "Expression 'name' is not being grouped"],
    ['SELECT n + 1 FROM facts GROUP BY name;', 'not-grouped', 'n', "'n' is not being grouped"],
    ['SELECT * FROM facts GROUP BY name;', 'not-grouped', '*', "'id' is not being grouped"],
    ['SELECT name FROM facts GROUP BY name HAVING n > 1;', 'not-grouped', 'n', "'n'"],
    ['SELECT SUM(COUNT(*)) FROM facts;', 'nested-aggregate', 'COUNT', 'cannot be nested'],
    ['SELECT 1 FROM facts WHERE SUM(n) > 1;', 'aggregate-not-allowed', 'SUM', 'WHERE'],
    ['SELECT 1 FROM facts GROUP BY SUM(n);', 'aggregate-not-allowed', 'SUM', 'GROUP BY'],
    ['SELECT COUNT(n, id) FROM facts;', 'unsupported', 'COUNT', 'more than one expression'],
    ['SELECT SUM(*) FROM facts;', 'type-mismatch', 'SUM', 'only COUNT(*)'],
  ]);
});

describe('windows', () => {
  const tumble = (column: string, ...args: readonly string[]): string =>
    `TABLE(TUMBLE(TABLE events, DESCRIPTOR(${[`${column})`, ...args].join(', ')}))`;
  check([
    [
      `SELECT window_start, window_end, COUNT(*) FROM ${tumble('plain', "INTERVAL '1' HOUR")} GROUP BY window_start, window_end;`,
      'no-time-attribute',
      'plain',
      'requires the timecol is a time attribute type, but is TIMESTAMP(3)',
    ],
    [
      `SELECT 1 FROM ${tumble('ts', "INTERVAL '1' MONTH")};`,
      'invalid-window',
      'INTERVAL',
      'interval of days, hours, minutes or seconds',
    ],
    [`SELECT 1 FROM ${tumble('ts', "INTERVAL '0' SECOND")};`, 'invalid-window', 'INTERVAL', 'must be positive'],
    [
      `SELECT 1 FROM ${tumble('ts', "INTERVAL '1' HOUR", "INTERVAL '1' HOUR")};`,
      'invalid-window',
      'INTERVAL',
      'smaller than its size',
    ],
    [
      "SELECT 1 FROM TABLE(HOP(TABLE events, DESCRIPTOR(ts), INTERVAL '7' MINUTE, INTERVAL '1' HOUR));",
      'invalid-window',
      'INTERVAL',
      'size of HOP must be an integral multiple of its slide, but got size 3600000 ms and slide 420000 ms',
    ],
    [
      "SELECT 1 FROM TABLE(CUMULATE(TABLE events, DESCRIPTOR(ts), INTERVAL '7' MINUTE, INTERVAL '1' HOUR));",
      'invalid-window',
      'INTERVAL',
      'size of CUMULATE must be an integral multiple of its step, but got size 3600000 ms and step 420000 ms',
    ],
    [
      "SELECT 1 FROM TABLE(HOP(TABLE events, DESCRIPTOR(ts), INTERVAL '0' SECOND, INTERVAL '1' HOUR));",
      'invalid-window',
      'INTERVAL',
      'slide of HOP must be positive',
    ],
    [
      "SELECT FIRST_VALUE(clicks) FROM TABLE(HOP(TABLE events, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '1' HOUR)) GROUP BY window_start, window_end;",
      'unsupported',
      'TABLE(HOP',
      'FIRST_VALUE in windows of HOP',
    ],
    [
      "SELECT LAST_VALUE(clicks) FROM events GROUP BY SESSION(ts, INTERVAL '1' MINUTE);",
      'unsupported',
      'SESSION',
      'LAST_VALUE in windows of SESSION',
    ],
    [
      "SELECT HOP_END(ts, INTERVAL '1' MINUTE, INTERVAL '1' HOUR) FROM events GROUP BY HOP(ts, INTERVAL '2' MINUTE, INTERVAL '1' HOUR);",
      'invalid-window',
      'HOP_END',
      'HOP_END has other arguments than the HOP of GROUP BY',
    ],
    [
      "SELECT 1 FROM events GROUP BY TUMBLE(ts, INTERVAL '2' MINUTE), TUMBLE(ts, INTERVAL '1' MINUTE);",
      'invalid-window',
      'TUMBLE',
      'Only a single window group function',
    ],
    [
      "SELECT 1 FROM events GROUP BY TUMBLE(plain, INTERVAL '2' MINUTE);",
      'no-time-attribute',
      'plain',
      'Window aggregate can only be defined over a time attribute column',
    ],
  ]);
});

describe('features that parse but are not executed', () => {
  check([
    ['SELECT * FROM facts ORDER BY n;', 'unsupported', 'n', 'ORDER BY something that is not a time attribute'],
    [
      'SELECT 1 FROM facts CROSS JOIN UNNEST(n) AS u (x);',
      'type-mismatch',
      'n',
      'UNNEST takes an ARRAY, MAP or MULTISET',
    ],
    ['SELECT 1 FROM facts LEFT JOIN UNNEST(ARRAY[n]) AS u (x) ON u.x + 1;', 'type-mismatch', 'u.x', 'ON'],
    ['SELECT 1 FROM facts LEFT JOIN UNNEST(ARRAY[n]) AS u (x);', 'type-mismatch', 'UNNEST', 'needs ON'],
    ['SELECT 1 FROM facts CROSS JOIN UNNEST(ARRAY[n]) AS u (x, y);', 'column-count', 'UNNEST', '1'],
    ['SELECT GROUPING(n) FROM facts GROUP BY ROLLUP (id);', 'not-grouped', 'n', 'GROUPING'],
    ['SELECT n FROM facts GROUP BY CUBE (id, name);', 'not-grouped', 'n', 'not being grouped'],
    ['SELECT FIRST_VALUE(n IGNORE NULLS) FROM facts;', 'unsupported', 'FIRST_VALUE', 'IGNORE NULLS'],
    ['SELECT LISTAGG(name, name) FROM facts;', 'type-mismatch', 'name', 'must be a string literal'],
    ['SELECT LISTAGG(n) FROM facts;', 'type-mismatch', 'LISTAGG', 'LISTAGG'],
    ['SELECT STDDEV(name) FROM facts;', 'type-mismatch', 'STDDEV', 'STDDEV'],
    ['SELECT * FROM facts ORDER BY n LIMIT 3;', 'unsupported', 'n', 'Top-N'],
    ['SELECT n FROM facts OFFSET 3;', 'unsupported', '3', 'OFFSET needs a LIMIT'],
    ['SELECT n FROM facts LIMIT -1;', 'invalid-limit', '-', 'not negative'],
    ['SELECT * ;', 'unknown-table', '*', 'needs FROM'],
    ['VALUES (1, 2), (3);', 'column-count', '3', '2 and 1 columns'],
    ['VALUES (1), (TRUE);', 'type-mismatch', '1', 'compatible types'],
    ['VALUES (NULL);', 'type-mismatch', 'NULL', 'NULL'],
    ['SELECT id FROM facts EXCEPT SELECT id, name FROM changes;', 'column-count', 'SELECT id, name', 'EXCEPT: 1 and 2'],
    ['SELECT * FROM facts JOIN changes ON facts.id = changes.id;', 'unsupported', '', 'JOIN'],
    ["SELECT n || 'x' FROM facts;", 'type-mismatch', 'n', '||'],
    ['SELECT 1 FROM facts WHERE id IN (SELECT id FROM changes);', 'unsupported', 'id', 'sub-query'],
  ]);
});

describe('changelog', () => {
  const sink = (name: string, columns: string, connector: string): string =>
    `CREATE TABLE ${name} (${columns}) WITH ('connector' = '${connector}'${connector === 'kafka' ? ", 'topic' = 't', 'format' = 'json'" : ''});\n`;
  check([
    [
      `${sink('sunk', 'name STRING, c BIGINT', 'kafka')}INSERT INTO sunk SELECT name, COUNT(*) FROM facts GROUP BY name;`,
      'changelog-mismatch',
      'sunk',
      "Table sink 'sunk' doesn't support consuming update changes which is produced by node GroupAggregate(groupBy=[name], select=[name, COUNT(*)])",
    ],
    [
      `${sink('sunk', 'name STRING, c BIGINT, PRIMARY KEY (c) NOT ENFORCED', 'feature')}INSERT INTO sunk SELECT name, COUNT(*) FROM facts GROUP BY name;`,
      'upsert-key-mismatch',
      'sunk',
      'identifies its rows by (name); declare PRIMARY KEY (name) NOT ENFORCED',
    ],
    [
      `${sink('sunk', 'name STRING, c BIGINT, PRIMARY KEY (name) NOT ENFORCED', 'feature')}INSERT INTO sunk SELECT CAST(n AS STRING), COUNT(*) FROM facts GROUP BY n;`,
      'upsert-key-mismatch',
      'sunk',
      'has no upsert key',
    ],
    [
      `${sink('sunk', 'name STRING, c BIGINT', 'feature')}INSERT INTO sunk SELECT name, id FROM facts;`,
      'missing-primary-key',
      'CREATE TABLE sunk',
      "its connector 'feature' writes rows by key",
    ],
  ]);
});

describe('INSERT', () => {
  const sunk =
    "CREATE TABLE sunk (id BIGINT NOT NULL, name STRING, n INT, twice AS n * 2) WITH ('connector' = 'print');\n";
  check([
    [`${sunk}INSERT INTO sunk SELECT id, name FROM facts;`, 'insert-mismatch', 'SELECT', 'Different number of columns'],
    [
      `${sunk}INSERT INTO sunk SELECT id, name, x FROM facts;`,
      'insert-mismatch',
      'x',
      "Incompatible types for sink column 'n' at position 3: DOUBLE to INT",
    ],
    [`${sunk}INSERT INTO sunk SELECT id, n, n FROM facts;`, 'insert-mismatch', 'n', "'name' at position 2"],
    [`${sunk}INSERT INTO sunk (name, nme) SELECT name, n FROM facts;`, 'unknown-column', 'nme', "Did you mean 'name'?"],
    [`${sunk}INSERT INTO sunk (id, id) SELECT id, id FROM facts;`, 'insert-mismatch', 'id', 'assigned more than once'],
    [`${sunk}INSERT INTO sunk (name) SELECT name FROM facts;`, 'insert-mismatch', 'name', 'does not allow NULLs'],
    [`${sunk}INSERT INTO sunk (twice) SELECT n FROM facts;`, 'unknown-column', 'twice', 'twice'],
    [`${sunk}INSERT INTO snuk SELECT id FROM facts;`, 'unknown-table', 'snuk', "Did you mean 'sunk'?"],
    ['INSERT INTO changes SELECT id, name, n FROM facts;', 'unsupported', 'changes', 'cannot be written to'],
  ]);
});

describe('CREATE TABLE', () => {
  const body = (columns: string): string => `CREATE TABLE t (${columns}) WITH ('connector' = 'rows');`;
  check([
    [
      body('ts TIMESTAMP(6), WATERMARK FOR ts AS ts'),
      'invalid-watermark',
      'ts',
      'is from 0 to 3, but the time field type is TIMESTAMP(6)',
    ],
    [body('ts TIMESTAMP, WATERMARK FOR ts AS ts'), 'invalid-watermark', 'ts', 'TIMESTAMP(6)'],
    [body('ts TIMESTAMP(3), WATERMARK FOR tz AS ts'), 'invalid-watermark', 'tz', "'tz' is not defined"],
    [body('ts TIMESTAMP(3), n INT, WATERMARK FOR ts AS n'), 'invalid-watermark', 'n', 'data type INT is different'],
    [body('a INT, b INT, a STRING'), 'duplicate-column', 'a STRING', "'a' is declared more than once"],
    [body('a INT, PRIMARY KEY (b) NOT ENFORCED'), 'invalid-primary-key', 'b', "'b' is not defined"],
    [body('a INT, b AS a + 1, PRIMARY KEY (b) NOT ENFORCED'), 'invalid-primary-key', 'b', 'must be a physical column'],
    [body('a INT, PRIMARY KEY (a, a) NOT ENFORCED'), 'invalid-primary-key', 'a)', 'more than once'],
    [body('a INT, b AS a + 1, c AS b + 1'), 'invalid-computed-column', 'b + 1', "computed column 'b'"],
    [body('a INT, b AS SUM(a)'), 'aggregate-not-allowed', 'SUM', 'a computed column'],
    [body('a INT, ts TIMESTAMP(3) METADATA'), 'unsupported', 'ts', 'METADATA'],
    ["CREATE TABLE facts (a INT) WITH ('connector' = 'rows');", 'table-exists', 'facts', 'already exists'],
    ['CREATE VIEW v AS SELECT nope FROM facts;', 'unknown-column', 'nope', 'nope'],
    ['CREATE VIEW v (a, b) AS SELECT n FROM facts;', 'column-count', 'a', "'v' names 2 column(s)"],
  ]);

  test('PRIMARY KEY must be NOT ENFORCED', () => {
    expect(failure(body('a INT, PRIMARY KEY (a) ENFORCED')).code).toBe('invalid-primary-key');
  });

  test('a table that nobody uses may have any options, IF NOT EXISTS keeps the first', () => {
    const sql = `CREATE TABLE t (a INT) WITH ('connector' = 'nope'); CREATE TABLE IF NOT EXISTS facts (a INT) WITH ();`;
    expect(script(`${TABLES}${sql.replace(' WITH ()', '')}`).plan).toBeUndefined();
  });
});

describe('WITH options', () => {
  const use = (options: string): string => `CREATE TABLE t (a INT) WITH (${options});\nSELECT a FROM t;`;
  check([
    [use("'topic' = 'x'"), 'missing-option', 't', "no option 'connector'. Available connectors: 'blackhole', 'cdc'"],
    [use("'connector' = 'kafak'"), 'unknown-connector', "'connector'", "Did you mean 'kafka'?"],
    [
      use("'connector' = 'kafka', 'topic' = 't'"),
      'missing-option',
      't',
      "Formats of 'kafka': 'avro-confluent', 'json'",
    ],
    [
      use("'connector' = 'kafka', 'topic' = 't', 'format' = 'jsn'"),
      'unknown-format',
      "'format'",
      "Did you mean 'json'?",
    ],
    [use("'connector' = 'kafka', 'format' = 'json'"), 'missing-option', 't', "misses required options: 'topic'"],
    [
      use("'connector' = 'kafka', 'topic' = 't', 'format' = 'json', 'topc' = 'x'"),
      'unknown-option',
      "'topc'",
      "Did you mean 'topic'? Supported options:",
    ],
    [
      use("'connector' = 'kafka', 'topic' = 't', 'format' = 'json', 'json.ignore-errors' = 'true'"),
      'unknown-option',
      "'json.ignore-errors'",
      "Did you mean 'json.ignore-parse-errors'?",
    ],
    [
      use("'connector' = 'kafka', 'topic' = 't', 'format' = 'json', 'avro-confluent.url' = 'x'"),
      'unknown-option',
      "'avro-confluent.url'",
      'Unsupported option',
    ],
    [
      use("'connector' = 'kafka', 'topic' = 't', 'format' = 'avro-confluent'"),
      'missing-option',
      't',
      "'avro-confluent.url'",
    ],
    [
      use("'connector' = 'kafka', 'topic' = 't', 'format' = 'json', 'scan.startup.mode' = 'now'"),
      'invalid-option',
      "'scan.startup.mode'",
      'now',
    ],
    [use("'connector' = 'rows', 'scan.watermark.idle-timeout' = 'soon'"), 'invalid-duration', "'scan.", 'duration'],
    [use("'connector' = '${WHICH}'"), 'unset-setting', "'connector'", 'the setting WHICH, which is not set'],
    [use("'connector' = '${1X}'"), 'invalid-setting', "'connector'", '${NAME:-default}'],
    [use("'connector' = 'print'"), 'unsupported', 't', 'cannot be read from'],
  ]);
});

describe('SET', () => {
  check([
    ["SET 'table.exec.state.tll' = '1 d';", 'unknown-setting', 'SET', "Did you mean 'table.exec.state.ttl'?"],
    ["SET 'table.exec.state.ttl' = 'long';", 'invalid-duration', 'SET', 'duration'],
    ["SET 'parallelism.default' = '0';", 'invalid-setting', 'SET', '1 to 128'],
    ["SET 'table.local-time-zone' = 'PST';", 'invalid-setting', 'SET', "is 'PST'"],
    ["SET 'table.optimizer.agg-phase-strategy' = 'three';", 'invalid-setting', 'SET', 'auto or one_phase or two_phase'],
    ["SET 'table.exec.mini-batch.enabled' = 'maybe';", 'invalid-setting', 'SET', 'true or false'],
  ]);

  test('values are kept, settings put in', () => {
    const { config } = script("SET 'pipeline.name' = 'job-${N:-1}'; SET 'table.local-time-zone' = 'UTC';", { N: '7' });
    expect(config).toEqual({ 'pipeline.name': 'job-7', 'table.local-time-zone': 'UTC' });
  });
});
