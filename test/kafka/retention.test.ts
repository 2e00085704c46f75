import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedLog } from '../../src/connectors/embedded/log.ts';
import { RecordBatchWriter } from '../../src/connectors/record-batch/writer.ts';
import { headwater } from '../cli/command.ts';
import { contextIn, drain, rawConnector, readAll, specOf } from './support.ts';

const EVENTS = { topic: 'events', 'properties.bootstrap.servers': 'embedded' };
const PAD = 'x'.repeat(1000);

describe('what a topic of the embedded log does not keep', () => {
  let dir: string;
  let now: number;
  let log: EmbeddedLog;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'headwater-retention-'));
    now = 1_000_000;
    log = new EmbeddedLog(dir, () => now);
  });
  afterEach(() => {
    log.close();
    rmSync(dir, { recursive: true, force: true });
  });

  /** A batch of ten records of a kilobyte, at a time. */
  function append(partition: number, first: number, time: number): void {
    const writer = new RecordBatchWriter();
    for (let i = first; i < first + 10; i++) writer.append(null, Buffer.from(`${i}:${PAD}`), time);
    log.append('events', partition, [writer.finish()]);
  }
  const numbers = async (options: Record<string, string> = {}): Promise<number[]> =>
    [...(await readAll({ ...EVENTS, ...options }, contextIn(dir))).values()].flat().map((text) => parseInt(text, 10));
  const from = (first: number, end: number): number[] => Array.from({ length: end - first }, (_, i) => first + i);

  it('by time: the front of a partition goes, as far as all of it is too old; the newest batch stays', async () => {
    log.createTopic('events', 2, { 'retention.ms': '5000' });
    // The third is younger than the fourth: what is behind it stays.
    for (const [i, time] of [0, 1000, 9000, 2000, 9500].entries()) append(0, i * 10, now + time);
    append(1, 0, now);
    now += 10_000;
    log.trim('events');
    expect(log.describe('events').partitions).toEqual([
      { start: 20, end: 50 },
      { start: 0, end: 10 },
    ]);
    expect(await numbers()).toEqual([...from(20, 50), ...from(0, 10)]);
    now += 100_000;
    log.trim('events');
    expect(log.describe('events').partitions[0]).toEqual({ start: 40, end: 50 });
    // An append looks too, when it is time.
    append(0, 50, now);
    expect((await numbers()).slice(0, 10)).toEqual(from(50, 60));
  });

  it('by bytes, while it is written, and the file grows no more', () => {
    log.createTopic('events', 1, { 'retention.bytes': '100000' });
    for (let i = 0; i < 200; i++) {
      append(0, i * 10, now);
      now += 1000;
    }
    const { start, end } = log.describe('events').partitions[0];
    expect(end).toBe(2000);
    // At least 100,000 bytes stay, and what came since it was looked at last, ten seconds ago.
    expect(end - start).toBeGreaterThanOrEqual(90);
    expect(end - start).toBeLessThanOrEqual(90 + 10 + 100);
    log.close();
    // Two megabytes were written.
    expect(statSync(join(dir, 'log', 'topic-events.db')).size).toBeLessThan(1_000_000);
  });

  it('a reader whose position was deleted fails loudly, at once and from a checkpoint; damage is told apart', async () => {
    log.createTopic('events', 1, { 'retention.ms': '5000' });
    for (let i = 0; i < 5; i++) append(0, i * 10, now + i * 1000);
    const context = contextIn(dir);
    const spec = specOf(EVENTS);
    const [{ split, start }] = await rawConnector.discover(spec, context);
    now += 8000;
    log.trim('events');
    expect(log.startOffset('events', 0)).toBe(30);
    for (const offset of ['0', '17', '29']) {
      const reader = await rawConnector.open(spec, [{ split, position: { ...start, offset } }], context);
      await expect(drain(reader, { enough: (rows) => rows > 0 })).rejects.toMatchObject({
        code: 'offset-out-of-range',
        message: expect.stringContaining(`topic events, partition 0, offset ${offset}: the embedded log no longer has`),
      });
      await reader.close();
    }
    const group = { 'scan.startup.mode': 'specific-offsets', 'scan.startup.specific-offsets': 'partition:0,offset:3' };
    await expect(numbers(group)).rejects.toThrow('it has 30 to 50');
  });

  it('headwater topics makes topics, gives them partitions and options, and shows them', async () => {
    const topics = (...args: string[]) => headwater(['topics', ...args, '--data-dir', dir]);
    expect((await topics('create', 'events', '--partitions', '2', '--config', 'retention.ms=5000')).code).toBe(0);
    append(0, 0, now - 9000);
    append(0, 10, now);
    expect((await topics('alter', 'events', '--partitions', '3', '--config', 'retention.bytes=10')).stdout).toBe(
      'events: 3 partitions, 20 offsets, retention.ms=5000, retention.bytes=10\n',
    );
    expect((await topics('trim', 'events')).stdout).toContain('events: 3 partitions, 10 offsets');
    append(2, 0, now);
    expect(JSON.parse((await topics('list', '--json')).stdout)).toEqual({
      topics: [
        {
          topic: 'events',
          partitions: [
            { start: 10, end: 20 },
            { start: 0, end: 0 },
            { start: 0, end: 10 },
          ],
          config: { 'retention.ms': 5000, 'retention.bytes': 10 },
        },
      ],
    });
    for (const [args, message] of [
      [['alter', 'events', '--partitions', '1'], 'has 3 partitions, given 1; expected as many or more'],
      [['alter', 'events', '--config', 'cleanup.policy=compact'], "no option 'cleanup.policy'"],
      [['alter', 'none'], 'topic none does not exist'],
      [['drop', 'events'], "there is no 'drop'"],
    ] as const) {
      const { code, stderr } = await topics(...args);
      expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    }
  }, 60_000);
});
