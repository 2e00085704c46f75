import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { HeadwaterError } from '../../src/data/errors.ts';
import { parseScript, printStatement } from '../../src/sql/index.ts';
import { withoutPositions } from './helpers.ts';

/**
 * Statements of Flink's grammar, each with `parses`, or with the error that names what is not supported and where.
 * None is a syntax error. What parses is printed, and the printed form means the same.
 */
const LINES = readFileSync(new URL('flink-grammar.golden.txt', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');
const CASES = LINES.flatMap((line, i) => (i % 2 === 0 ? [[line, LINES[i + 1].trim()] as const] : []));

describe("Flink's grammar", () => {
  test.each(CASES)('%s', (sql, expected) => expect(outcome(sql)).toBe(expected));
});

function outcome(sql: string): string {
  try {
    const statements = parseScript(sql);
    const printed = statements.map(printStatement).join(';\n');
    expect(withoutPositions(parseScript(printed))).toEqual(withoutPositions(statements));
    return 'parses';
  } catch (error) {
    if (error instanceof HeadwaterError) return error.message.split('\n', 1)[0];
    throw error;
  }
}
