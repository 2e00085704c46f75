import { describe, expect, it } from 'vitest';
import { SlabPool } from '../../src/data/slab-pool.ts';

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
