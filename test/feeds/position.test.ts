import { expect, it } from 'vitest';
import {
  decideResume,
  type FeedPosition,
  formatPosition,
  parsePosition,
  type Resume,
} from '../../src/store/feed-position.ts';

const CHECK = '0123456789abcdef';
const OTHER = 'fedcba9876543210';

it.each<[string, FeedPosition]>([
  ['1.ab12.7.0.0.0.-', { lineage: 'ab12', reached: 7, chunk: undefined }],
  [
    `1.ab12.7.7.1000000.12.${CHECK}`,
    { lineage: 'ab12', reached: 7, chunk: { epoch: 7, index: 1_000_000, rows: 12, check: CHECK } },
  ],
])('%s', (text, position) => {
  expect(formatPosition(position)).toBe(text);
  expect(parsePosition(text)).toEqual(position);
});

it.each([
  '',
  'latest',
  '7',
  '1.ab12.7.0.0.0',
  '2.ab12.7.0.0.0.-',
  '1.ab12.-7.0.0.0.-',
  '1.ab12.7.0.0.0.xyz',
  '1..7.0.0.0.-',
  '1.ab12.7.0.0.0.- ',
])("'%s' is no position", (text) => {
  expect(() => parsePosition(text)).toThrow(
    expect.objectContaining({
      code: 'bad-position',
      message: `'${text}' is no position: expected one that an earlier message had, or 'latest'`,
    }) as Error,
  );
});

type Case = readonly [
  what: string,
  position: Partial<FeedPosition>,
  baseEpoch: number,
  check: string | undefined,
  Resume,
];
const chunk = { epoch: 7, index: 0, rows: 3, check: CHECK };

/** The log has epochs up to 9. */
it.each<Case>([
  ['its chunk is there', { chunk }, 0, CHECK, 'go-on'],
  ['its chunk is the last one of what was committed', { reached: 9, chunk }, 0, CHECK, 'go-on'],
  ['it stands within a chunk', { reached: 6, chunk }, 0, CHECK, 'go-on'],
  ['another chunk is in the place', { chunk }, 0, OTHER, 'other-history'],
  ['no chunk is in the place, and none was folded', { chunk }, 0, undefined, 'other-history'],
  ['its chunk was folded', { chunk }, 7, undefined, 'history-pruned'],
  ['more than its chunk was folded', { chunk }, 8, undefined, 'history-pruned'],
  ['its chunk was folded, and it had seen all that was', { reached: 8, chunk }, 8, undefined, 'history-pruned'],
  ['another job, or begun afresh', { lineage: 'other', chunk }, 0, CHECK, 'other-history'],
  ['the log is shorter: an older file was put in place', { reached: 10, chunk }, 0, CHECK, 'other-history'],
  ['.. in the middle of an epoch', { reached: 9, chunk: { ...chunk, epoch: 10 } }, 0, undefined, 'other-history'],
  ['it has seen no chunk yet', { chunk: undefined }, 7, undefined, 'go-on'],
  ['.. and what it has not seen was folded', { chunk: undefined }, 8, undefined, 'history-pruned'],
])('%s', (_what, position, baseEpoch, check, decision) => {
  const given = { lineage: 'mine', reached: 7, chunk: undefined, ...position };
  expect(decideResume(given, { lineage: 'mine', committedEpoch: 9, baseEpoch }, check)).toBe(decision);
});
