import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseScript, SqlError } from '../../src/sql/index.ts';

/** The golden file: `### sql`, `---`, the exact text of the error. */
const CASES = readFileSync(new URL('wrong-statements.golden.txt', import.meta.url), 'utf8')
  .split(/^### /m)
  .slice(1)
  .map((block) => block.trimEnd().split('\n---\n') as [string, string]);

describe('wrong SQL is explained', () => {
  test('the table is not empty', () => expect(CASES.length).toBeGreaterThanOrEqual(40));

  test.each(CASES)('%s', (sql, expected) => {
    const error = errorOf(sql);
    expect(error.message).toBe(expected);
    const { line, column } = error.position ?? { line: 0, column: 0 };
    expect(error.message).toContain(`${error.code} at ${line}:${column}: ${error.summary}`);
  });
});

function errorOf(sql: string): SqlError {
  try {
    parseScript(sql);
  } catch (error) {
    if (error instanceof SqlError) return error;
    throw error;
  }
  throw new Error(`no error for: ${sql}`);
}
