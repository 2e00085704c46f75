import { describe, expect, it } from 'vitest';
import { planText } from '../../src/cli/plan-file.ts';
import { HeadwaterError } from '../../src/data/errors.ts';
import { builtinConnectors } from '../../src/runtime/builtin-connectors.ts';
import { BOUNDED, ordersTable, TOTALS } from '../cli/orders.ts';

function errorOf(text: string): HeadwaterError {
  try {
    planText(text, 'job', builtinConnectors().registry, new Map());
  } catch (error) {
    if (error instanceof HeadwaterError) return error;
    throw error;
  }
  throw new Error(`this was accepted: ${text}`);
}

const select = (query: string): string => ordersTable(BOUNDED) + query;

describe('wrong SQL', () => {
  it.each([
    ['a misspelt keyword', 'SELEC 1', 'sql-syntax', '  SELEC 1\n  ^^^^^\n'],
    ['a missing parenthesis', select('SELECT (amount FROM orders'), 'sql-syntax', '  SELECT (amount FROM orders\n'],
    ['an unknown column', select('SELECT amoun FROM orders'), 'unknown-column', '         ^^^^^'],
    ['an unknown table', select('SELECT * FROM order_s'), 'unknown-table', '              ^^^^^^^'],
    ['an unknown function', select('SELECT LOL(amount) FROM orders'), 'unknown-function', '         ^^^'],
    ['types that do not go together', select('SELECT customer + amount FROM orders'), 'type-mismatch', '^'],
    ['a column outside GROUP BY', select('SELECT customer, SUM(amount) FROM orders'), 'not-grouped', '^'],
    ['a sink of other columns', select(TOTALS.replace('SUM(amount), COUNT(*)', 'SUM(amount)')), 'insert-mismatch', '^'],
    ['what is not supported yet', select('SELECT amount FROM orders ORDER BY amount'), 'unsupported', '^'],
  ])('%s: code, line and column, a caret under it', (_name, text, code, excerpt) => {
    const error = errorOf(text);
    expect(error.code).toBe(code);
    expect(error.kind).toBe('input');
    expect(error.position?.line).toBe(text.split('\n').length - (text.includes('totals') ? 1 : 0));
    expect(error.message).toContain(excerpt);
  });
});

describe('tables that cannot be', () => {
  it.each([
    ['an unknown connector', { connector: 'kafak' }, 'unknown-connector', "'kafak'"],
    ['an unknown option', { 'scan.startup.mod': 'x' }, 'unknown-option', 'scan.startup.mode'],
    ['an unknown format', { format: 'protobuf' }, 'unknown-format', "'avro-confluent', 'json'"],
    ['an unknown format option', { 'avro-confluent.ur': 'x' }, 'unknown-option', 'avro-confluent.ur'],
    ['an option with a wrong value', { 'scan.startup.mode': 'erliest' }, 'invalid-option', 'earliest-offset'],
    ['a broker without port', { 'properties.bootstrap.servers': 'kafka' }, 'invalid-option', 'host:port'],
    ['a missing option', { topic: '' }, 'missing-option', "'topic'"],
    ['a setting without value', { topic: '${NO_SUCH}' }, 'unset-setting', 'NO_SUCH'],
  ])('%s', (_name, options, code, message) => {
    const error = errorOf(`${ordersTable({ ...BOUNDED, ...options })}SELECT amount FROM orders`);
    expect(error.message).toContain(message);
    expect(error.code).toBe(code);
    expect(error.kind).toBe('input');
  });

  it('SET of an unknown key, or of a wrong value', () => {
    expect(errorOf(select("SET 'paralelism.default' = '2'; SELECT amount FROM orders"))).toMatchObject({
      kind: 'input',
      position: { line: 12 },
    });
    expect(errorOf(select("SET 'parallelism.default' = 'two'; SELECT amount FROM orders")).kind).toBe('input');
    expect(errorOf(select("SET 'pipeline.name' = '../elsewhere'; SELECT amount FROM orders")).kind).toBe('input');
  });
});
