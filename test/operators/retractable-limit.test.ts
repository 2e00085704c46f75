import { describe, expect, it, test } from 'vitest';
import { keyGroupOf, keyGroupsOfTask, taskOfKeyGroup } from '../../src/data/hash.ts';
import { INT, STRING } from '../../src/data/types.ts';
import { createCheckedOperator } from '../../src/operators/checked.ts';
import { EMPTY_KEY } from '../../src/operators/one-cell.ts';
import type { Operator } from '../../src/operators/operator.ts';
import type { LimitNode } from '../../src/planner/physical.ts';
import { createStateBackend } from '../../src/state/backend.ts';
import type { StateBlob } from '../../src/state/contracts.ts';
import { batchOf, Collector, random, type Row, runOperator, SEED, VARIANTS } from './harness.ts';
import { schema } from './nodes.ts';

const INPUT = schema(['a', INT], ['b', STRING]);

function node(count: number, offset = 0, ttl = 0): LimitNode {
  return {
    index: 1,
    id: 't/limit/1',
    fingerprint: 'f',
    inputs: [0],
    op: 'limit',
    count,
    offset,
    retractInput: true,
    ttl,
    schema: INPUT,
    mode: 'retract',
    upsertKeys: [],
  };
}

/** Rows as words: `+1x` comes, `-1x` is taken back; `_` is NULL, `@100` sets the clock. */
function rows(text: string): Row[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      if (word.startsWith('@')) return ['TIME', Number(word.slice(1))];
      const [sign, a, b] = word;
      return [sign === '+' ? '+I' : '-D', a === '_' ? null : Number(a), b === '_' ? null : b];
    });
}

describe.each<[string, LimitNode, string, string]>([
  ['fewer rows than asked for', node(3), '+1x +2y', '+1x +2y'],
  ['more rows', node(2), '+1x +2y +3z', '+1x +2y'],
  ['LIMIT 0', node(0), '+1x +2y -1x', ''],
  ['a row that was given makes place', node(2), '+1x +2y +3z +4w -1x', '+1x +2y -1x +3z'],
  ['nobody waits', node(2), '+1x +2y -1x +3z', '+1x +2y -1x +3z'],
  ['a row that waits goes away', node(1), '+1x +2y +3z -2y -1x', '+1x -1x +3z'],
  ['a row that changes is the last', node(2), '+1x +2y +3z -1x +1y -2y', '+1x +2y -1x +3z -2y +1y'],
  ['unknown rows', node(2), '-1x +1x -2y +2y -3z -1y', '+1x +2y'],
  ['NULLs', node(2), '+__ +_x +1_ -__', '+__ +_x -__ +1_'],
  ['of equal rows the first goes', node(1), '+1x +2y +1x +3z -1x -2y -1x', '+1x -1x +2y -2y +1x -1x +3z'],
  ['equal rows come again', node(1), '+1x +1x +1x -1x +1x +2y -1x -1x -1x', '+1x -1x +1x -1x +1x -1x +1x -1x +2y'],
  ['OFFSET', node(2, 1), '+1x +2y +3z +4w', '+2y +3z'],
  ['OFFSET, a row before it goes away', node(2, 1), '+1x +2y +3z +4w -1x', '+2y +3z -2y +4w'],
  ['OFFSET, a row goes away', node(2, 1), '+1x +2y +3z +4w -2y', '+2y +3z -2y +4w'],
  ['OFFSET, nobody waits', node(2, 1), '+1x +2y -1x +3z', '+2y -2y +3z'],
  ['OFFSET beyond the rows', node(2, 5), '+1x +2y -1x +3z', ''],
  ['OFFSET over equal rows', node(1, 1), '+1x +1x +1x +2y -1x -1x', '+1x -1x +1x -1x +2y'],
  ['TTL: who waits too long is forgotten', node(1, 0, 100), '+1x +2y @90 +3z @110 -1x', '+1x -1x +3z'],
  ['TTL: what was given is not', node(1, 1, 100), '+1x +2y @200 +3z -1x -3z', '+2y -2y +3z -3z'],
  ['TTL: equal rows', node(1, 0, 100), '+1x +2y +2y @60 +2y @110 -1x -2y', '+1x -1x +2y -2y'],
])('LIMIT over rows that change: %s', (_name, plan, input, expected) => {
  test.each(VARIANTS)('batches of $batchSize, restored every $restoreEvery', (variant) => {
    const run = runOperator({ node: plan, input: INPUT, inputMode: 'retract' }, rows(input), variant);
    expect(run.rows).toEqual(rows(expected));
  });
});

/** In so many tasks, of which one has the rows; taken up anew at another parallelism when told so. */
class Job {
  readonly output = new Collector(INPUT);
  private readonly plan: LimitNode;
  private blobs: readonly StateBlob[] = [];
  private tasks = [createStateBackend()];
  private operator: Operator;

  constructor(plan: LimitNode) {
    this.plan = plan;
    this.operator = this.create(1);
  }

  rows(input: readonly Row[]): void {
    this.operator.process(0, batchOf(INPUT, input, 'retract', false));
  }

  restart(parallelism: number, full: boolean): void {
    const taken = this.tasks.flatMap((task) => task.snapshot(full));
    this.blobs = full ? taken : [...this.blobs, ...taken];
    this.operator = this.create(parallelism);
  }

  private create(parallelism: number): Operator {
    this.tasks = Array.from({ length: parallelism }, createStateBackend);
    const operators = this.tasks.map((state) => {
      const clock = { now: () => 0, count: () => undefined, zone: 'UTC' };
      const context = { operatorId: 'test', state, output: this.output, ...clock };
      return createCheckedOperator(this.plan, [INPUT], context, 'single', ['retract']);
    });
    this.tasks.forEach((task, i) => task.restore(this.blobs, keyGroupsOfTask(i, parallelism)));
    return operators[taskOfKeyGroup(keyGroupOf(EMPTY_KEY.hashes[0]), parallelism)];
  }
}

const text = (row: Row): string => JSON.stringify(row.slice(1));

/** What a changelog adds up to; nothing is taken back that was not given. */
function left(changes: readonly Row[]): string[] {
  const found: string[] = [];
  for (const row of changes) {
    if (row[0] === '+I') found.push(text(row));
    else {
      expect(found, `${text(row)} was given`).toContain(text(row));
      found.splice(found.indexOf(text(row)), 1);
    }
  }
  return found.sort();
}

describe('LIMIT over rows that change, against a model, at changing parallelism', () => {
  for (const [count, offset] of [
    [1, 0],
    [4, 0],
    [3, 2],
    [2, 5],
  ]) {
    it(`LIMIT ${count} OFFSET ${offset} (seed ${SEED})`, () => {
      const next = random(SEED);
      const below = (n: number): number => Math.floor(next() * n);
      for (let round = 0; round < 10; round++) {
        const job = new Job(node(count, offset));
        const live: Row[] = [];
        for (let step = 0; step < 60; step++) {
          const input = Array.from({ length: 1 + below(4) }, (): Row => {
            if (live.length > 0 && next() < 0.45) {
              const gone = live[below(live.length)];
              live.splice(
                live.findIndex((row) => text(row) === text(gone)),
                1,
              );
              return [next() < 0.5 ? '-D' : '-U', gone[1], gone[2]];
            }
            live.push(['+I', next() < 0.2 ? null : below(3), next() < 0.2 ? null : 'xy'[below(2)]]);
            return live[live.length - 1];
          });
          job.rows(input);
          const expected = live.slice(offset, offset + count).map(text);
          expect(left(job.output.rows), `round ${round}, step ${step}`).toEqual(expected.sort());
          if (next() < 0.3) job.restart(1 + below(3), next() < 0.2);
        }
      }
    });
  }
});

it('rows that are gone leave no state', () => {
  const state = createStateBackend();
  const context = { operatorId: 'test', state, output: new Collector(INPUT), now: () => 0, count: () => undefined };
  const limit = createCheckedOperator(node(2, 1), [INPUT], { ...context, zone: 'UTC' }, 'single', ['retract']);
  limit.process(0, batchOf(INPUT, rows('+1x +1x +2y +3z +4w +4w +1x +1x'), 'retract', false));
  limit.process(0, batchOf(INPUT, rows('-4w -4w -1x -3z -1x -2y -1x -1x'), 'retract', false));
  const empty = createStateBackend();
  createCheckedOperator(node(2, 1), [INPUT], { ...context, state: empty, zone: 'UTC' }, 'single', ['retract']);
  expect(state.snapshot(true)).toEqual(empty.snapshot(true));
});
