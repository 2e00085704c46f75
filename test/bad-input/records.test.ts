import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Command, headwater, Workspace } from '../cli/command.ts';
import { BOUNDED, OrdersTopic, ordersTable, TOTALS } from '../cli/orders.ts';

let space: Workspace;
let topic: OrdersTopic;
beforeEach(async () => {
  space = new Workspace();
  topic = await OrdersTopic.create(space.dataDir, 2);
  topic.append([
    ['ann', 5, 0],
    ['bob', 7, 1],
  ]);
  topic.append([['cem', 2, 0]], { partition: 1 });
});
afterEach(() => {
  topic.close();
  space.remove();
});

const run = (options: Readonly<Record<string, string>>, ...more: string[]): string[] => [
  'run',
  space.file('totals.sql', ordersTable({ ...BOUNDED, ...options }) + TOTALS),
  '--data-dir',
  space.dataDir,
  '--port',
  '0',
  ...more,
];

/** A header with the registered schema's id, and a body that is cut off. */
function cutOff(): Uint8Array {
  const bytes = Buffer.alloc(7);
  bytes.writeInt32BE(topic.schemaId, 1);
  bytes[5] = 2;
  bytes[6] = 100;
  return bytes;
}

describe('a record that cannot be decoded', () => {
  it.each([
    ['cut off', () => cutOff()],
    ['without the header', () => Buffer.from('{"customer":"ann"}')],
    ['empty', () => new Uint8Array(0)],
  ])('%s: fails the job by default, naming topic, partition and offset, code 1', async (_name, bytes) => {
    topic.appendRaw(bytes());
    const { code, stderr } = await headwater(run({}));
    expect(stderr).toContain('error [undecodable-record] topic orders, partition 0, offset 2:');
    expect(code).toBe(1);
  });

  it('is skipped and counted when the table says so, and what follows is read', async () => {
    topic.appendRaw(cutOff());
    topic.appendRaw(Buffer.from('no'), 1);
    topic.append([['ann', 1, 2]]);
    const command = new Command(run({ 'avro-confluent.ignore-parse-errors': 'true' }, '--keep-serving'));
    await command.printed(/totals finished: read 4 rows/);
    expect(await command.get('/v1/features/totals/ann')).toMatchObject({ features: { total: 6 } });
    expect(await command.get('/v1/features/totals/cem')).toMatchObject({ features: { total: 2 } });
    expect(await command.get('/v1/jobs')).toMatchObject({ jobs: [{ records_skipped: 2 }] });
    expect(command.stdout).toContain('skipped 2 records');
    await command.kill('SIGINT');
  });
});

describe('a record batch that is not what was written', () => {
  /** Changes the stored bytes of the first batch of partition 0. */
  function damage(change: (bytes: Buffer) => Buffer): void {
    topic.close();
    const db = new Database(join(space.dataDir, 'log', 'topic-orders.db'));
    const table = db
      .prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%bytes%'")
      .get()?.name;
    const row = db
      .prepare<[], { partition: number; bytes: Buffer }>(`SELECT partition, bytes FROM ${table} WHERE partition = 0`)
      .get();
    if (row === undefined) throw new Error('no batch to damage');
    db.prepare(`UPDATE ${table} SET bytes = ? WHERE partition = 0`).run(change(Buffer.from(row.bytes)));
    db.close();
  }

  it.each([
    ['a flipped bit in a record', (bytes: Buffer) => flip(bytes, bytes.length - 3)],
    ['a flipped bit in the checksum', (bytes: Buffer) => flip(bytes, 17)],
    ['a flipped bit in the length', (bytes: Buffer) => flip(bytes, 11)],
    ['a flipped bit in the magic', (bytes: Buffer) => flip(bytes, 16)],
    ['a flipped bit in the base offset', (bytes: Buffer) => flip(bytes, 7)],
    ['a truncated batch', (bytes: Buffer) => bytes.subarray(0, bytes.length - 5)],
    ['a truncated header', (bytes: Buffer) => bytes.subarray(0, 20)],
  ])('%s: named with topic and partition, code 1, and nothing of it is published', async (_name, change) => {
    damage(change);
    const { code, stdout, stderr } = await headwater(run({}));
    expect(stderr).toMatch(/error \[corrupt-batch\] topic orders, partition 0/);
    expect(code).toBe(1);
    expect(stdout).not.toContain('finished');
  });
});

function flip(bytes: Buffer, at: number): Buffer {
  bytes[at] ^= 1;
  return bytes;
}
