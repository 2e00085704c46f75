import { cpus } from 'node:os';
import { compileCalc, NO_CONTEXT } from '../../src/expressions/index.ts';
import type { Expr } from '../../src/expressions/typed.ts';
import { bindExpression } from '../../src/planner/bind-expression.ts';
import { parseScript } from '../../src/sql/index.ts';
import { CASES } from './cases.ts';
import { benchData, ROWS, type BenchData } from './data.ts';

/**
 * `npm run bench -- expressions`: nanoseconds per value of each kernel beside a hand-written loop. All expressions and
 * loops run in turn, several times round, in one process; the best round of each counts.
 */
const ROUNDS = 7;
const STRETCH_MS = 40;

function main(): void {
  const data = benchData();
  const runs = CASES.map((bench) => ({ ...bench, kernel: kernel(bench.sql, data), loop: bench.hand(data) }));
  const best = runs.map(() => ({ kernel: Infinity, loop: Infinity }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [c, run] of runs.entries()) {
      best[c].kernel = Math.min(best[c].kernel, nanosPerValue(run.kernel));
      best[c].loop = Math.min(best[c].loop, nanosPerValue(run.loop));
    }
  }
  const head = `${cpus()[0].model}, ${cpus().length} cores, Node ${process.version}, ${new Date().toISOString()}`;
  process.stdout.write(`headwater bench expressions\n${head}\n\n`);
  process.stdout.write(
    `${'expression'.padEnd(36)}${'ns/value'.padStart(10)}${'by hand'.padStart(10)}${'ratio'.padStart(8)}  goal\n`,
  );
  for (const [c, { sql, goal }] of runs.entries()) {
    const { kernel, loop } = best[c];
    const ratio = kernel / loop;
    const verdict = `<= ${goal}: ${ratio <= goal ? 'met' : 'NOT MET'}`;
    process.stdout.write(
      `${sql.padEnd(36)}${kernel.toFixed(2).padStart(10)}${loop.toFixed(2).padStart(10)}${ratio.toFixed(2).padStart(8)}  ${verdict}\n`,
    );
  }
}

function kernel(sql: string, { schema, batch }: BenchData): () => void {
  const [statement] = parseScript(`SELECT ${sql}`);
  if (statement.kind !== 'select' || statement.items[0].kind !== 'expression') throw new Error(`no expression: ${sql}`);
  const expr: Expr = bindExpression(statement.items[0].expr, {
    clause: 'SELECT',
    column: ([name]) => {
      const index = schema.findIndex((field) => field.name === name);
      return { kind: 'input', index, type: schema[index].type };
    },
  });
  const calc = compileCalc(undefined, [expr], NO_CONTEXT);
  return () => void calc.run(batch);
}

function nanosPerValue(run: () => void): number {
  const begun = process.hrtime.bigint();
  const until = begun + BigInt(STRETCH_MS) * 1_000_000n;
  let passes = 0;
  let now = begun;
  for (; now < until; now = process.hrtime.bigint()) {
    for (let i = 0; i < 4; i++) run();
    passes += 4;
  }
  return Number(now - begun) / passes / ROWS;
}

main();
