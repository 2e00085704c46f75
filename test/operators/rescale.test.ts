import { describe, expect, it } from 'vitest';
import { type Batch, MAX_WATERMARK, withSelection } from '../../src/data/batch.ts';
import { keyGroupOf, keyGroupsOfTask, taskOfKeyGroup } from '../../src/data/hash.ts';
import { BOOLEAN, DOUBLE, INT, type Schema, STRING, timestamp } from '../../src/data/types.ts';
import { compileKeyEncoder, newKeyBatch } from '../../src/expressions/index.ts';
import { createCheckedOperator } from '../../src/operators/checked.ts';
import { partialSchema } from '../../src/operators/factory.ts';
import type { Operator, Output } from '../../src/operators/operator.ts';
import type { WindowAggregateNode, WindowSpec } from '../../src/planner/physical.ts';
import { createStateBackend } from '../../src/state/backend.ts';
import type { StateBackend, StateBlob } from '../../src/state/contracts.ts';
import { batchOf, Collector, random, type Row, SEED, sortBetweenWatermarks } from './harness.ts';
import { windowRows } from './naive.ts';
import { call, schema, windowNode } from './nodes.ts';

const INPUT: Schema = schema(['k', STRING], ['ts', timestamp(3)], ['v', INT], ['d', DOUBLE], ['keep', BOOLEAN]);
const CALLS = [
  call(INPUT, 'COUNT'),
  call(INPUT, 'SUM', 'v', { filter: 'keep' }),
  call(INPUT, 'AVG', 'd'),
  call(INPUT, 'MAX', 'v'),
];
const DISTINCT = call(INPUT, 'COUNT', 'v', { distinct: true });

/** A window aggregate in so many tasks, rows spread over their sources in turn. */
class Job {
  readonly output: Collector;
  late = 0;
  private readonly node: WindowAggregateNode;
  private readonly tasks: { readonly backend: StateBackend; readonly entry: Operator }[] = [];
  private readonly windows: Operator[] = [];
  private next = 0;

  constructor(node: WindowAggregateNode, parallelism: number, blobs: readonly StateBlob[]) {
    this.node = node;
    this.output = new Collector(node.schema);
    const twoPhase = parallelism > 1 && node.twoPhase;
    for (let task = 0; task < parallelism; task++) {
      const backend = createStateBackend();
      const schemaIn = twoPhase ? partialSchema(node, INPUT) : INPUT;
      const output: Output = { emit: (batch) => this.output.emit(batch), watermark: () => undefined };
      const window = this.operator(twoPhase ? 'global' : 'single', schemaIn, backend, output);
      if (blobs.length > 0) backend.restore(blobs, keyGroupsOfTask(task, parallelism));
      this.windows.push(window);
      const exchange = this.exchange(twoPhase ? node.keys.map((_key, i) => i) : node.keys, schemaIn, parallelism);
      const entry = twoPhase ? this.operator('local', INPUT, createStateBackend(), exchange) : forward(exchange);
      this.tasks.push({ backend, entry });
    }
  }

  row(row: Row): void {
    const task = this.tasks[this.next++ % this.tasks.length];
    task.entry.process(0, batchOf(INPUT, [row], 'append', false));
  }

  watermark(time: number): void {
    for (const { entry } of this.tasks) entry.watermark(time);
    for (const window of this.windows) window.watermark(time);
    this.output.watermark(time);
  }

  stop(): StateBlob[] {
    for (const { entry } of this.tasks) entry.flush?.();
    return this.tasks.flatMap(({ backend }) => backend.snapshot(true));
  }

  private operator(
    phase: 'single' | 'local' | 'global',
    schemaIn: Schema,
    state: StateBackend,
    output: Output,
  ): Operator {
    const count = (_counter: string, by: number): void => void (this.late += by);
    const context = { operatorId: `test/${phase}`, state, output, zone: 'UTC', now: () => 0, count };
    return createCheckedOperator(this.node, [schemaIn], context, phase, ['append']);
  }

  /** Sends each row to the task that owns its key; watermarks go to the windows once all tasks have them. */
  private exchange(keys: readonly number[], schemaIn: Schema, parallelism: number): Output {
    const encoder = compileKeyEncoder(keys.map((key) => schemaIn[key].type));
    const encoded = newKeyBatch(16);
    const emit = (batch: Batch): void => {
      encoder.encode(
        keys.map((key) => batch.columns[key]),
        batch,
        encoded,
      );
      for (let i = 0; i < batch.selectedCount; i++) {
        const row = batch.selection === undefined ? i : batch.selection[i];
        const task = taskOfKeyGroup(keyGroupOf(encoded.hashes[i]), parallelism);
        this.windows[task].process(0, withSelection(batch, Int32Array.of(row), 1));
      }
    };
    return { emit, watermark: () => undefined };
  }
}

function forward(output: Output): Operator {
  return { process: (_input, batch) => output.emit(batch), watermark: (time) => output.watermark(time) };
}

function steps(seed: number): Row[] {
  const next = random(seed);
  let time = 0;
  let watermark = -100;
  const rows = Array.from({ length: 300 }, (_, i): Row => {
    time += Math.floor(next() * 3);
    if (i % 10 === 9) return ['WM', (watermark = Math.max(watermark + 1, time - 6))];
    const key = next() < 0.05 ? null : `key-${Math.floor(next() * 40)}`;
    return [
      '+I',
      key,
      time - Math.floor(next() * 14),
      Math.floor(next() * 9),
      Math.floor(next() * 9) / 4,
      next() < 0.5,
    ];
  });
  return [...rows, ['WM', MAX_WATERMARK]];
}

const TUMBLE: WindowSpec = { kind: 'tumble', size: 10, offset: 0 };
const SESSION: WindowSpec = { kind: 'session', gap: 4 };

const MOVES = [['k'], ['k', 'keep'], []].flatMap((keys) => [
  { what: 'two phases', keys, window: TUMBLE, calls: CALLS, twoPhase: true },
  { what: 'with DISTINCT', keys, window: TUMBLE, calls: [...CALLS, DISTINCT], twoPhase: false },
  { what: 'sessions', keys, window: SESSION, calls: CALLS, twoPhase: false },
  { what: 'sessions with DISTINCT', keys, window: SESSION, calls: [...CALLS, DISTINCT], twoPhase: false },
]);

describe('a window aggregate moves between parallelisms', () => {
  for (const { what, keys, ...parts } of MOVES) {
    it(`1 -> 2 -> 3 -> 1, keys ${keys.join(', ')}, ${what} (seed ${SEED})`, () => {
      const node = windowNode(INPUT, { ...parts, time: 'ts', keys });
      const all = steps(SEED);
      const rows: Row[] = [];
      let late = 0;
      let blobs: StateBlob[] = [];
      let from = 0;
      for (const [parallelism, to] of [
        [1, 80],
        [2, 155],
        [3, 222],
        [1, all.length],
      ]) {
        const job = new Job(node, parallelism, blobs);
        for (const step of all.slice(from, to)) {
          if (step[0] === 'WM') job.watermark(Number(step[1]));
          else job.row(step);
        }
        blobs = job.stop();
        rows.push(...job.output.rows);
        late += job.late;
        from = to;
      }
      const expected = windowRows(node, all);
      expect(sortBetweenWatermarks(rows.filter(([op]) => op !== 'WM'))).toEqual(sortBetweenWatermarks(expected.rows));
      expect(late).toBe(expected.late);
      if (keys.length > 0) expect(late).toBeGreaterThan(0);
    });
  }
});
