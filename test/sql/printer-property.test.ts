import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseExpression, parseScript, printExpression, printStatement } from '../../src/sql/index.ts';
import { expression, statement } from './arbitrary-ast.ts';
import { withoutPositions } from './helpers.ts';

/** A failure prints its seed and the smallest tree; pass them to fc.assert as `seed` and `path` to repeat it. */
test('a printed expression parses to the same tree', () => {
  fc.assert(
    fc.property(expression, (tree) => {
      expect(withoutPositions(parseExpression(printExpression(tree)))).toEqual(withoutPositions(tree));
    }),
    { numRuns: 1500 },
  );
});

test('a printed statement parses to the same tree', () => {
  fc.assert(
    fc.property(statement, (tree) => {
      expect(withoutPositions(parseScript(printStatement(tree)))).toEqual([withoutPositions(tree)]);
    }),
    { numRuns: 1000 },
  );
});
