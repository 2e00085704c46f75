import { expect, it } from 'vitest';
import { makeBatch } from '../../src/data/batch.ts';
import { columnFromValues } from '../../src/data/builder.ts';
import { SlabPool } from '../../src/data/slab-pool.ts';
import { INT, STRING, timestamp } from '../../src/data/types.ts';
import { createCheckedOperator } from '../../src/operators/checked.ts';
import type { Output } from '../../src/operators/operator.ts';
import { Fanout } from '../../src/runtime/fanout.ts';
import { OperatorNode } from '../../src/runtime/operator-node.ts';
import { createStateBackend } from '../../src/state/backend.ts';
import { contextFor } from './harness.ts';
import { call, schema, windowNode } from './nodes.ts';

const INPUT = schema(['k', STRING], ['ts', timestamp(3)], ['v', INT]);
const KEYS = 10_000;

it('what the first phase of a window aggregate holds is counted as memory', () => {
  const node = windowNode(INPUT, {
    size: 10,
    time: 'ts',
    keys: ['k'],
    calls: [call(INPUT, 'SUM', 'v')],
    twoPhase: true,
  });
  const output: Output = { emit: () => undefined, watermark: () => undefined };
  const holder = new OperatorNode({
    id: 'w',
    task: 0,
    operator: createCheckedOperator(node, [INPUT], contextFor(output), 'local'),
    backend: createStateBackend(),
    output: new Fanout(),
    slabs: new SlabPool(),
    isFull: () => false,
    onBarrier: () => undefined,
  });
  const before = holder.bytes();
  const keys = Array.from({ length: KEYS }, (_, i) => `a key that takes some room ${i}`);
  const columns = [
    columnFromValues(STRING, keys),
    columnFromValues(
      timestamp(3),
      keys.map(() => ({ millis: 1, nanos: 0 })),
    ),
    columnFromValues(
      INT,
      keys.map((_, i) => i),
    ),
  ];
  holder.batch(0, makeBatch(columns, KEYS));
  const keyBytes = keys.reduce((sum, key) => sum + key.length, 0);
  expect(holder.bytes() - before).toBeGreaterThan(keyBytes);
});
