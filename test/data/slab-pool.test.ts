import { describe, expect, it } from 'vitest';
import { releasePart, SlabPool } from '../../src/data/slab-pool.ts';

const KIB = 1024;

function filled(pool: SlabPool, size: number, value: number): Uint8Array {
  return pool.allocate(size).fill(value);
}

describe('a pool of slabs', () => {
  it('gives zeroed bytes at multiples of eight, in memory that threads share', () => {
    const pool = new SlabPool();
    for (const size of [1, 7, 8, 13, 100 * KIB, 300 * KIB]) {
      const bytes = pool.allocate(size);
      expect(bytes.length).toBe(size);
      expect(bytes.byteOffset % 8).toBe(0);
      expect(bytes.every((byte) => byte === 0)).toBe(true);
      expect(bytes.buffer).toBeInstanceOf(SharedArrayBuffer);
      bytes.fill(0xff);
    }
  });

  it('does not use the memory of an epoch again before it is released, and then zeroed', () => {
    const pool = new SlabPool();
    const first = filled(pool, 200 * KIB, 1);
    pool.seal(1);
    const second = filled(pool, 200 * KIB, 2);
    pool.seal(2);
    const third = filled(pool, 200 * KIB, 3);
    expect(new Set([first.buffer, second.buffer, third.buffer]).size).toBe(3);
    expect([first[0], second[0], third[0]]).toEqual([1, 2, 3]);

    pool.release(1);
    const fourth = pool.allocate(200 * KIB);
    expect(fourth.buffer).toBe(first.buffer);
    expect(fourth[0]).toBe(0);
    expect([second[0], third[0]]).toEqual([2, 3]);
  });

  it('takes a release for all earlier epochs too, not for later ones', () => {
    const pool = new SlabPool();
    const slabs = [1, 2, 3].map((epoch) => {
      const bytes = filled(pool, 200 * KIB, epoch);
      pool.seal(epoch);
      return bytes.buffer;
    });
    pool.release(2);
    const again = [pool.allocate(200 * KIB).buffer, pool.allocate(200 * KIB).buffer, pool.allocate(200 * KIB).buffer];
    expect(again.slice(0, 2).sort(byIndexIn(slabs))).toEqual(slabs.slice(0, 2));
    expect(slabs).not.toContain(again[2]);
  });

  it('does not put two epochs into one slab', () => {
    const pool = new SlabPool();
    const first = pool.allocate(8);
    pool.seal(1);
    expect(pool.allocate(8).buffer).not.toBe(first.buffer);
  });

  it('uses a slab again once each of its parts was read, before the epoch is released', () => {
    const pool = new SlabPool();
    const parts = [1, 2, 3, 4].map((value) => filled(pool, 100 * KIB, value));
    pool.seal(1, parts);
    expect(parts[0].buffer).toBe(parts[1].buffer);
    expect(pool.inFlightBytes()).toBe(2 * 256 * KIB);
    releasePart(parts[0]);
    expect(parts.map(({ buffer }) => buffer)).not.toContain(pool.allocate(200 * KIB).buffer);
    releasePart(parts[1]);
    expect(pool.inFlightBytes()).toBe(256 * KIB);
    expect(pool.allocate(200 * KIB).buffer).toBe(parts[0].buffer);
    expect(parts.slice(2).map((part) => part[0])).toEqual([3, 4]);
    // What is in use again is not released with the epoch that it was part of.
    pool.release(1);
    const others = [pool.allocate(200 * KIB).buffer, pool.allocate(200 * KIB).buffer];
    expect(others).toContain(parts[2].buffer);
    expect(others).not.toContain(parts[0].buffer);
  });

  it('uses a slab again at once when no part of its epoch is in it', () => {
    const pool = new SlabPool();
    const discarded = pool.allocate(200 * KIB);
    const kept = filled(pool, 200 * KIB, 7);
    pool.seal(1, [kept]);
    expect(pool.allocate(200 * KIB).buffer).toBe(discarded.buffer);
    expect(pool.allocate(200 * KIB).buffer).not.toBe(kept.buffer);
    expect(kept[0]).toBe(7);
  });

  it('does not look for parts that were read in an epoch without known parts', () => {
    const pool = new SlabPool();
    const state = filled(pool, 200 * KIB, 7);
    pool.seal(1);
    expect(pool.allocate(200 * KIB).buffer).not.toBe(state.buffer);
  });

  it('does not count what lies outside its slabs', () => {
    const pool = new SlabPool();
    const large = pool.allocate(65 * KIB * KIB);
    pool.seal(1, [large]);
    releasePart(large);
    expect(pool.bytes()).toBe(0);
  });

  it('keeps what is used now and then, and gives back what was idle for long', () => {
    const pool = new SlabPool();
    for (let epoch = 1; epoch <= 20; epoch++) {
      for (let i = 0; i < 10; i++) pool.allocate(200 * KIB);
      pool.seal(epoch);
      pool.release(epoch);
      expect(pool.bytes()).toBe(10 * 256 * KIB);
    }
    for (let epoch = 21; epoch <= 60; epoch++) {
      pool.allocate(8);
      pool.seal(epoch);
      pool.release(epoch);
    }
    expect(pool.bytes()).toBe(256 * KIB);
  });

  it('does not keep the memory of something very large', () => {
    const pool = new SlabPool();
    expect(pool.allocate(65 * KIB * KIB).buffer).toBeInstanceOf(ArrayBuffer);
    expect(pool.bytes()).toBe(0);
  });
});

function byIndexIn<T>(list: readonly T[]): (a: T, b: T) => number {
  return (a, b) => list.indexOf(a) - list.indexOf(b);
}
