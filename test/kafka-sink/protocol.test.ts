import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTopic } from '../../src/connectors/kafka/producer.ts';
import { TOPIC_PROTOCOL, type TopicProtocol } from '../../src/connectors/kafka/sink/follower.ts';
import type { SinkProgress } from '../../src/connectors/kafka/sink/target.ts';
import { contextIn, readAll, TRANSACTION_ENDS } from '../kafka/support.ts';
import { type KafkaService, requireServices, startKafka } from '../services/index.ts';
import { byKey, NumbersJob } from './support.ts';

const ready = await requireServices('kafka');
const POINTS = ['opened', 'decided', 'appended', 'before-commit', 'committed'] as const;

describe.skipIf(!ready)('writing a topic exactly once', { timeout: 120_000 }, () => {
  let kafka: KafkaService;
  let job: NumbersJob | undefined;
  let topics = 0;
  beforeAll(async () => {
    kafka = await startKafka();
  }, 120_000);
  afterAll(async () => {
    await kafka?.stop();
  });
  afterEach(() => job?.remove());

  async function newJob(where: 'broker' | 'embedded', options: Readonly<Record<string, string>> = {}) {
    const topic = `numbers-${topics++}`;
    if (where === 'broker') await createTopic(kafka.bootstrap, topic, 3);
    const servers = where === 'broker' ? kafka.bootstrap : 'embedded';
    job = new NumbersJob({
      connector: 'kafka',
      topic,
      'properties.bootstrap.servers': servers,
      'sink.topic.partitions': '3',
      'sink.delivery-guarantee': 'exactly-once',
      'sink.transactional-id-prefix': topic,
      format: 'json',
      'key.format': 'json',
      'key.fields': 'k',
      ...options,
    });
    const { folder } = job;
    const read = async () =>
      byKey(await readAll({ topic, 'properties.bootstrap.servers': servers }, contextIn(folder)));
    return { job, read };
  }

  it.each(['broker', 'embedded'] as const)('%s: killed at every point of the protocol', async (where) => {
    const { job, read } = await newJob(where);
    for (const at of POINTS) {
      for (const forgets of [true, false]) {
        job.commit(25);
        job.commit(0);
        job.commit(12);
        const killed = await job.process({ at, occurrence: at === 'appended' ? 3 : 1 }, {}, forgets);
        expect(killed, at).toBe(true);
        job.takeOver();
      }
    }
    job.commit(3);
    expect(await job.process()).toBe(false);
    await expect.poll(read, TRANSACTION_ENDS).toEqual(job.expected());
    expect(job.pending).toBe(0);
  });

  const wrong: Readonly<Record<string, () => Partial<TopicProtocol>>> = {
    'the note outside the transaction': () => {
      let before: SinkProgress = { lineage: 'none', epoch: 0 };
      return {
        commit: async (target, progress) => {
          await target.commit({ ...before, lineage: progress.lineage });
          before = progress;
          throw Object.assign(new Error('killed'), {});
        },
      };
    },
    'the note is not read': () => ({ decide: (_note, log) => ({ action: 'resume', after: log.baseEpoch }) }),
  };
  it.each(Object.keys(wrong))('a wrong protocol is found out: %s', async (name) => {
    for (const where of ['broker', 'embedded'] as const) {
      const { job, read } = await newJob(where);
      job.commit(10);
      await job.process({ at: 'committed', occurrence: 1 }, wrong[name](), false).catch(() => true);
      job.takeOver();
      await job.process(undefined, { ...TOPIC_PROTOCOL, decide: wrong[name]().decide ?? TOPIC_PROTOCOL.decide });
      expect(await read()).not.toEqual(job.expected());
      job.remove();
    }
    job = undefined;
  });

  it.each(['broker', 'embedded'] as const)(
    '%s: a zombie that wakes in mid-transaction writes nothing',
    async (where) => {
      const { job, read } = await newJob(where);
      job.commit(30);
      let wake: () => void = () => undefined;
      const asleep = new Promise<void>((resolve) => (wake = resolve));
      let fellAsleep: () => void = () => undefined;
      const sleeping = new Promise<void>((resolve) => (fellAsleep = resolve));
      const failures: string[] = [];
      const zombie = job.follower(
        {
          ...TOPIC_PROTOCOL,
          at: (point) => {
            if (point !== 'before-commit') return undefined;
            fellAsleep();
            return asleep;
          },
        },
        () => undefined,
        (error) => failures.push(error.code),
      );
      await zombie.start();
      await sleeping;
      job.takeOver();
      job.commit(20);
      await job.process();
      wake();
      await expect.poll(() => failures, { timeout: 10_000 }).toEqual(['fenced']);
      job.commit(5);
      await job.process();
      await expect.poll(read, TRANSACTION_ENDS).toEqual(job.expected());
      await zombie.stop();
    },
  );

  it('the broker dies in mid-transaction and comes back: alarm, then it goes on', async () => {
    const { job, read } = await newJob('broker');
    let restarted: Promise<void> | undefined;
    const at = async (point: string): Promise<void> => {
      if (point !== 'before-commit' || restarted !== undefined) return;
      await kafka.kill();
      restarted = kafka.start();
    };
    for (let i = 0; i < 3; i++) job.commit(500);
    await job.process(undefined, { at });
    await restarted;
    job.commit(100);
    await job.process(undefined, { at });
    expect(restarted).toBeDefined();
    await expect.poll(read, TRANSACTION_ENDS).toEqual(job.expected());
  });

  it('a transaction that the broker ended for its age is written again', async () => {
    const { job, read } = await newJob('broker', { 'properties.transaction.timeout.ms': '1000' });
    job.commit(20);
    let slow = true;
    const at = async (point: string): Promise<void> => {
      if (point !== 'before-commit' || !slow) return;
      slow = false;
      await new Promise((resolve) => setTimeout(resolve, 12_000));
    };
    await job.process(undefined, { at });
    await expect.poll(read, TRANSACTION_ENDS).toEqual(job.expected());
    expect(job.logged.join('\n')).toMatch(/error: \[producer-(lost|fenced)\].*\n.*goes on/);
  });

  it('at-least-once: goes on after what was acknowledged, and repeats what was not noted', async () => {
    const { job, read } = await newJob('broker', { 'sink.delivery-guarantee': 'at-least-once' });
    job.commit(10);
    await job.process();
    job.takeOver();
    job.commit(10);
    await job.process({ at: 'committed', occurrence: 1 });
    job.takeOver();
    await job.process();
    const seen = await read();
    for (const [key, numbers] of job.expected()) expect([...new Set(seen.get(key))]).toEqual(numbers);
    expect([...seen.values()].flat().length).toBe(30);
  });

  it('notes that do not fit the job are refused, and nothing is written', async () => {
    const { job, read } = await newJob('broker');
    job.commit(10);
    await job.process();
    const options = { 'sink.transactional-id-prefix': `numbers-${topics - 1}`, topic: `numbers-${topics - 1}` };
    const other = (await newJob('broker', options)).job;
    other.commit(5);
    await expect(other.process()).rejects.toMatchObject({
      code: 'sink-diverged',
      message: expect.stringContaining('another job with the same transactional id'),
    });
    await expect.poll(read, TRANSACTION_ENDS).toEqual(job.expected());
    job.remove();
  });
});
