import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { DEFAULT_POLICY } from '../../src/checkpoint/coordinator.ts';
import { EmbeddedGroups } from '../../src/connectors/embedded/groups.ts';
import { EmbeddedLog } from '../../src/connectors/embedded/log.ts';
import { createTopic, produceBatches } from '../../src/connectors/kafka/producer.ts';
import { RecordBatchWriter } from '../../src/connectors/record-batch/writer.ts';
import { builtinConnectors } from '../../src/runtime/builtin-connectors.ts';
import type { Job } from '../../src/runtime/job.ts';
import { Platform } from '../../src/runtime/platform.ts';
import { inlineThreads } from '../../src/runtime/threads.ts';
import { planTest, testJobOptions } from '../harness/test-platform.ts';
import { type KafkaService, poll } from '../services/index.ts';

/** Topics of a cluster, or of the embedded log. */
export interface Topics {
  readonly servers: string;
  create(topic: string, partitions: number): Promise<void>;
  grow(topic: string, partitions: number): Promise<void>;
  append(topic: string, partition: number, values: readonly string[]): Promise<void>;
  commit(group: string, topic: string, offsets: readonly number[]): Promise<void>;
  committed(group: string, topic: string, partitions: number): Promise<(number | undefined)[]>;
}

function batch(values: readonly string[]): Uint8Array {
  const writer = new RecordBatchWriter();
  for (const value of values) writer.append(null, Buffer.from(value), Date.now());
  return writer.finish();
}

export function embeddedTopics(dataDir: string): Topics {
  const log = new EmbeddedLog(dataDir);
  return {
    servers: 'embedded',
    create: async (topic, partitions) => log.createTopic(topic, partitions),
    grow: async (topic, partitions) => log.addPartitions(topic, partitions),
    append: async (topic, partition, values) => void log.append(topic, partition, [batch(values)]),
    commit: async (group, topic, offsets) => {
      const groups = new EmbeddedGroups(dataDir);
      groups.commit(
        group,
        offsets.map((offset, partition) => ({ topic, partition, offset })),
      );
      groups.close();
    },
    committed: async (group, topic, partitions) =>
      Array.from({ length: partitions }, (_, i) => EmbeddedGroups.committed(dataDir, group, topic, i)),
  };
}

export function kafkaTopics(kafka: KafkaService): Topics {
  const admin = async <T>(work: (of: ReturnType<typeof kafka.client.admin>) => Promise<T>): Promise<T> => {
    const client = kafka.client.admin();
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.disconnect();
    }
  };
  return {
    servers: kafka.bootstrap,
    create: (topic, partitions) => createTopic(kafka.bootstrap, topic, partitions),
    grow: async (topic, count) => {
      await admin((client) => client.createPartitions({ topicPartitions: [{ topic, count }] }));
    },
    append: async (topic, partition, values) => {
      // A partition that was just made may not know its leader yet: then nothing was appended.
      await poll('the partition to be led', 20_000, async () => {
        await produceBatches(kafka.bootstrap, topic, partition, [batch(values)]);
        return true;
      });
    },
    commit: async (groupId, topic, offsets) => {
      const partitions = offsets.map((offset, partition) => ({ partition, offset: String(offset) }));
      await admin((client) => client.setOffsets({ groupId, topic, partitions }));
    },
    committed: async (groupId, topic, partitions) => {
      const [found] = await admin((client) => client.fetchOffsets({ groupId, topics: [topic] }));
      return Array.from({ length: partitions }, (_, i) => {
        const offset = Number(found?.partitions.find(({ partition }) => partition === i)?.offset ?? -1);
        return offset < 0 ? undefined : offset;
      });
    },
  };
}

/** A platform with the connectors of the product, on the calling thread, that can be killed and opened again. */
export class World {
  readonly dir = mkdtempSync(join(tmpdir(), 'headwater-growing-'));
  readonly logged: string[] = [];
  private opened = this.open();

  private open(): { platform: Platform; kill: () => void } {
    const connectors = builtinConnectors();
    const clock = { now: () => Date.now(), monotonic: () => performance.now() };
    const threads = inlineThreads(2, connectors, clock, true);
    const log = (level: string, message: string): void => void this.logged.push(`${level}: ${message}`);
    const platform = new Platform({ dataDir: this.dir, connectors, threads, ...clock, log });
    const kill = (): void => {
      threads.kill();
      platform.dir.close();
    };
    return { platform, kill };
  }

  start(sql: string, parallelism = 1): Promise<Job> {
    const { platform } = this.opened;
    const policy = { ...DEFAULT_POLICY, interval: 50, minPause: 20 };
    return platform.submit(planTest(sql, platform), testJobOptions({ maxRows: 7, parallelism, policy }));
  }

  /** As a crash would: nothing is finished, and the next process opens the same directory. */
  reopen(): void {
    this.opened.kill();
    this.opened = this.open();
  }

  async rows(table: string): Promise<unknown[][]> {
    const image = this.opened.platform.tables.get(table)?.image;
    await image?.settled();
    return [...(image?.allRows() ?? [])].map((row) => [...row]);
  }

  async remove(): Promise<void> {
    await this.opened.platform.shutdown();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
