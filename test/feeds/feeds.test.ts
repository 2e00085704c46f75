import { copyFileSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TableImage } from '../../src/store/table-image.ts';
import { until } from '../harness/test-platform.ts';
import { Reader } from './reader.ts';
import { type Change, SCHEMA, World } from './world.ts';

let world: World;
beforeEach(() => (world = new World()));
afterEach(() => world.close());

const caughtUp = (reader: Reader): Promise<void> => until(() => reader.epoch === world.epoch);

/** What was told after the last snapshot is what was committed after it, each change once. */
function expectWhole(reader: Reader, keys?: readonly string[]): void {
  const mine = (key: string): boolean => keys === undefined || keys.includes(key);
  expect(reader.changes).toEqual(world.history.filter(({ seq, key }) => seq[0] > reader.since && mine(key)));
  expect(reader.rows).toEqual(new Map([...world.rows].filter(([key]) => mine(key))));
}

describe('one who follows a table', () => {
  // Within a chunk rows lie in the order of their key groups.
  it('gets a snapshot, then every change with its number, and each epoch', async () => {
    world.commit([
      ['a', 1n],
      ['b', 2n],
    ]);
    const reader = new Reader().open(world.feeds);
    await caughtUp(reader);
    world.commit(
      [['a', 3n]],
      [
        ['c', 4n],
        ['b', null],
      ],
    );
    await caughtUp(reader);
    world.commit([]);
    await caughtUp(reader);
    expect(reader.events.map(({ ...event }) => ('position' in event ? { ...event, position: '' } : event))).toEqual([
      { type: 'snapshot-begin', reason: 'requested' },
      {
        type: 'rows',
        rows: [
          { key: 'b', features: { id: 'b', n: '2' }, epoch: 1 },
          { key: 'a', features: { id: 'a', n: '1' }, epoch: 1 },
        ],
      },
      { type: 'snapshot-end', epoch: 1, position: '' },
      { type: 'epoch', epoch: 1, watermark: 1000, position: '' },
      {
        type: 'changes',
        epoch: 2,
        changes: [{ seq: [2, 0, 0], op: 'upsert', key: 'a', features: { id: 'a', n: '3' } }],
        position: '',
      },
      {
        type: 'changes',
        epoch: 2,
        changes: [
          { seq: [2, 1_000_000, 0], op: 'delete', key: 'b' },
          { seq: [2, 1_000_000, 1], op: 'upsert', key: 'c', features: { id: 'c', n: '4' } },
        ],
        position: '',
      },
      { type: 'epoch', epoch: 2, watermark: 2000, position: '' },
      { type: 'epoch', epoch: 3, watermark: 3000, position: '' },
    ]);
    expectWhole(reader);
    expect(world.feeds.sample('t')).toEqual({ subscriptions: 1, changes: 3 });
    reader.close();
    expect(world.feeds.sample('t')).toEqual({ subscriptions: 0, changes: 3 });
  });

  it('gets chosen keys and columns', async () => {
    world.commit([
      ['a', 1n],
      ['b:c', 2n],
      ['d', 9n],
    ]);
    const keys = ['b%3ac', 'e', 'b%3Ac'];
    const reader = new Reader().open(world.feeds, { keys, columns: ['n'] });
    await caughtUp(reader);
    world.commit([
      ['a', 5n],
      ['d', null],
    ]);
    world.commit([
      ['a', 6n],
      ['e', 7n],
      ['b:c', null],
    ]);
    await caughtUp(reader);
    expect(reader.events.filter(({ type }) => type === 'rows')).toEqual([
      { type: 'rows', rows: [{ key: 'b%3Ac', features: { n: '2' }, epoch: 1 }] },
    ]);
    const mine = world.history.filter(({ seq, key }) => seq[0] > 1 && ['b%3Ac', 'e'].includes(key));
    expect(mine.map(({ op, key }) => `${op} ${key}`).sort()).toEqual(['delete b%3Ac', 'upsert e']);
    expect(reader.changes).toEqual(
      mine.map((change) => (change.op === 'delete' ? change : { ...change, features: { n: '7' } })),
    );
  });

  it("begins at the end when it asks for 'latest'", async () => {
    world.commit([['a', 1n]]);
    const reader = new Reader().open(world.feeds, { from: 'latest' });
    await caughtUp(reader);
    world.commit([['b', 2n]]);
    await caughtUp(reader);
    expect(reader.types()).toEqual(['epoch', 'changes', 'epoch']);
    expect(reader.changes).toEqual(world.history.slice(1));
  });

  it('goes on from every position that it was told, also within a chunk', async () => {
    const many = Array.from({ length: 300 }, (_, i): Change => [`k${i}`, BigInt(i)]);
    const first = new Reader().open(world.feeds);
    await until(() => first.types().includes('epoch'));
    world.commit(
      many.slice(0, 300),
      many.slice(0, 150).map(([id]): Change => [`${id}'`, 5n]),
    );
    world.commit([['k1', null]]);
    world.commit([]);
    await caughtUp(first);
    const positions = first.events.flatMap((event) => ('position' in event ? [event.position] : []));
    expect(positions.length).toBeGreaterThan(6);
    for (const from of positions) {
      const before = first.events.findIndex((event) => 'position' in event && event.position === from);
      const seen = first.events
        .slice(0, before + 1)
        .flatMap((event) => (event.type === 'changes' ? event.changes : []));
      const reader = new Reader().open(world.feeds, { from });
      await caughtUp(reader);
      expect(reader.types()).not.toContain('snapshot-begin');
      expect([...seen, ...reader.changes]).toEqual(world.history);
      reader.close();
    }
  });

  it('is told to forget what it has when the log was folded beyond its position', async () => {
    world.commit([
      ['a', 1n],
      ['b', 1n],
    ]);
    const first = new Reader().open(world.feeds);
    await caughtUp(first);
    first.close();
    world.commit([
      ['b', null],
      ['c', 3n],
    ]);
    expect(world.fold()).toBe(true);
    for (const keys of [undefined, ['a', 'b', 'c']]) {
      const reader = new Reader().open(world.feeds, { from: first.position, keys });
      await caughtUp(reader);
      expect(reader.events[0]).toEqual({ type: 'snapshot-begin', reason: 'history-pruned' });
      expect(reader.rows).toEqual(world.rows);
    }
  });

  it('is told so too while it follows, when it takes too little', async () => {
    world.commit([['a', 1n]]);
    const reader = new Reader().open(world.feeds);
    await caughtUp(reader);
    reader.room = 1;
    for (let i = 0; i < 5; i++)
      world.commit([
        ['a', BigInt(i)],
        [`b${i}`, 1n],
      ]);
    await until(() => reader.room === 0);
    expect(world.fold()).toBe(true);
    reader.allow(Infinity);
    await caughtUp(reader);
    expect(reader.events.filter(({ type }) => type === 'snapshot-begin').slice(1)).toEqual([
      { type: 'snapshot-begin', reason: 'history-pruned' },
    ]);
    expectWhole(reader);
  });

  it('sees the rows of another history after --fresh, and of an older file put in place', async () => {
    world.commit([['a', 1n]]);
    const reader = new Reader().open(world.feeds);
    await caughtUp(reader);
    await world.startAfresh();
    world.commit([['z', 1n]]);
    await until(() => reader.rows.has('z'));
    expect(reader.events.filter(({ type }) => type === 'snapshot-begin').slice(1)).toEqual([
      { type: 'snapshot-begin', reason: 'other-history' },
    ]);
    expect(reader.rows).toEqual(world.rows);

    const file = new Database(world.path);
    file.pragma('wal_checkpoint(TRUNCATE)');
    file.close();
    copyFileSync(world.path, `${world.path}.old`);
    world.commit([['y', 2n]]);
    reader.epoch = 0;
    await caughtUp(reader);
    const { position } = reader;
    world.feeds.close();
    world.closeStore();
    for (const suffix of ['-wal', '-shm']) rmSync(world.path + suffix, { force: true });
    copyFileSync(`${world.path}.old`, world.path);
    world.epoch = 1;
    world.rows.delete('y');
    await world.reopen();
    world.commit([['x', 3n]]);
    world.commit([['w', 3n]]);
    const again = new Reader().open(world.feeds, { from: position });
    await caughtUp(again);
    expect(again.events[0]).toEqual({ type: 'snapshot-begin', reason: 'other-history' });
    expect(again.rows).toEqual(world.rows);
  });

  it('goes on with another run of the job', async () => {
    world.commit([['a', 1n]]);
    const reader = new Reader().open(world.feeds);
    await caughtUp(reader);
    await world.restart();
    world.commit([['b', 2n]]);
    await caughtUp(reader);
    expect(reader.types().filter((type) => type === 'snapshot-begin')).toHaveLength(1);
    expectWhole(reader);
  });

  it('gets chosen keys as of a whole epoch, however long the image takes', async () => {
    const turns: (() => void)[] = [];
    let time = 0;
    world.image = new TableImage(SCHEMA, [0], { monotonic: () => (time += 1), later: (turn) => turns.push(turn) });
    const keys = Array.from({ length: 600 }, (_, i) => `k${i}`);
    world.commit(keys.map((key) => [key, 1n]));
    while (turns.length > 0) turns.splice(0)[0]();
    world.commit(keys.map((key) => [key, 2n]));
    turns.splice(0)[0]();
    const reader = new Reader().open(world.feeds, { keys });
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(reader.events).toEqual([]);
    // Under load there is always something that waits.
    world.commit(keys.map((key) => [key, 3n]));
    while (reader.events.length === 0) turns.splice(0)[0]();
    expect(reader.since).toBe(2);
    expect(new Set(reader.rows.values())).toEqual(new Set([2n]));
    expect(world.image.pending).toBeGreaterThan(0);
    await caughtUp(reader);
    expectWhole(reader, keys);
  });

  it('has its snapshot as of the epoch that was the last one when the base was read', async () => {
    for (let i = 1; i <= 3; i++) world.commit([[`k${i}`, 1n]]);
    const reader = new Reader();
    reader.room = 2;
    reader.open(world.feeds);
    await until(() => reader.room === 0);
    expect(reader.types()).toEqual(['snapshot-begin', 'rows']);
    world.commit([['k1', 2n]]);
    reader.allow(Infinity);
    await caughtUp(reader);
    expect(reader.since).toBe(3);
    expectWhole(reader);
  });

  it('starts its snapshot again when a fold goes over the base that it reads', async () => {
    const keys = Array.from({ length: 50 }, (_, i) => `k${i}`);
    world.commit(keys.map((key) => [key, 1n]));
    world.fold();
    const reader = new Reader();
    reader.room = 3;
    reader.open(world.feeds);
    await until(() => reader.room <= 0);
    for (let i = 2n; i < 120n; i++) world.commit(keys.map((key) => [key, i]));
    expect(world.fold()).toBe(true);
    reader.allow(Infinity);
    await caughtUp(reader);
    expect(reader.types().filter((type) => type === 'snapshot-begin')).toHaveLength(2);
    expectWhole(reader);
  });

  it('is told that a column is gone with another run of the job', async () => {
    world.commit([['a', 1n]]);
    const reader = new Reader().open(world.feeds, { columns: ['n'] });
    await caughtUp(reader);
    world.image = new TableImage([SCHEMA[0], { ...SCHEMA[1], name: 'm' }], [0]);
    world.feeds.onCommitted(['t']);
    await until(() => reader.types().includes('error'));
    expect(reader.events.at(-1)).toMatchObject({ type: 'error', error: { code: 'unknown-column' } });
  });

  it('is told that its table is gone', async () => {
    const reader = new Reader().open(world.feeds);
    await until(() => reader.events.length > 0);
    world.image = undefined;
    world.feeds.onGone('t');
    await until(() => reader.types().includes('error'));
    expect(reader.events.at(-1)).toMatchObject({ type: 'error', error: { code: 'table-gone' } });
    expect(world.feeds.sample('t').subscriptions).toBe(0);
  });

  it('is told of a damaged chunk, which is logged, and of nothing behind it', async () => {
    world.commit([['a', 1n]]);
    const reader = new Reader().open(world.feeds);
    await caughtUp(reader);
    reader.room = 0;
    world.commit([['b', 2n]]);
    const file = new Database(world.path);
    file.prepare('UPDATE log SET bytes = zeroblob(length(bytes)) WHERE epoch = 2').run();
    file.close();
    reader.allow(Infinity);
    await until(() => reader.types().includes('error'));
    expect(reader.events.at(-1)).toMatchObject({ type: 'error', error: { code: 'log-corrupt' } });
    expect(world.logged).toEqual([expect.stringContaining('a subscription failed')]);
    expect(reader.rows.has('b')).toBe(false);
  });

  it.each([
    [{ table: 'u' }, 'table-not-found', /no table 'u': expected one of t/],
    [{ columns: ['m'] }, 'unknown-column', /no column 'm': expected one of id, n/],
    [{ keys: ['a:b'] }, 'bad-feature-key', /2 parts, expected 1/],
    [{ from: '17' }, 'bad-position', /'17' is no position/],
  ])('is refused %j', (request, code, message) => {
    expect(() => new Reader().open(world.feeds, request)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error,
    );
    expect(world.feeds.sample('t').subscriptions).toBe(0);
  });
});
