import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Session } from '../../src/cli/shell/session.ts';
import { HeadwaterError } from '../../src/data/errors.ts';
import { builtinConnectors } from '../../src/runtime/builtin-connectors.ts';

const LOG =
  "'connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'embedded', 'scan.startup.mode' = 'earliest-offset'";
const TABLES = [
  `CREATE TABLE orders (customer STRING, amount INT, paid BOOLEAN, tags ARRAY<STRING>, ts TIMESTAMP(3),
    WATERMARK FOR ts AS ts) WITH (${LOG}, 'format' = 'json')`,
  "CREATE TABLE totals (customer STRING, total INT, PRIMARY KEY (customer) NOT ENFORCED) WITH ('connector' = 'feature')",
  'CREATE VIEW big_orders AS SELECT customer, amount FROM orders WHERE amount > 100',
  "CREATE TABLE no_key (customer STRING, total INT) WITH ('connector' = 'feature')",
];

/** The golden file: `### sql`, `---`, the exact text of the error, over the tables above. */
const CASES = readFileSync(new URL('refused-queries.golden.txt', import.meta.url), 'utf8')
  .split(/^### /m)
  .slice(1)
  .map((block) => block.trimEnd().split('\n---\n') as [string, string]);

describe('what parses and is wrong is explained', () => {
  const session = new Session(builtinConnectors().registry, new Map());
  for (const table of TABLES) session.run(table);

  test.each(CASES)('%s', (sql, expected) => {
    let message = 'no error';
    try {
      session.run(sql);
    } catch (error) {
      if (!(error instanceof HeadwaterError)) throw error;
      ({ message } = error);
    }
    expect(message).toBe(expected);
  });
});
