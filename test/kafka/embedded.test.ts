import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EmbeddedLog } from '../../src/connectors/embedded/log.ts';
import { EmbeddedRegistry } from '../../src/connectors/embedded/registry.ts';
import { RecordBatchWriter } from '../../src/connectors/record-batch/writer.ts';
import { registerSchema, schemaById } from '../../src/connectors/registry/index.ts';
import { contextIn, drain, rawConnector, readAll, type Rows, specOf, valuesOf } from './support.ts';

const EMBEDDED = { topic: 'events', 'properties.bootstrap.servers': 'embedded' };

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'headwater-embedded-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function batch(values: readonly (string | null)[], compression: 'none' | 'gzip' = 'none'): Uint8Array {
  const writer = new RecordBatchWriter(compression);
  for (const value of values) writer.append(null, value === null ? null : Buffer.from(value), 1000);
  return writer.finish();
}

function logWith(partitions: number, perPartition: number): EmbeddedLog {
  const log = new EmbeddedLog(dir);
  log.createTopic('events', partitions);
  for (let p = 0; p < partitions; p++) {
    const values = Array.from({ length: perPartition }, (_, i) => `${p}:${i}`);
    for (let i = 0; i < perPartition; i += 7)
      log.append('events', p, [batch(values.slice(i, i + 7), i % 2 ? 'gzip' : 'none')]);
  }
  return log;
}

describe('embedded log under connector kafka', () => {
  test('offsets are given in order, batches of all partitions are read back', async () => {
    const log = logWith(3, 100);
    expect(log.append('events', 1, [batch(['x', 'y']), batch(['z'])])).toBe(100);
    expect(log.endOffset('events', 1)).toBe(103);
    expect(log.partitions('events')).toBe(3);
    expect(log.listTopics()).toEqual(['events']);
    log.close();
    const rows = await readAll(EMBEDDED, contextIn(dir), 13);
    expect(rows.get('events/0')).toEqual(Array.from({ length: 100 }, (_, i) => `0:${i}`));
    expect(rows.get('events/1')?.slice(-3)).toEqual(['x', 'y', 'z']);
    expect(rows.get('events/2')?.length).toBe(100);
  });

  test.each([
    ['timestamp', 'timestamp-millis', '1004', [4, 5, 6, 7, 8, 9]],
    ['timestamp', 'timestamp-millis', '9999', []],
    ['specific-offsets', 'specific-offsets', 'partition:0,offset:7', [7, 8, 9]],
  ])('begins, or ends, where %s says', async (mode, option, value, after) => {
    const log = new EmbeddedLog(dir);
    log.createTopic('events', 1);
    for (const from of [0, 3, 6, 9]) {
      const writer = new RecordBatchWriter('none');
      for (let i = from; i < Math.min(10, from + 3); i++) writer.append(null, Buffer.from(String(i)), 1000 + i);
      log.append('events', 0, [writer.finish()]);
    }
    log.close();
    const begins = { 'scan.startup.mode': mode, [`scan.startup.${option}`]: value };
    const ends = { 'scan.bounded.mode': mode, [`scan.bounded.${option}`]: value };
    const all = Array.from({ length: 10 }, (_, i) => i);
    const before = all.filter((i) => !after.includes(i));
    const rows = async (options: object): Promise<string[]> =>
      [...(await readAll({ ...EMBEDDED, ...options }, contextIn(dir), 4)).values()].flat().map(String);
    expect(await rows(begins)).toEqual(after.map(String));
    expect(await rows(ends)).toEqual(before.map(String));
  });

  test('an offset that the topic does not have is refused', async () => {
    logWith(1, 10).close();
    const options = {
      'scan.startup.mode': 'specific-offsets',
      'scan.startup.specific-offsets': 'partition:0,offset:11',
    };
    await expect(rawConnector.discover(specOf({ ...EMBEDDED, ...options }), contextIn(dir))).rejects.toThrow(
      "topic events, partition 0: 'scan.startup.specific-offsets' names offset 11; it has 0 to 10",
    );
  });

  test('a partition that is new to a resumed job starts at its beginning, whatever the start-up mode', async () => {
    logWith(1, 10).close();
    const context = contextIn(dir);
    const spec = specOf({ ...EMBEDDED, 'scan.startup.mode': 'latest-offset' });
    expect((await rawConnector.discover(spec, context))[0].start).toMatchObject({ offset: '10' });
    const resumed = await rawConnector.discover(spec, { ...context, resuming: true });
    expect(resumed[0].start).toMatchObject({ offset: '0' });
  });

  test('a reader opened at any position goes on exactly there', async () => {
    logWith(1, 50).close();
    const context = contextIn(dir);
    const spec = specOf({ ...EMBEDDED, 'scan.bounded.mode': 'latest-offset' });
    const [{ split, start }] = await rawConnector.discover(spec, context);
    const positions = [start];
    const values: string[] = [];
    const whole = await rawConnector.open(spec, [{ split, position: start }], context);
    await drain(whole, {
      maxRows: 3,
      onRows: (rows: Rows) => {
        values.push(...valuesOf(rows));
        positions[values.length] = rows.position;
      },
    });
    await whole.close();
    expect(values.length).toBe(50);
    for (const [done, position] of positions.entries()) {
      if (position === undefined) continue;
      const reader = await rawConnector.open(spec, [{ split, position }], context);
      const rest = await drain(reader, { maxRows: 4 });
      expect(rest.get('events/0') ?? []).toEqual(values.slice(done));
      await reader.close();
    }
  });

  test('an unbounded reader waits and sees what another connection appends; latest-offset begins at the end', async () => {
    const log = logWith(2, 10);
    const context = contextIn(dir);
    const spec = specOf({ ...EMBEDDED, 'scan.startup.mode': 'latest-offset' });
    const splits = await rawConnector.discover(spec, context);
    const reader = await rawConnector.open(
      spec,
      splits.map(({ split, start }) => ({ split, position: start })),
      context,
    );
    expect(reader.poll(10)).toEqual({ type: 'wait' });
    expect(reader.lag()).toBe(0);
    setTimeout(() => log.append('events', 1, [batch(['new', null, 'er'])]), 30);
    const seen = await drain(reader, { enough: (rows) => rows >= 2 });
    expect([...seen]).toEqual([['events/1', ['new', 'er']]]);
    expect(reader.poll(10)).toEqual({ type: 'wait' });
    await reader.close();
    log.close();
  });

  test('undecodable records fail with topic, partition, offset, or are skipped and counted', async () => {
    const log = logWith(1, 5);
    log.append('events', 0, [batch(['ok', 'bad one', null, 'fine'])]);
    log.close();
    const context = contextIn(dir);
    await expect(readAll(EMBEDDED, context)).rejects.toMatchObject({
      code: 'undecodable-record',
      message: 'topic events, partition 0, offset 6: the record cannot be decoded: it begins with bad',
    });
    const rows = await readAll({ ...EMBEDDED, 'json.ignore-parse-errors': 'true' }, context);
    expect(rows.get('events/0')?.slice(-2)).toEqual(['ok', 'fine']);
    expect(context.counters.get('records_skipped')).toBe(1);
  });

  test('rows say which record they come from', async () => {
    const log = new EmbeddedLog(dir);
    log.createTopic('events', 1);
    log.append('events', 0, [batch(['a', null, 'b', 'c'])]);
    log.close();
    const context = contextIn(dir);
    const spec = specOf(EMBEDDED);
    const [{ split, start }] = await rawConnector.discover(spec, context);
    const reader = await rawConnector.open(spec, [{ split, position: start }], context);
    const poll = reader.poll(10);
    if (poll.type !== 'rows') throw new Error(poll.type);
    expect([0, 1, 2].map(poll.describeRow)).toEqual([0, 2, 3].map((o) => `topic events, partition 0, offset ${o}`));
    await reader.close();
  });

  test('a corrupt batch on disk is an error that names the offset', async () => {
    const log = logWith(1, 20);
    log.close();
    const db = new Database(join(dir, 'log', 'topic-events.db'));
    const row = db.prepare<[], { bytes: Buffer }>('SELECT bytes FROM batches WHERE base_offset = 7').get();
    if (row === undefined) throw new Error('no row');
    const damage = async (bytes: Buffer) => {
      db.prepare('UPDATE batches SET bytes = ? WHERE base_offset = 7').run(bytes);
      await expect(readAll(EMBEDDED, contextIn(dir))).rejects.toMatchObject({
        code: 'corrupt-batch',
        message: expect.stringMatching(/topic events, partition 0, offset 7: /),
      });
    };
    for (const at of [7, 70]) {
      const flipped = Buffer.from(row.bytes);
      flipped[at] ^= 4;
      await damage(flipped);
    }
    db.prepare('DELETE FROM batches WHERE base_offset > 7').run();
    await damage(row.bytes.subarray(0, row.bytes.length - 3));
    db.close();
  });

  test('what is not there or not right is refused with a code', async () => {
    const context = contextIn(dir);
    await expect(readAll(EMBEDDED, context)).rejects.toMatchObject({ code: 'topic-not-found' });
    const log = logWith(1, 1);
    expect(() => log.createTopic('events', 2)).toThrow(expect.objectContaining({ code: 'topic-exists' }));
    expect(() => log.createTopic('../events', 2)).toThrow(expect.objectContaining({ code: 'invalid-option' }));
    expect(() => log.append('events', 0, [batch(['a']).subarray(0, 60)])).toThrow(
      expect.objectContaining({ code: 'corrupt-batch' }),
    );
    expect(() => log.append('events', 5, [batch(['a'])])).toThrow(
      expect.objectContaining({ code: 'partition-not-found' }),
    );
    log.close();
    const db = new Database(join(dir, 'log', 'topic-events.db'));
    db.pragma('user_version = 9');
    db.close();
    await expect(readAll(EMBEDDED, context)).rejects.toMatchObject({ code: 'newer-format' });
  });
});

describe('embedded registry', () => {
  const A = '{"type":"record","name":"A","fields":[]}';

  test('the same schema has one id, subjects have versions', async () => {
    const id = await registerSchema('embedded', 's-value', A, dir);
    expect(await registerSchema('embedded', 's-value', A.replaceAll(':', ': '), dir)).toBe(id);
    expect(await registerSchema('embedded', 'other', A, dir)).toBe(id);
    const grown = A.replace('[]', '[{"name":"x","type":"int","default":0}]');
    const next = await registerSchema('embedded', 's-value', grown, dir);
    expect(next).not.toBe(id);
    expect(await schemaById('embedded', id, dir)).toBe(A);
    const registry = new EmbeddedRegistry(dir);
    expect(registry.subjects()).toEqual(['other', 's-value']);
    expect(registry.versions('s-value').map(({ version, id: of }) => [version, of])).toEqual([
      [1, id],
      [2, next],
    ]);
  });

  test('a schema that cannot read what is there is refused, unless the level allows it', async () => {
    await registerSchema('embedded', 's-value', A, dir);
    const other = '{"type":"record","name":"A","fields":[{"name":"x","type":"int"}]}';
    await expect(registerSchema('embedded', 's-value', other, dir)).rejects.toMatchObject({
      code: 'schema-incompatible',
      message: expect.stringMatching(/subject s-value .*level BACKWARD/) as unknown,
    });
    await expect(registerSchema('embedded', 's-value', '{"type":"recor"}', dir)).rejects.toMatchObject({
      code: 'schema-refused',
    });
    new EmbeddedRegistry(dir).setLevel('FORWARD', 's-value');
    await registerSchema('embedded', 's-value', other, dir);
  });

  test('an unknown id is an error, also before the first schema', async () => {
    await expect(schemaById('embedded', 7, dir)).rejects.toMatchObject({ code: 'unknown-schema-id' });
    await registerSchema('embedded', 's', A, dir);
    await expect(schemaById('embedded', 7, dir)).rejects.toMatchObject({ code: 'unknown-schema-id' });
  });

  test('a reader gets writer schemas from the registry, once, and records them for the checkpoint', async () => {
    logWith(1, 20).close();
    const id = await registerSchema('embedded', 'events-value', A, dir);
    const context = contextIn(dir);
    const options = {
      ...EMBEDDED,
      format: 'avro-confluent',
      'avro-confluent.url': 'embedded',
      'needs-schema': String(id),
    };
    expect((await readAll(options, context)).get('events/0')?.length).toBe(20);
    expect(context.schemas.get('embedded', id)).toBe(A);
    // From the checkpoint: the registry is not needed any more.
    rmSync(join(dir, 'log', 'registry.db'));
    expect((await readAll(options, context)).get('events/0')?.length).toBe(20);
    await expect(readAll({ ...options, 'needs-schema': '99' }, context)).rejects.toMatchObject({
      code: 'unknown-schema-id',
    });
  });
});
