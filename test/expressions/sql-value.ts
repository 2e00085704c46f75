import { makeBatch } from '../../src/data/batch.ts';
import { columnFromValues } from '../../src/data/builder.ts';
import { formatChangelogValue } from '../../src/data/json-value.ts';
import { readValue } from '../../src/data/read.ts';
import type { SqlType } from '../../src/data/types.ts';
import { compileCalc, NO_CONTEXT } from '../../src/expressions/index.ts';
import { functionNamed } from '../../src/expressions/functions/registry.ts';
import type { Expr } from '../../src/expressions/typed.ts';
import { bindExpression } from '../../src/planner/bind-expression.ts';
import { parseScript } from '../../src/sql/index.ts';

/** The time at which examples run. */
const NOW = Date.UTC(2024, 1, 29, 12, 34, 56, 789);

/** The expression of `SELECT sql`, over no columns. */
export function bound(sql: string): Expr {
  const [statement] = parseScript(`SELECT ${sql}`);
  if (statement.kind !== 'select' || statement.items[0].kind !== 'expression') throw new Error(`not one value: ${sql}`);
  return bindExpression(statement.items[0].expr, {
    column: (parts) => {
      throw new Error(`no column ${parts.join('.')}`);
    },
    clause: 'SELECT',
  });
}

/** Its value in the form of `--output changelog`. */
export function constantValue(expr: Expr): unknown {
  return valueOver(expr, [], []);
}

/**
 * The same with the constants as columns, so that code for columns runs; a row of NULLs follows. Arguments that must be
 * constants stay.
 */
export function columnValue(expr: Expr): unknown {
  const types: SqlType[] = [];
  const values: unknown[] = [];
  const lifted = liftLiterals(expr, (literal) => {
    const type: SqlType = { ...literal.type, nullable: true };
    values.push(plainValue(literal));
    types.push(type);
    return { kind: 'input', index: types.length - 1, type };
  });
  return valueOver(lifted, types, values);
}

function valueOver(expr: Expr, types: readonly SqlType[], values: readonly unknown[]): unknown {
  const columns = types.map((type, i) => columnFromValues(type, [values[i], null]));
  const calc = compileCalc(undefined, [expr], { ...NO_CONTEXT, now: () => NOW });
  const result = calc.run(makeBatch(columns, types.length === 0 ? 1 : 2));
  if (result === undefined) throw new Error('no row');
  return formatChangelogValue(expr.type, readValue(expr.type, result.columns[0], 0));
}

/** A literal's value as a column holds it. */
function plainValue(literal: Expr): unknown {
  const column = compileCalc(undefined, [literal], NO_CONTEXT).run(makeBatch([], 1))?.columns[0];
  return column === undefined ? null : readValue(literal.type, column, 0);
}

function liftLiterals(expr: Expr, lift: (literal: Expr) => Expr): Expr {
  const inside = (e: Expr): Expr => liftLiterals(e, lift);
  switch (expr.kind) {
    case 'input':
      return expr;
    case 'literal':
      return lift(expr);
    case 'cast':
      return { ...expr, arg: inside(expr.arg) };
    case 'case':
      return {
        ...expr,
        branches: expr.branches.map((b) => ({ when: inside(b.when), then: inside(b.then) })),
        otherwise: inside(expr.otherwise),
      };
    case 'call': {
      const { constants = [], unit } = functionNamed(expr.fn);
      return { ...expr, args: expr.args.map((arg, i) => (constants.includes(i) || unit === i ? arg : inside(arg))) };
    }
  }
}
