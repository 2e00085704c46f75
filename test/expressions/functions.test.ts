import { readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { renderFunctions } from '../../src/expressions/functions/document.ts';
import { FUNCTION_GROUPS } from '../../src/expressions/functions/registry.ts';
import { bound, columnValue, constantValue } from './sql-value.ts';

/** They take columns of a table only; test/queries has their tests. */
const COLUMNS_ONLY = ['CURRENT_WATERMARK'];

for (const group of FUNCTION_GROUPS) {
  describe(`examples: ${group.title}`, () => {
    for (const definition of group.functions) {
      if (!COLUMNS_ONLY.includes(definition.name)) {
        it(`${definition.name} has examples`, () => expect(definition.examples.length).toBeGreaterThan(0));
      }
      for (const [sql, value] of definition.examples) {
        it(`${sql} is ${JSON.stringify(value)}`, () => {
          const expr = bound(sql);
          expect(constantValue(expr), 'of constants').toEqual(value);
          expect(columnValue(expr), 'of columns').toEqual(value);
        });
      }
    }
  });
}

it('docs/functions.md is what the registry says (npm run docs:functions)', async () => {
  const file = 'docs/functions.md';
  const expected = await format(renderFunctions(), { ...(await resolveConfig(file)), filepath: file });
  expect(readFileSync(file, 'utf8')).toBe(expected);
});
