import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedLog } from '../../src/connectors/embedded/index.ts';
import { EmbeddedRegistry } from '../../src/connectors/embedded/registry.ts';
import { RecordBatchWriter } from '../../src/connectors/record-batch/index.ts';
import { registerSchema } from '../../src/connectors/registry/index.ts';
import type { Job, JobOptions } from '../../src/runtime/job.ts';
import type { Platform } from '../../src/runtime/platform.ts';
import { openEngine, submitText, tableRows } from '../bad-input/engine.ts';
import { framed, referenceType } from '../formats/avro-reference.ts';
import { until } from '../harness/test-platform.ts';

/** A field of a writer's schema, as in Avro's JSON. */
export type Field = Readonly<{ name: string; type: unknown; default?: unknown; aliases?: readonly string[] }>;

/** A schema of records with a key `k` and more fields. */
export function recordSchema(fields: readonly Field[], first: Field = { name: 'k', type: 'string' }): string {
  return JSON.stringify({ type: 'record', name: 'Event', namespace: 'shop', fields: [first, ...fields] });
}

/** A record as its writer has it. */
export type Written = readonly [id: number, schema: string, value: unknown];

/** One record batch; every record has a schema of its own. */
export function batchOf(records: readonly Written[]): Uint8Array {
  const writer = new RecordBatchWriter();
  for (const [id, schema, value] of records) writer.append(null, framed(id, referenceType(schema), value), 0);
  return writer.finish();
}

/** A data directory with the topic `events`, a registry, and an engine that can be started anew. */
export class World {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'headwater-evolution-'));
  logged: string[] = [];
  private readonly log = new EmbeddedLog(this.dataDir);
  private readonly registry: string;
  private platform: Platform | undefined;

  constructor(registry = 'embedded') {
    this.registry = registry;
    this.log.createTopic('events', 1);
    if (registry === 'embedded') new EmbeddedRegistry(this.dataDir).setLevel('NONE');
  }

  register(schema: string): Promise<number> {
    return registerSchema(this.registry, 'events-value', schema, this.dataDir);
  }

  /** Appends one record batch. */
  append(records: readonly Written[]): void {
    this.log.append('events', 0, [batchOf(records)]);
  }

  async submit(sql: string, change: Partial<JobOptions> = {}): Promise<Job> {
    const { platform, logged } = openEngine(this.dataDir);
    this.platform = platform;
    this.logged = logged;
    return submitText(platform, sql, change);
  }

  /** Waits until so many rows are read, stops with a checkpoint and ends the engine; gives the features, sorted. */
  async stopAfter(job: Job, rows: number): Promise<string[]> {
    await until(() => (job.counters[0]?.rowsIn ?? 0) >= rows || job.status === 'failed', `${rows} rows`);
    await job.stop();
    const seen = await this.rows();
    await this.shutdown();
    return seen;
  }

  async rows(): Promise<string[]> {
    if (this.platform === undefined) return [];
    await this.platform.tables.get('seen')?.image.settled();
    return [...tableRows(this.platform, 'seen').values()].sort();
  }

  async shutdown(): Promise<void> {
    await this.platform?.shutdown();
    this.platform = undefined;
  }

  async remove(): Promise<void> {
    await this.shutdown();
    this.log.close();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/**
 * A table over the topic with columns `k STRING` and those given, and a feature per key: COUNT(*) and the value of each
 * expression.
 */
export function jobText(
  columns: string,
  aggregates: readonly (readonly [type: string, expression: string])[],
  options: Readonly<Record<string, string>> = {},
): string {
  const all = {
    connector: 'kafka',
    topic: 'events',
    'properties.bootstrap.servers': 'embedded',
    'scan.startup.mode': 'earliest-offset',
    format: 'avro-confluent',
    'avro-confluent.url': 'embedded',
    ...options,
  };
  const list = Object.entries(all).map(([key, value]) => `'${key}' = '${value.replaceAll("'", "''")}'`);
  const names = aggregates.map(([type], i) => `v${i} ${type}`).join(', ');
  return `CREATE TABLE events (k STRING, ${columns}) WITH (${list.join(', ')});
CREATE TABLE seen (k STRING, n BIGINT, ${names}, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'feature');
INSERT INTO seen SELECT k, COUNT(*), ${aggregates.map(([, expression]) => expression).join(', ')}
FROM events GROUP BY k;`;
}
