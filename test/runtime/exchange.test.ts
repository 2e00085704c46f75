import { describe, expect, it } from 'vitest';
import { type Batch, DELETE, type Element, INSERT, makeBatch, withSelection } from '../../src/data/batch.ts';
import { columnFromValues } from '../../src/data/builder.ts';
import { keyGroupOf, taskOfKeyGroup } from '../../src/data/hash.ts';
import { readValue } from '../../src/data/read.ts';
import { BIGINT, type Schema, STRING } from '../../src/data/types.ts';
import { compileKeyEncoder, newKeyBatch } from '../../src/expressions/index.ts';
import { Exchange } from '../../src/runtime/exchange.ts';

const SCHEMA: Schema = [
  { name: 'n', type: BIGINT },
  { name: 'k', type: STRING },
];

interface Sent {
  readonly n: string;
  readonly k: string;
  readonly kind: number;
}

/** Rows n = 0 .. count - 1 with few keys; odd rows are deletes. */
function batchOf(count: number): Batch {
  const numbers = Array.from({ length: count }, (_, i) => i);
  const n = columnFromValues(BIGINT, numbers.map(BigInt));
  const k = columnFromValues(
    STRING,
    numbers.map((i) => `key ${i % 37}`),
  );
  return makeBatch(
    [n, k],
    count,
    Uint8Array.from(numbers, (i) => (i % 2 === 0 ? INSERT : DELETE)),
  );
}

function send(batch: Batch, keys: readonly number[], parallelism: number): Sent[][] {
  const sent: Sent[][] = Array.from({ length: parallelism }, () => []);
  const senders = sent.map((rows) => ({
    blocked: false,
    room: undefined,
    send: (element: Element) => {
      if (element.type === 'batch') rows.push(...rowsOf(element.batch));
    },
  }));
  const exchange = new Exchange(SCHEMA, keys, senders);
  // Nothing of an earlier batch is left in the next one.
  exchange.emit(batchOf(50));
  for (const rows of sent) rows.length = 0;
  exchange.emit(batch);
  return sent;
}

function rowsOf({ columns: [n, k], kinds, length, selection }: Batch): Sent[] {
  expect(selection).toBeUndefined();
  return Array.from({ length }, (_, i) => ({
    n: String(readValue(BIGINT, n, i)),
    k: String(readValue(STRING, k, i)),
    kind: kinds?.[i] ?? -1,
  }));
}

function taskOf(key: string, parallelism: number): number {
  const encoded = newKeyBatch(1);
  const column = columnFromValues(STRING, [key]);
  compileKeyEncoder([STRING]).encode([column], makeBatch([column], 1), encoded);
  return taskOfKeyGroup(keyGroupOf(encoded.hashes[0]), parallelism);
}

describe('a keyed exchange', () => {
  for (const parallelism of [1, 2, 3, 7, 128]) {
    for (const [what, batch] of [
      ['all rows', batchOf(1000)],
      [
        'selected rows',
        withSelection(
          batchOf(1000),
          Int32Array.from({ length: 400 }, (_, i) => i * 2 + 1),
          333,
        ),
      ],
      ['one row', batchOf(1)],
    ] as const) {
      it(`sends ${what} to the owners of their keys among ${parallelism}, in order`, () => {
        const sent = send(batch, [1], parallelism);
        const chosen = batch.selection ?? Int32Array.from({ length: batch.length }, (_, i) => i);
        const expected: Sent[][] = Array.from({ length: parallelism }, () => []);
        for (const row of chosen.subarray(0, batch.selectedCount)) {
          const k = `key ${row % 37}`;
          expected[taskOf(k, parallelism)].push({ n: String(row), k, kind: row % 2 === 0 ? INSERT : DELETE });
        }
        expect(sent).toEqual(expected);
      });
    }
  }

  it('without keys sends everything to the first task', () => {
    const sent = send(batchOf(10), [], 3);
    expect(sent.map((rows) => rows.length)).toEqual([10, 0, 0]);
  });

  it('sends nothing of a batch without rows', () => {
    expect(send(withSelection(batchOf(10), new Int32Array(10), 0), [1], 2)).toEqual([[], []]);
  });
});
