import { describe, expect, it } from 'vitest';
import { INT, STRING } from '../../src/data/types.ts';
import { createCheckedOperator } from '../../src/operators/checked.ts';
import type { Operator } from '../../src/operators/operator.ts';
import type { SetOperationNode } from '../../src/planner/physical.ts';
import { createStateBackend } from '../../src/state/backend.ts';
import type { StateBlob } from '../../src/state/contracts.ts';
import { batchOf, Collector, random, type Row, SEED } from './harness.ts';
import { schema } from './nodes.ts';

const INPUT = schema(['a', INT], ['b', STRING]);
type Operation = SetOperationNode['operation'];

function node(operation: Operation, all: boolean, ttl = 0): SetOperationNode {
  return {
    index: 2,
    id: 't/set-operation/1',
    fingerprint: 'f',
    inputs: [0, 1],
    op: 'set-operation',
    operation,
    all,
    ttl,
    schema: INPUT,
    mode: 'retract',
    upsertKeys: [],
  };
}

/** The operator, taken up anew from its state when told so. */
class Run {
  readonly output = new Collector(INPUT);
  time = 0;
  private readonly plan: SetOperationNode;
  private blobs: readonly StateBlob[] = [];
  private backend = createStateBackend();
  private operator: Operator;

  constructor(plan: SetOperationNode) {
    this.plan = plan;
    this.operator = this.create();
  }

  rows(input: number, rows: readonly Row[]): void {
    this.operator.process(input, batchOf(INPUT, rows, 'retract', rows.length % 2 === 0));
  }

  restart(): void {
    this.blobs = [...this.blobs, ...this.backend.snapshot(false)];
    this.backend = createStateBackend();
    this.operator = this.create();
    this.backend.restore(this.blobs, { from: 0, to: 128 });
  }

  private create(): Operator {
    const context = {
      operatorId: 'test',
      state: this.backend,
      output: this.output,
      now: () => this.time,
      count: () => undefined,
      zone: 'UTC',
    };
    return createCheckedOperator(this.plan, [INPUT, INPUT], context, 'single', ['retract', 'retract']);
  }
}

function counts(rows: readonly Row[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const [op, ...cells] of rows) {
    const key = JSON.stringify(cells);
    const sum = (found.get(key) ?? 0) + (op === '+I' || op === '+U' ? 1 : -1);
    expect(sum, `${key} is taken back only after it came`).toBeGreaterThanOrEqual(0);
    if (sum === 0) found.delete(key);
    else found.set(key, sum);
  }
  return found;
}

/** Computed anew from all rows. */
function model(operation: Operation, all: boolean, left: readonly Row[], right: readonly Row[]): Map<string, number> {
  const [l, r] = [counts(left), counts(right)];
  const result = new Map<string, number>();
  for (const [key, n] of l) {
    const m = r.get(key) ?? 0;
    const many = operation === 'INTERSECT' ? Math.min(n, m) : Math.max(0, n - m);
    const once = operation === 'INTERSECT' ? m > 0 : m === 0;
    const times = all ? many : Number(once);
    if (times > 0) result.set(key, times);
  }
  return result;
}

describe('set operations against a model, with restarts', () => {
  for (const operation of ['INTERSECT', 'EXCEPT'] as const) {
    for (const all of [false, true]) {
      it(`${operation}${all ? ' ALL' : ''} (seed ${SEED})`, () => {
        const next = random(SEED);
        const below = (n: number): number => Math.floor(next() * n);
        for (let round = 0; round < 5; round++) {
          const run = new Run(node(operation, all));
          const came: Row[][] = [[], []];
          const live: Row[][] = [[], []];
          for (let step = 0; step < 40; step++) {
            const input = below(2);
            const rows: Row[] = [];
            for (let i = below(5); i >= 0; i--) {
              const gone = next() < 0.4 && live[input].length > 0;
              const fresh: Row = ['+I', next() < 0.2 ? null : below(3), next() < 0.2 ? null : 'xy'[below(2)]];
              const row = gone ? live[input].splice(below(live[input].length), 1)[0] : fresh;
              if (!gone) live[input].push(row);
              rows.push(gone ? [next() < 0.5 ? '-D' : '-U', row[1], row[2]] : row);
            }
            run.rows(input, rows);
            came[input].push(...rows);
            expect(counts(run.output.rows), `round ${round}, step ${step}`).toEqual(
              model(operation, all, came[0], came[1]),
            );
            if (next() < 0.3) run.restart();
          }
        }
      });
    }
  }
});

it('a row that was not written for the TTL is forgotten', () => {
  const run = new Run(node('INTERSECT', false, 100));
  run.rows(0, [['+I', 1, 'x']]);
  run.time = 99;
  run.rows(1, [['+I', 1, 'x']]);
  expect(run.output.rows).toEqual([['+I', 1, 'x']]);
  run.time = 300;
  run.rows(1, [['+I', 1, 'x']]);
  // The left side's row is forgotten: it comes again, and the pair is new.
  run.restart();
  run.rows(0, [['+I', 1, 'x']]);
  expect(run.output.rows).toEqual([
    ['+I', 1, 'x'],
    ['+I', 1, 'x'],
  ]);
});
