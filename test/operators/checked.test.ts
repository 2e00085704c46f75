import { describe, expect, it } from 'vitest';
import { type Batch, makeBatch, MAX_WATERMARK, withSelection } from '../../src/data/batch.ts';
import { columnFromValues } from '../../src/data/builder.ts';
import { INT, notNull, type Schema, STRING } from '../../src/data/types.ts';
import { EdgeChecker } from '../../src/operators/edge-checker.ts';
import type { ChangelogMode } from '../../src/planner/connector.ts';
import { batchOf, type Row } from './harness.ts';

const SCHEMA: Schema = [
  { name: 'k', type: STRING },
  { name: 'v', type: notNull(INT) },
];

function checker(mode: ChangelogMode | undefined, pairedBy?: readonly number[]): EdgeChecker {
  return new EdgeChecker({ operatorId: 't/op/1', schema: SCHEMA, mode, pairedBy });
}

const batch = (...rows: readonly Row[]): Batch => batchOf(SCHEMA, rows, 'retract', false);
const plain = (...rows: readonly Row[]): Batch => batchOf(SCHEMA, rows, 'append', false);

describe('EdgeChecker', () => {
  const good = plain(['+I', 'a', 1], ['+I', null, 2]);
  const bad: readonly [name: string, act: () => void, message: RegExp][] = [
    ['a missing column', () => checker('append').batch(makeBatch(good.columns.slice(1), 2)), /1 columns, expected 2/],
    [
      'another layout',
      () => checker('append').batch(makeBatch([...good.columns].reverse(), 2)),
      /k: layout i32, expected bytes/,
    ],
    ['too few values', () => checker('append').batch(makeBatch(good.columns, 3)), /2 values for 3 rows/],
    [
      'NULL in a NOT NULL column',
      () => checker('append').batch(makeBatch([good.columns[0], columnFromValues(INT, [1, null])], 2)),
      /NOT NULL column v is NULL in row 1/,
    ],
    ['kinds on an append edge', () => checker('append').batch(batch(['+I', 'a', 1])), /row kinds on an append edge/],
    ['no kinds on an upsert edge', () => checker('upsert').batch(good), /without row kinds/],
    ['-U on an upsert edge', () => checker('upsert').batch(batch(['-U', 'a', 1])), /-U in row 0 of a upsert edge/],
    [
      '-U alone',
      () => checker('retract', [0]).batch(batch(['-U', 'a', 1], ['+I', 'a', 1])),
      /-U in row 0 is followed by \+I/,
    ],
    ['-U at the end', () => checker('retract', [0]).batch(batch(['-U', 'a', 1])), /the last row is -U/],
    ['+U alone', () => checker('retract', [0]).batch(batch(['+U', 'a', 1])), /\+U in row 0 without -U/],
    ['a pair of two keys', () => checker('retract', [0]).batch(batch(['-U', 'a', 1], ['+U', 'b', 1])), /differ in key/],
    [
      'a selection that falls',
      () => checker('append').batch(withSelection(good, Int32Array.of(1, 0), 2)),
      /not ascending/,
    ],
    [
      'a selection out of range',
      () => checker('append').batch(withSelection(good, Int32Array.of(2), 1)),
      /row 2 of 2 rows/,
    ],
    ['a watermark that falls', () => watermarks(checker('append'), 5, 4), /4 does not rise: the last one was 5/],
    ['a watermark twice', () => watermarks(checker('append'), 5, 5), /does not rise/],
    [
      'a batch after the end',
      () => {
        const edge = checker('append');
        edge.watermark(MAX_WATERMARK);
        edge.batch(good);
      },
      /after the end of input/,
    ],
  ];
  for (const [name, act, message] of bad) {
    it(`refuses ${name}, naming the operator`, () => {
      expect(act).toThrowError(message);
      expect(act).toThrowError(/t\/op\/1/);
      expect(act).toThrowError(expect.objectContaining({ code: 'edge-contract' }));
    });
  }

  it('accepts what is right', () => {
    checker('append').batch(good);
    checker('append').batch(withSelection(good, Int32Array.of(1, 9), 1));
    checker('retract', [0]).batch(batch(['+I', 'a', 1], ['-U', 'a', 1], ['+U', 'a', 2], ['-D', null, 1]));
    checker('retract').batch(batch(['+U', 'a', 1]));
    checker('upsert').batch(batch(['+I', 'a', 1], ['+U', 'a', 2], ['-D', 'a', 1]));
    watermarks(checker('append'), -5, 0, MAX_WATERMARK);
  });
});

function watermarks(edge: EdgeChecker, ...times: readonly number[]): void {
  for (const time of times) edge.watermark(time);
}
