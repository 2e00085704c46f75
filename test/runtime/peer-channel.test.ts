import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { type Batch, type Element, makeBatch } from '../../src/data/batch.ts';
import { columnFromValues } from '../../src/data/builder.ts';
import { readValue } from '../../src/data/read.ts';
import { INT, type Schema } from '../../src/data/types.ts';
import { ChannelMemory } from '../../src/runtime/channel-memory.ts';
import { Exchange } from '../../src/runtime/exchange.ts';
import { InputGate } from '../../src/runtime/input-gate.ts';
import type { PeerMessage } from '../../src/runtime/messages.ts';
import { PeerLink } from '../../src/runtime/peer-channel.ts';
import { randomColumn, TYPES, valuesOf } from '../data/random-column.ts';
import { Random } from '../state/support.ts';

const EDGE = 5;
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Both ends of an edge with one sender, and the messages that pass. */
function edge(schema: Schema) {
  const { port1, port2 } = new MessageChannel();
  const messages: PeerMessage[] = [];
  port2.on('message', (message: PeerMessage) => messages.push(message));
  const sending = new PeerLink(port1, () => undefined);
  const receiving = new PeerLink(port2, () => undefined);
  closing.push(
    () => sending.close(),
    () => receiving.close(),
  );
  const memory = new ChannelMemory(true);
  const sender = sending.sender(EDGE, memory);
  const received: Element[] = [];
  const values: unknown[] = [];
  const gate = new InputGate({
    batch: (_input, batch) => {
      received.push({ type: 'batch', batch });
      values.push(batch.columns.map((column) => valuesOf(column, batch.length)));
    },
    watermark: (time) => received.push({ type: 'watermark', time }),
    barrier: (epoch) => received.push({ type: 'barrier', epoch }),
  });
  receiving.receive(EDGE, gate, 0);
  return { exchange: new Exchange(schema, [], [sender]), sender, memory, gate, received, values, messages };
}

/** Messages between ports arrive in later turns of the event loop. */
const arrive = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

function numbers(from: number, count: number): Batch {
  return makeBatch(
    [
      columnFromValues(
        INT,
        Array.from({ length: count }, (_, i) => from + i),
      ),
    ],
    count,
  );
}

const NUMBERS: Schema = [{ name: 'n', type: INT }];

describe('an edge between threads', () => {
  for (let seed = 1; seed <= 10; seed++) {
    it(`brings rows of all types as they were, seed ${seed}`, async () => {
      const random = new Random(seed);
      const schema = TYPES.map((type, i) => ({ name: `c${i}`, type }));
      const { exchange, gate, values, messages } = edge(schema);
      const sent: unknown[] = [];
      for (let i = 0; i < 5; i++) {
        const count = random.pick([1, 7, 100]);
        const columns = TYPES.map((type) => randomColumn(random, type, count));
        sent.push(columns.map((column) => valuesOf(column, count)));
        exchange.emit(makeBatch(columns, count, random.chance(0.5) ? new Uint8Array(count) : undefined));
      }
      await arrive();
      while (gate.step());
      expect(values).toEqual(sent);
      // A block is sent once, and no array beside it.
      expect(messages.flatMap((message) => (message.type === 'element' ? message.memory : [])).length).toBe(1);
      expect(messages.flatMap(buffersOf)).toEqual([]);
    });
  }

  it('gives memory and credit back when the rows were processed, not when they arrive', async () => {
    const { exchange, sender, memory, gate, received } = edge(NUMBERS);
    const rows = 30_000;
    for (let i = 0; i < 9; i++) exchange.emit(numbers(i, rows));
    expect([sender.blocked, memory.bytes()]).toEqual([true, 9 * (128 << 10)]);
    await arrive();
    expect(sender.blocked).toBe(true);
    for (let i = 0; i < 9; i++) {
      const [first, last] = [i, i + rows - 1];
      expect(gate.step()).toBe(true);
      const element = received[i];
      if (element.type !== 'batch') throw new Error(element.type);
      const [column] = element.batch.columns;
      expect([readValue(INT, column, 0), readValue(INT, column, rows - 1)]).toEqual([first, last]);
    }
    await arrive();
    for (let i = 0; i < 9; i++) exchange.emit(numbers(i, rows));
    expect(memory.bytes()).toBe(9 * (128 << 10));
  });

  it('takes what has no room in the memory of the channel along as a copy', async () => {
    const { exchange, memory, gate, values } = edge(NUMBERS);
    for (let i = 0; i < 20; i++) exchange.emit(numbers(i, 32_000));
    expect(memory.bytes()).toBe(16 * (128 << 10));
    await arrive();
    while (gate.step());
    expect(values.map((columns) => (columns as number[][])[0][0])).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it('keeps the order of rows, watermarks and barriers', async () => {
    const { exchange, gate, received } = edge(NUMBERS);
    exchange.broadcast({ type: 'watermark', time: 1 });
    exchange.emit(numbers(1, 1));
    exchange.broadcast({ type: 'barrier', epoch: 7 });
    exchange.emit(numbers(2, 1));
    await arrive();
    while (gate.step());
    expect(received.map(({ type }) => type)).toEqual(['watermark', 'batch', 'barrier', 'batch']);
  });
});

/** Arrays in a message, whatever they are part of. */
function buffersOf(value: unknown): readonly unknown[] {
  if (ArrayBuffer.isView(value)) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(buffersOf) : [];
}
