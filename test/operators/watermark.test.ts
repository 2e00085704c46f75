import { describe, expect, it } from 'vitest';
import { type Batch, MIN_WATERMARK } from '../../src/data/batch.ts';
import { INT, notNull, type Schema, timestamp } from '../../src/data/types.ts';
import { NO_CONTEXT } from '../../src/expressions/index.ts';
import type { Expr } from '../../src/expressions/typed.ts';
import { WatermarkGenerator } from '../../src/operators/watermark.ts';
import type { Pane } from '../../src/operators/window-time.ts';
import type { WatermarkNode } from '../../src/planner/physical.ts';
import { batchOf, random, type Row, rowsOf, SEED } from './harness.ts';
import { schema } from './nodes.ts';

const ROWTIME = timestamp(3);
const INPUT: Schema = schema(['id', INT], ['ts', ROWTIME]);
const TS: Expr = { kind: 'input', index: 1, type: ROWTIME };

function less(expr: Expr, ms: number): Expr {
  const interval = notNull({ kind: 'INTERVAL_DAY_TIME', nullable: true });
  return { kind: 'call', fn: '-', args: [expr, { kind: 'literal', value: `${ms}`, type: interval }], type: ROWTIME };
}

const DELAYED = less(TS, 5);

function watermarkNode(expr: Expr, panes: readonly Pane[], sessions = false): WatermarkNode {
  return {
    op: 'watermark',
    index: 1,
    id: 't/watermark/1',
    fingerprint: 'f',
    inputs: [0],
    schema: INPUT,
    mode: 'append',
    upsertKeys: [],
    column: 1,
    expr,
    panes,
    sessions,
    idleTimeout: 0,
  };
}

type Event = readonly ['row', number] | readonly ['WM', string, number];

function feed(
  generator: WatermarkGenerator,
  split: string,
  times: readonly (number | null)[],
  events: Event[],
  sparse = false,
): void {
  const rows = times.map((time, i): Row => ['+I', i, time]);
  const target = {
    rows: (batch: Batch) => {
      for (const row of rowsOf(INPUT, batch)) events.push(['row', row[2] as number]);
    },
    watermark: (id: string, time: number) => events.push(['WM', id, time]),
  };
  generator.process(split, batchOf(INPUT, rows, 'append', sparse), target, (row) => `topic t, offset ${row}`);
}

const TEN: readonly Pane[] = [{ size: 10, offset: 0 }];

describe('WatermarkGenerator', () => {
  for (const sparse of [false, true]) {
    it(`cuts after the row that closes a window (${sparse ? 'with' : 'without'} a selection)`, () => {
      const events: Event[] = [];
      const generator = new WatermarkGenerator(watermarkNode(TS, TEN), NO_CONTEXT);
      feed(generator, 'p0', [1, 5, 3, 9, 12, 19, 25, 24], events, sparse);
      expect(events).toEqual([
        ['row', 1],
        ['WM', 'p0', 1],
        ['row', 5],
        ['row', 3],
        ['row', 9],
        ['WM', 'p0', 9],
        ['row', 12],
        ['row', 19],
        ['WM', 'p0', 19],
        ['row', 25],
        ['row', 24],
        ['WM', 'p0', 25],
      ]);
    });
  }

  it('tells the watermark at the end of a batch that closes no window', () => {
    const events: Event[] = [];
    const generator = new WatermarkGenerator(watermarkNode(DELAYED, []), NO_CONTEXT);
    feed(generator, 'p0', [10, 30, 20], events);
    feed(generator, 'p0', [29], events);
    expect(events).toEqual([
      ['row', 10],
      ['row', 30],
      ['row', 20],
      ['WM', 'p0', 25],
      ['row', 29],
    ]);
  });

  it('keeps a watermark a split', () => {
    const events: Event[] = [];
    const generator = new WatermarkGenerator(watermarkNode(DELAYED, TEN), NO_CONTEXT);
    feed(generator, 'p0', [100], events);
    feed(generator, 'p1', [50], events);
    expect([generator.get('p0'), generator.get('p1'), generator.get('p2')]).toEqual([95, 45, MIN_WATERMARK]);
    const restored = new WatermarkGenerator(watermarkNode(DELAYED, TEN), NO_CONTEXT);
    restored.set('p0', 95);
    const after: Event[] = [];
    feed(restored, 'p0', [90, 103], after);
    expect(after).toEqual([
      ['row', 90],
      ['row', 103],
      ['WM', 'p0', 98],
    ]);
  });

  it('fails on a row without a time, naming it', () => {
    const generator = new WatermarkGenerator(watermarkNode(TS, TEN), NO_CONTEXT);
    expect(() => feed(generator, 'p0', [1, null, 2], [])).toThrowError(
      expect.objectContaining({
        code: 'null-rowtime',
        message: 'RowTime field should not be null, please convert it to a non-null long value. Row: topic t, offset 1',
      }),
    );
  });

  it('does not see NULLs of rows that are not selected', () => {
    const events: Event[] = [];
    feed(new WatermarkGenerator(watermarkNode(TS, TEN), NO_CONTEXT), 'p0', [1, 2], events, true);
    expect(events.filter(([kind]) => kind === 'row')).toHaveLength(2);
  });

  // A column less a constant is not computed row by row.
  for (const [name, same, computed] of [
    ['a delay', DELAYED, less(less(TS, 2), 3)],
    ['no delay', TS, less(less(TS, -7), 7)],
    ['a time ahead', less(TS, -5), less(less(TS, 2), -7)],
  ] as const) {
    it(`${name}: says what the computed expression says (seed ${SEED})`, () => {
      const next = random(SEED);
      for (let round = 0; round < 60; round++) {
        const node = (expr: Expr): WatermarkNode => watermarkNode(expr, round % 3 === 0 ? [] : TEN, round % 2 === 0);
        const [a, b] = [same, computed].map((expr) => new WatermarkGenerator(node(expr), NO_CONTEXT));
        const [ofA, ofB]: Event[][] = [[], []];
        let base = Math.floor(next() * 200) - 100;
        for (let batch = 0; batch < 5; batch++) {
          const times = Array.from({ length: 12 }, () => (base += Math.floor(next() * 9) - 3));
          const sparse = next() < 0.5;
          feed(a, 'p', times, ofA, sparse);
          feed(b, 'p', times, ofB, sparse);
        }
        expect(ofA).toEqual(ofB);
        expect(a.get('p')).toBe(b.get('p'));
      }
    });
  }

  it(`gives each row the same closed windows at any batch size (seed ${SEED})`, () => {
    const next = random(SEED);
    for (let round = 0; round < 50; round++) {
      const panes = [TEN[0], { size: 7, offset: 3 }];
      let base = Math.floor(next() * 200) - 100;
      const times = Array.from({ length: 60 }, () => (base += Math.floor(next() * 9) - 2));
      const expected = naive(times, panes);
      for (const size of [1, 2, 7, 60]) {
        const generator = new WatermarkGenerator(watermarkNode(DELAYED, panes), NO_CONTEXT);
        const events: Event[] = [];
        for (let i = 0; i < times.length; i += size)
          feed(generator, 'p', times.slice(i, i + size), events, next() < 0.5);
        expect(seen(events, panes), `batches of ${size}, ${times.join(' ')}`).toEqual(expected);
      }
    }
  });
});

/** For each row: the highest closed window of each pane, from the watermark before the row. */
function naive(times: readonly number[], panes: readonly Pane[]): number[][] {
  let watermark = MIN_WATERMARK;
  return times.map((time) => {
    const result = closed(watermark, panes);
    watermark = Math.max(watermark, time - 5);
    return result;
  });
}

function seen(events: readonly Event[], panes: readonly Pane[]): number[][] {
  let watermark = MIN_WATERMARK;
  const result: number[][] = [];
  for (const event of events) {
    if (event[0] === 'WM') watermark = event[2];
    else result.push(closed(watermark, panes));
  }
  return result;
}

function closed(watermark: number, panes: readonly Pane[]): number[] {
  return panes.map((pane) => Math.floor((watermark + 1 - pane.offset) / pane.size));
}
