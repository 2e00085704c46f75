import { expect, test } from 'vitest';
import {
  BIGINT,
  BOOLEAN,
  decimal,
  DOUBLE,
  INT,
  SMALLINT,
  STRING,
  TINYINT,
  type SqlType,
} from '../../src/data/types.ts';
import { RowError } from '../../src/expressions/index.ts';
import type { Expr, FunctionName, Literal } from '../../src/expressions/typed.ts';
import { caseOf, cast, call, evaluate, input, literal, type Row, test3, tryCast } from './support.ts';
import { Random } from './random.ts';
import { Failure, interpret } from './interpreter.ts';

const DEC = decimal(12, 3);
const TYPES: readonly SqlType[] = [INT, BIGINT, DOUBLE, STRING, BOOLEAN, DEC, TINYINT, SMALLINT];
const INTEGERS = [TINYINT, SMALLINT, INT, BIGINT];

function randomValue(random: Random, type: SqlType): unknown {
  return random.below(6) === 0 ? null : valueOfType(random, type);
}

function valueOfType(random: Random, type: SqlType): unknown {
  switch (type.kind) {
    case 'TINYINT':
      return random.pick([-128, 127, 0, 1, -1, random.below(256) - 128]);
    case 'SMALLINT':
      return random.pick([-32768, 32767, 0, random.below(65536) - 32768]);
    case 'INT':
      return random.pick([-2147483648, 2147483647, 0, 1, -1, random.below(200) - 100]);
    case 'BIGINT':
      return random.pick([-9223372036854775808n, 9223372036854775807n, 0n, 1n, BigInt(random.below(1000)) - 500n]);
    case 'DECIMAL':
      return random.pick([999_999_999_999n, -999_999_999_999n, 0n, 1n, BigInt(random.below(1_000_000)) - 500_000n]);
    case 'DOUBLE':
      return random.pick([NaN, Infinity, -Infinity, 0, 1.5, 1e300, random.below(1000) / 8 - 60]);
    case 'BOOLEAN':
      return random.below(2) === 0;
    default:
      return random.pick(['', 'a', 'ab', 'b', '12', '-7', '1.5', 'true', 'é', '\u{1F600}', '\uFFFD']);
  }
}

function randomLiteral(random: Random, type: SqlType): Literal {
  const value = randomValue(random, type);
  return literal(
    typeof value === 'bigint'
      ? String(value)
      : typeof value === 'number' && !Number.isFinite(value)
        ? String(value)
        : (value as Literal['value']),
    type,
  );
}

function randomExpr(random: Random, type: SqlType, depth: number): Expr {
  if (depth === 0 || random.below(8) === 0) {
    return random.below(4) === 0 ? randomLiteral(random, type) : input(TYPES.indexOf(type), type);
  }
  const sub = (t: SqlType): Expr => randomExpr(random, t, depth - 1);
  switch (random.below(8)) {
    case 0:
      return caseOf(type, sub(type), [sub(BOOLEAN), sub(type)], [sub(BOOLEAN), sub(type)]);
    case 1:
      return call('COALESCE', type, sub(type), sub(type), sub(type));
    case 2: {
      const from = random.pick(TYPES.filter((t) => t !== type));
      return random.below(3) === 0 ? cast(sub(from), type) : tryCast(sub(from), type);
    }
    default:
      return ofType(random, type, sub);
  }
}

function ofType(random: Random, type: SqlType, sub: (type: SqlType) => Expr): Expr {
  switch (type.kind) {
    case 'BOOLEAN':
      return condition(random, sub);
    case 'DECIMAL': {
      const op = random.pick<FunctionName>(['+', '-', '*', '/', '%', 'NEGATE']);
      return op === 'NEGATE' ? call(op, type, sub(type)) : call(op, type, sub(type), sub(type));
    }
    case 'VARCHAR':
      return cast(sub(random.pick(INTEGERS)), type);
    default: {
      const op = random.pick<FunctionName>(['+', '-', '*', '/', '%', 'NEGATE']);
      return op === 'NEGATE' ? call(op, type, sub(type)) : call(op, type, sub(type), sub(type));
    }
  }
}

function condition(random: Random, sub: (type: SqlType) => Expr): Expr {
  const type = random.pick(TYPES);
  switch (random.below(6)) {
    case 0:
      return test3('AND', sub(BOOLEAN), sub(BOOLEAN), sub(BOOLEAN));
    case 1:
      return test3('OR', sub(BOOLEAN), sub(BOOLEAN));
    case 2:
      return test3(
        random.pick<FunctionName>(['NOT', 'IS TRUE', 'IS FALSE', 'IS NOT TRUE', 'IS NOT FALSE']),
        sub(BOOLEAN),
      );
    case 3:
      return test3('IN', sub(type), sub(type), sub(type), sub(type));
    case 4:
      return test3(random.pick<FunctionName>(['IS NULL', 'IS NOT NULL']), sub(type));
    default: {
      const ops: readonly FunctionName[] = [
        '=',
        '<>',
        '<',
        '<=',
        '>',
        '>=',
        'IS DISTINCT FROM',
        'IS NOT DISTINCT FROM',
      ];
      return test3(random.pick(ops), sub(type), sub(type));
    }
  }
}

/** The interpreter's answers, or the first row that fails. */
function expected(expr: Expr, rows: readonly Row[]): unknown[] | { readonly failed: string; readonly row: number } {
  const values: unknown[] = [];
  for (let row = 0; row < rows.length; row++) {
    try {
      values.push(interpret(expr, rows[row]));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return { failed: error.message, row };
    }
  }
  return values;
}

test('generated code equals a plain interpreter', () => {
  const seed = Number(process.env.PROPERTY_SEED ?? (process.pid * 7919 + Date.now()) % 2 ** 31);
  console.log(`expression property test: seed ${seed}`);
  const random = new Random(seed);
  for (let i = 0; i < 250; i++) {
    const expr = randomExpr(random, random.pick(TYPES), 1 + random.below(3));
    // Enough rows for a whole pass of an unrolled loop and a rest, and columns without NULLs.
    const filled = TYPES.map(() => random.below(3) === 0);
    const rows = Array.from({ length: random.pick([3, 13, 19]) }, () =>
      TYPES.map((type, c) => (filled[c] ? valueOfType(random, type) : randomValue(random, type))),
    );
    const answer = expected(expr, rows);
    const where = `seed ${seed}, expression ${i}: ${JSON.stringify(expr)}`;
    if (Array.isArray(answer)) {
      expect({ where, values: evaluate(expr, TYPES, rows) }).toEqual({ where, values: answer });
    } else {
      let thrown: unknown;
      try {
        evaluate(expr, TYPES, rows);
      } catch (error) {
        thrown = error;
      }
      if (!(thrown instanceof RowError)) throw thrown ?? new Error(`no error: ${where}`);
      expect({ where, code: thrown.code, row: thrown.row }).toEqual({ where, code: answer.failed, row: answer.row });
    }
  }
}, 60_000);
