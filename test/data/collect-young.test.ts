import { describe, expect, it } from 'vitest';
import { collectYoung } from '../../src/data/collect-young.ts';
import { until } from '../harness/test-platform.ts';

const MIB = 1 << 20;

describe('collectYoung', () => {
  it('frees blobs that were dropped, which V8 would keep for longer, and leaves no gc behind', async () => {
    const held = (): number => process.memoryUsage().arrayBuffers;
    collectYoung();
    const before = held();
    let bytes = 0;
    for (let i = 0; i < 24; i++) bytes += Buffer.alloc(MIB, 1).length;
    expect(bytes).toBe(24 * MIB);
    expect(held() - before).toBeGreaterThan(20 * MIB);
    collectYoung();
    // They are given back by a thread of V8's own.
    await until(() => held() - before < 4 * MIB, 'the blobs to be freed');
    expect('gc' in globalThis).toBe(false);
  });
});
