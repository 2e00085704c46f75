import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EmbeddedLog } from '../../src/connectors/embedded/log.ts';
import { kafkaConnector } from '../../src/connectors/kafka/connector.ts';
import { createTopic, produceBatches } from '../../src/connectors/kafka/producer.ts';
import { RecordBatchWriter } from '../../src/connectors/record-batch/writer.ts';
import { registerSchema } from '../../src/connectors/registry/index.ts';
import { readValue } from '../../src/data/read.ts';
import { BIGINT, DOUBLE, type Schema, STRING } from '../../src/data/types.ts';
import { compileAvroEncoder } from '../../src/formats/index.ts';
import {
  type KafkaService,
  type RegistryService,
  requireServices,
  startApicurio,
  startKafka,
} from '../services/index.ts';
import { contextIn, type Rows } from './support.ts';

const EARLY: Schema = [
  { name: 'id', type: BIGINT },
  { name: 'name', type: STRING },
];
const LATE: Schema = [...EARLY, { name: 'price', type: DOUBLE }];
const RECORDS = 1000;
const ready = await requireServices('kafka', 'apicurio');

interface Place {
  readonly servers: string;
  readonly registry: string;
  readonly dataDir: string;
}

/** Batches whose records change between two writer schemas. */
async function avroBatches({ registry, dataDir }: Place): Promise<Uint8Array[]> {
  const versions = await Promise.all(
    [EARLY, LATE].map(async (schema) => {
      const encoder = compileAvroEncoder(schema);
      return {
        encoder,
        id: await registerSchema(registry, `topic-${schema.length}-value`, encoder.schemaText, dataDir),
      };
    }),
  );
  const writer = new RecordBatchWriter();
  const batches: Uint8Array[] = [];
  for (let i = 0; i < RECORDS; i++) {
    const { encoder, id } = versions[i % 3 === 0 ? 1 : 0];
    const row = [BigInt(i) << 40n, i % 5 === 0 ? null : `näme ${i}`, i / 4];
    writer.append(null, encoder.encode(id, row.slice(0, encoder === versions[0].encoder ? 2 : 3)), 1000 + i);
    if (writer.count === 64) batches.push(writer.finish());
  }
  batches.push(writer.finish());
  return batches;
}

const EXPECTED = Array.from({ length: RECORDS }, (_, i) => [
  i % 3 === 0 ? i / 4 : null,
  i % 5 === 0 ? null : `näme ${i}`,
  BigInt(i) << 40n,
]);

/** All rows of the table, columns price, name, id. */
async function readRows(place: Place, maxRows: number): Promise<unknown[][]> {
  const options = {
    topic: 'avro',
    'properties.bootstrap.servers': place.servers,
    'scan.startup.mode': 'earliest-offset',
    'scan.bounded.mode': 'latest-offset',
    format: 'avro-confluent',
    'avro-confluent.url': place.registry,
  };
  const table = { name: 'T', columns: LATE, primaryKey: [], options };
  const columns = [2, 1, 0];
  const spec = { table, columns, filter: undefined, schema: columns.map((index) => LATE[index]) };
  const context = contextIn(place.dataDir);
  const splits = await kafkaConnector.discover(spec, context);
  const reader = await kafkaConnector.open(
    spec,
    splits.map(({ split, start }) => ({ split, position: start })),
    context,
  );
  const rows: unknown[][] = [];
  const take = ({ batch }: Rows) => {
    for (let row = 0; row < batch.length; row++) {
      rows.push(spec.schema.map((field, i) => readValue(field.type, batch.columns[i], row)));
    }
  };
  for (let poll = reader.poll(maxRows); poll.type !== 'finished'; poll = reader.poll(maxRows)) {
    if (poll.type === 'rows') take(poll);
    if (poll.type === 'wait') await new Promise<void>((resolve) => reader.onReady(resolve));
  }
  await reader.close();
  return rows;
}

describe('Avro through the whole connector, two writer schemas in one topic', () => {
  let dataDir: string;
  beforeAll(() => (dataDir = mkdtempSync(join(tmpdir(), 'headwater-avro-'))));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  test('from the embedded log and registry', async () => {
    const place = { servers: 'embedded', registry: 'embedded', dataDir };
    const log = new EmbeddedLog(dataDir);
    log.createTopic('avro', 1);
    log.append('avro', 0, await avroBatches(place));
    log.close();
    for (const maxRows of [1, 7, 10_000]) expect(await readRows(place, maxRows)).toEqual(EXPECTED);
  });

  describe.skipIf(!ready)('real services', { timeout: 60_000 }, () => {
    let kafka: KafkaService | undefined;
    let registry: RegistryService | undefined;
    afterAll(async () => {
      await Promise.all([kafka?.stop(), registry?.stop()]);
    });

    test('from a real broker and a real registry', async () => {
      [kafka, registry] = await Promise.all([startKafka(), startApicurio()]);
      const place = { servers: kafka.bootstrap, registry: registry.url, dataDir };
      await createTopic(kafka.bootstrap, 'avro', 1);
      await produceBatches(kafka.bootstrap, 'avro', 0, await avroBatches(place));
      for (const maxRows of [7, 10_000]) expect(await readRows(place, maxRows)).toEqual(EXPECTED);
    });
  });
});
