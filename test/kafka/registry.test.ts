import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EmbeddedLog } from '../../src/connectors/embedded/log.ts';
import { RecordBatchWriter } from '../../src/connectors/record-batch/writer.ts';
import { openRegistry, registerSchema, schemaById } from '../../src/connectors/registry/index.ts';
import { freePorts, poll, type RegistryService, requireServices, startApicurio } from '../services/index.ts';
import { contextIn, drain, rawConnector, specOf } from './support.ts';

const SCHEMA = JSON.stringify({
  type: 'record',
  name: 'Flight',
  fields: [{ name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } }],
});

describe('a registry that does not answer', () => {
  test('is named within ten seconds: closed port, silent server', async () => {
    const [closed] = await freePorts(1);
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    for (const port of [closed, address.port]) {
      const began = Date.now();
      await expect(schemaById(`http://u:secret@127.0.0.1:${port}/path`, 1, '/nowhere')).rejects.toMatchObject({
        code: 'registry-unreachable',
        message: expect.stringMatching(new RegExp(`^(?!.*secret).*http://127.0.0.1:${port}/path`)),
      });
      expect(Date.now() - began).toBeLessThan(10_000);
    }
    silent.close();
  }, 30_000);

  test('what is no registry URL is refused', async () => {
    await expect(openRegistry('ftp://x', '/nowhere')).rejects.toMatchObject({ code: 'invalid-option' });
    await expect(openRegistry('nonsense', '/nowhere')).rejects.toThrow(/expected http/);
  });
});

const ready = await requireServices('apicurio');

describe.skipIf(!ready)('a real registry (Apicurio, Confluent API under a path)', { timeout: 60_000 }, () => {
  let registry: RegistryService;
  beforeAll(async () => {
    registry = await startApicurio();
  }, 120_000);
  afterAll(async () => {
    await registry?.stop();
  });

  test('schemas are registered once and read back with their logical types', async () => {
    const id = await registerSchema(registry.url, 'flights-value', SCHEMA, '/nowhere');
    expect(await registerSchema(registry.url, 'flights-value', SCHEMA, '/nowhere')).toBe(id);
    expect(JSON.parse(await schemaById(registry.url, id, '/nowhere'))).toEqual(JSON.parse(SCHEMA));
    const client = await openRegistry(`${registry.url}/`, '/nowhere');
    await client.check();
    client.close();
  });

  test('a registry that is away while a job runs is waited for, without losing a record', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'headwater-registry-'));
    const log = new EmbeddedLog(dir);
    log.createTopic('events', 1);
    const writer = new RecordBatchWriter();
    for (const value of ['a', 'b', 'c']) writer.append(null, Buffer.from(value), 1000);
    log.append('events', 0, [writer.finish()]);
    log.close();
    const id = await registerSchema(registry.url, 'events-value', SCHEMA, '/nowhere');
    const [port] = await freePorts(1);
    const context = contextIn(dir);
    const spec = specOf({
      topic: 'events',
      'properties.bootstrap.servers': 'embedded',
      format: 'avro-confluent',
      'avro-confluent.url': `http://127.0.0.1:${port}/apis/ccompat/v7`,
      'needs-schema': String(id),
      'scan.bounded.mode': 'latest-offset',
    });
    const position = { offset: '0', end: '3', leaderEpoch: -1 };
    const reader = await rawConnector.open(spec, [{ split: { id: 'events/0' }, position }], context);
    expect(reader.poll(10)).toEqual({ type: 'wait' });
    await poll('the source to say so', 20_000, async () => context.logged.length > 0);
    expect(context.logged[0]).toMatch(`warn: the schema registry at http://127.0.0.1:${port}`);
    expect(reader.poll(10)).toEqual({ type: 'wait' });
    const target = Number(new URL(registry.url).port);
    const door = createServer((socket) => {
      socket
        .on('error', () => undefined)
        .pipe(connect(target, '127.0.0.1').on('error', () => undefined))
        .pipe(socket);
    });
    await new Promise<void>((resolve) => door.listen(port, '127.0.0.1', resolve));
    expect((await drain(reader)).get('events/0')).toEqual(['a', 'b', 'c']);
    await reader.close();
    door.close();
    rmSync(dir, { recursive: true, force: true });
  });

  test('an unknown id and a schema that is none are refused', async () => {
    await expect(schemaById(registry.url, 99_999, '/nowhere')).rejects.toMatchObject({
      code: 'unknown-schema-id',
      message: expect.stringContaining('99999'),
    });
    await expect(registerSchema(registry.url, 'x', '{"type":"nonsense"}', '/nowhere')).rejects.toMatchObject({
      code: 'schema-refused',
    });
  });
});
