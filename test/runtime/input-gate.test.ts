import { describe, expect, it } from 'vitest';
import { type Element, makeBatch } from '../../src/data/batch.ts';
import { InputGate } from '../../src/runtime/input-gate.ts';

const rows = (n: number): Element => ({ type: 'batch', batch: makeBatch([], n) });
const watermark = (time: number): Element => ({ type: 'watermark', time });
const barrier = (epoch: number): Element => ({ type: 'barrier', epoch });

function gateOf(channels: number) {
  const seen: string[] = [];
  const credits: number[] = new Array<number>(channels).fill(0);
  const inner = new InputGate({
    batch: (input, batch) => seen.push(`rows ${batch.length} of ${input}`),
    watermark: (time) => seen.push(`watermark ${time}`),
    barrier: (epoch) => seen.push(`barrier ${epoch}`),
  });
  for (let i = 0; i < channels; i++) inner.addChannel(i);
  const gate = {
    offer: (channel: number, element: Element, bytes: number) =>
      inner.offer(channel, element, bytes, () => (credits[channel] += bytes)),
    step: () => inner.step(),
    bytes: () => inner.bytes(),
  };
  const run = (): string[] => {
    while (gate.step());
    return seen.splice(0);
  };
  return { gate, run, credits };
}

describe('InputGate', () => {
  it('merges watermarks by minimum and only forwards rising ones', () => {
    const { gate, run } = gateOf(2);
    gate.offer(0, watermark(10), 0);
    expect(run()).toEqual([]);
    gate.offer(1, watermark(5), 0);
    expect(run()).toEqual(['watermark 5']);
    gate.offer(1, watermark(20), 0);
    gate.offer(0, watermark(10), 0);
    expect(run()).toEqual(['watermark 10']);
  });

  it('holds back a channel behind its barrier until all have it', () => {
    const { gate, run } = gateOf(2);
    gate.offer(0, barrier(1), 0);
    gate.offer(0, rows(1), 1);
    gate.offer(1, rows(2), 1);
    expect(run()).toEqual(['rows 2 of 1']);
    gate.offer(1, rows(3), 1);
    gate.offer(1, barrier(1), 0);
    gate.offer(1, rows(4), 1);
    expect(run()).toEqual(['rows 3 of 1', 'barrier 1', 'rows 1 of 0', 'rows 4 of 1']);
  });

  it('aligns two barriers on their way one after the other', () => {
    const { gate, run } = gateOf(2);
    for (const element of [barrier(1), rows(1), barrier(2)]) gate.offer(0, element, 0);
    gate.offer(1, barrier(1), 0);
    expect(run()).toEqual(['barrier 1', 'rows 1 of 0']);
    gate.offer(1, barrier(2), 0);
    expect(run()).toEqual(['barrier 2']);
  });

  it('gives credit back once an element was processed, not when it arrives', () => {
    const { gate, run, credits } = gateOf(2);
    gate.offer(0, barrier(1), 0);
    gate.offer(0, rows(1), 100);
    expect(gate.bytes()).toBe(100);
    run();
    expect(credits).toEqual([0, 0]);
    gate.offer(1, barrier(1), 0);
    run();
    expect(credits).toEqual([100, 0]);
    expect(gate.bytes()).toBe(0);
  });
});
