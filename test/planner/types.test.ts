import { describe, expect, test } from 'vitest';
import { formatType } from '../../src/data/types.ts';
import { plan } from './harness.ts';

/** Type of one expression over `facts` and `events` columns, as EXPLAIN and DESCRIBE print it. */
function typeOf(expression: string, table = 'events'): string {
  const { nodes } = plan(`SELECT ${expression} AS v FROM ${table};`);
  return formatType(nodes[nodes.length - 1].schema[0].type);
}

describe('types of expressions follow Flink', () => {
  test.each([
    ['1', 'INT NOT NULL'],
    ['-2147483648', 'INT NOT NULL'],
    ['2147483648', 'BIGINT NOT NULL'],
    ['1.50', 'DECIMAL(3, 2) NOT NULL'],
    ['1e3', 'DOUBLE NOT NULL'],
    ["'abc'", 'CHAR(3) NOT NULL'],
    ["DATE '2024-02-29'", 'DATE NOT NULL'],
    ["TIMESTAMP '2024-02-29 01:02:03.45'", 'TIMESTAMP(2) NOT NULL'],
    ['clicks + 1', 'INT'],
    ['clicks + big', 'BIGINT'],
    ['big % clicks', 'INT'],
    ['clicks / 2', 'INT'],
    ['clicks * ratio', 'DOUBLE'],
    ['amount + 1', 'DECIMAL(13, 2)'],
    ['amount * amount', 'DECIMAL(21, 4)'],
    ['amount / clicks', 'DECIMAL(21, 13)'],
    ['amount % amount', 'DECIMAL(10, 2)'],
    ['amount * ratio', 'DOUBLE'],
    ['CAST(amount AS DECIMAL(38, 18)) + 1', 'DECIMAL(38, 17)'],
    ['-amount', 'DECIMAL(10, 2)'],
    ['ts', 'TIMESTAMP(3)'],
    ["ts + INTERVAL '1' HOUR", 'TIMESTAMP(3)'],
    ["INTERVAL '1' HOUR + plain", 'TIMESTAMP(3)'],
    ["birth - INTERVAL '1' DAY", 'DATE'],
    ['clicks > 1.5', 'BOOLEAN'],
    ['clicks IS NULL', 'BOOLEAN NOT NULL'],
    ['ok IS NOT TRUE', 'BOOLEAN NOT NULL'],
    ['clicks IS DISTINCT FROM big', 'BOOLEAN NOT NULL'],
    ['COALESCE(clicks, 0)', 'INT NOT NULL'],
    ['COALESCE(clicks, big)', 'BIGINT'],
    ["CASE WHEN ok THEN 'a' ELSE 'bcd' END", 'VARCHAR(3) NOT NULL'],
    ['CASE WHEN ok THEN 1 END', 'INT'],
    ['CASE clicks WHEN 1, 2 THEN 1.5 ELSE big END', 'DECIMAL(20, 1)'],
    ['IF(ok, 1, big)', 'BIGINT'],
    ['NULLIF(clicks, 0)', 'INT'],
    ['IFNULL(ratio, 0)', 'DOUBLE NOT NULL'],
    ['CAST(clicks AS STRING)', 'STRING'],
    ['CAST(1 AS BIGINT)', 'BIGINT NOT NULL'],
    ["TRY_CAST('1' AS INT)", 'INT'],
    ['CAST(NULL AS INT)', 'INT'],
    ['CAST(12345 AS DECIMAL(8, 4))', 'DECIMAL(8, 4)'],
    ['clicks BETWEEN 1 AND 2', 'BOOLEAN'],
    ['clicks NOT IN (1, 2, NULL)', 'BOOLEAN'],
    ['COUNT(*)', 'BIGINT NOT NULL'],
    ['SUM(clicks)', 'INT'],
    ['AVG(clicks)', 'INT'],
    ['SUM(amount)', 'DECIMAL(38, 2)'],
    ['AVG(amount)', 'DECIMAL(38, 6)'],
    ['MAX(ts)', 'TIMESTAMP(3)'],
    ['COUNT(DISTINCT user_id)', 'BIGINT NOT NULL'],
  ])('%s is %s', (expression, expected) => {
    expect(typeOf(expression)).toBe(expected);
  });

  test('the sum of a NOT NULL column is NOT NULL in groups, not over all', () => {
    expect(typeOf('SUM(id)', 'facts')).toBe('BIGINT');
    expect(typeOf('SUM(id)', 'facts GROUP BY name')).toBe('BIGINT NOT NULL');
    expect(typeOf('SUM(id) FILTER (WHERE n > 1)', 'facts GROUP BY name')).toBe('BIGINT');
  });
});
