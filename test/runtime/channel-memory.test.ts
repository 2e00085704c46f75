import { describe, expect, it } from 'vitest';
import { ChannelMemory } from '../../src/runtime/channel-memory.ts';
import { Random } from '../state/support.ts';

const BLOCK = 128 << 10;
const MOST = 16 * BLOCK;

interface Message {
  readonly arrays: readonly Uint8Array[];
  readonly content: number;
  readonly blocks: readonly number[];
}

function send(memory: ChannelMemory, random: Random, content: number, sizes: readonly number[]): Message {
  const arrays = Array.from({ length: 1 + random.int(8) }, () => memory.room(random.pick(sizes)).fill(content));
  return { arrays, content, blocks: memory.seal().map(({ number }) => number) };
}

const isShared = ({ buffer }: Uint8Array): boolean => buffer instanceof SharedArrayBuffer;

describe('the memory of a channel', () => {
  for (let seed = 1; seed <= 12; seed++) {
    it(`is not written again before what it holds was processed, seed ${seed}`, () => {
      const random = new Random(seed);
      const memory = new ChannelMemory(random.chance(0.5));
      const sizes = random.pick([
        [0, 1, 8, 100],
        [1000, 16_000, 40_000],
        [5, 4096, BLOCK - 1, BLOCK, BLOCK + 1],
      ]);
      const onTheirWay: Message[] = [];
      for (let i = 0; i < 400; i++) {
        if (random.chance(0.52)) {
          onTheirWay.push(send(memory, random, i & 0x7f, sizes));
        } else if (onTheirWay.length > 0) {
          // Channels are in order, but nothing depends on it.
          const [{ arrays, content, blocks }] = onTheirWay.splice(random.int(Math.min(3, onTheirWay.length)), 1);
          for (const array of arrays) expect(array.every((byte) => byte === content)).toBe(true);
          memory.release(blocks);
        }
        expect(memory.bytes()).toBeLessThanOrEqual(MOST);
      }
      for (const { blocks } of onTheirWay) memory.release(blocks);
      // All of it can be had again.
      const again = Array.from({ length: MOST / BLOCK }, () => memory.room(BLOCK));
      expect(again.every(isShared)).toBe(true);
      expect(new Set(again.map(({ buffer }) => buffer)).size).toBe(MOST / BLOCK);
    });
  }

  it('uses one block over and over while the receiver keeps up', () => {
    const memory = new ChannelMemory(false);
    for (let i = 0; i < 1000; i++) {
      memory.room(50_000);
      memory.release(memory.seal().map(({ number }) => number));
    }
    expect(memory.bytes()).toBe(BLOCK);
  });

  it('is used up by what nobody has processed; the rest gets memory of its own, what is larger than a block too', () => {
    const memory = new ChannelMemory(false);
    expect(isShared(memory.room(BLOCK + 1))).toBe(false);
    const given = Array.from({ length: 20 }, () => memory.room(BLOCK - 8));
    expect(given.filter(isShared).length).toBe(16);
    // What is left of the open block is.
    expect(isShared(memory.room(8))).toBe(true);
    expect(isShared(memory.room(8))).toBe(false);
    expect(memory.seal().length).toBe(16);
    expect(memory.seal()).toEqual([]);
  });

  it('overwrites what is free where that is asked for', () => {
    const memory = new ChannelMemory(true);
    const rows = memory.room(10).fill(7);
    memory.release(memory.seal().map(({ number }) => number));
    expect([...rows]).toEqual(new Array(10).fill(0xa5));
  });
});
