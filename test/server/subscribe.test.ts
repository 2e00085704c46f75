import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiKeys } from '../../src/server/api-keys.ts';
import type { HttpImplementation, HttpServer } from '../../src/server/http.ts';
import { startServer } from '../../src/server/server.ts';
import { MESSAGE_LIMIT } from '../../src/server/socket.ts';
import type { SessionLimits } from '../../src/server/subscribe/session.ts';
import { World } from '../feeds/world.ts';
import { until } from '../harness/test-platform.ts';
import { call, callJson } from './client.ts';
import { ServedTables } from './served-tables.ts';
import { type Message, SocketClient } from './socket-client.ts';

const LIMITS: SessionLimits = { subscriptions: 3, waitingBytes: 1 << 20, stuckMs: 600 };

describe.each<HttpImplementation>(['node:http', 'uWebSockets.js'])('subscriptions over %s', (implementation) => {
  let world: World;
  let server: HttpServer;
  let port = 0;
  const logged: string[] = [];

  const open = (keys?: string): Promise<HttpServer> =>
    startServer(Object.assign(new ServedTables(), { feeds: world.feeds }), {
      host: '127.0.0.1',
      port: 0,
      implementation,
      monotonic: () => performance.now(),
      log: (_level, message) => logged.push(message),
      subscribe: LIMITS,
      ...(keys === undefined ? {} : { keys: ApiKeys.parse(keys, 'test') }),
    });

  beforeEach(async () => {
    world = new World();
    server = await open();
    ({ port } = server);
  });
  afterEach(async () => {
    await server.close();
    world.close();
  });

  const epochs = (client: SocketClient, id: string): unknown[] =>
    client.of(id).flatMap((message) => (message.type === 'epoch' ? [message.epoch] : []));

  it('tells a snapshot, changes and epochs of several subscriptions on one connection', async () => {
    world.commit([
      ['a', 1n],
      ['b', 2n],
    ]);
    const client = await SocketClient.connect(port);
    client.say({ type: 'subscribe', id: 'all', table: 't' });
    client.say({ type: 'subscribe', id: 'one', table: 't', keys: ['b'], columns: ['n'] });
    await until(() => epochs(client, 'all').length > 0 && epochs(client, 'one').length > 0);
    world.commit([['b', 3n]]);
    world.commit([['b', null]]);
    await until(() => epochs(client, 'all').includes(3) && epochs(client, 'one').includes(3));
    const position = expect.stringMatching(/^1\./) as unknown;
    expect(client.of('one').filter(({ type, epoch }) => type !== 'epoch' || epoch !== 2)).toEqual([
      { id: 'one', type: 'snapshot-begin', table: 't', reason: 'requested' },
      { id: 'one', type: 'rows', rows: [{ key: 'b', features: { n: '2' }, epoch: 1 }] },
      { id: 'one', type: 'snapshot-end', epoch: 1, position },
      { id: 'one', type: 'epoch', epoch: 1, event_time: '1970-01-01T00:00:01.000Z', end_of_input: false, position },
      {
        id: 'one',
        type: 'changes',
        epoch: 2,
        changes: [{ seq: [2, 0, 0], op: 'upsert', key: 'b', features: { n: '3' } }],
        position,
      },
      { id: 'one', type: 'changes', epoch: 3, changes: [{ seq: [3, 0, 0], op: 'delete', key: 'b' }], position },
      { id: 'one', type: 'epoch', epoch: 3, event_time: '1970-01-01T00:00:03.000Z', end_of_input: false, position },
    ]);
    expect(changesOf(client.of('all'))).toEqual(world.history.slice(2));
    client.socket.close();
    await until(() => world.feeds.sample('t').subscriptions === 0);
  });

  it('goes on from a position, over connections', async () => {
    const first = await SocketClient.connect(port);
    first.say({ type: 'subscribe', id: 's', table: 't' });
    await until(() => epochs(first, 's').includes(0));
    world.commit([['a', 1n]]);
    await until(() => epochs(first, 's').includes(1));
    first.socket.terminate();
    world.commit([
      ['a', 2n],
      ['b', 2n],
    ]);
    const second = await SocketClient.connect(port);
    second.say({ type: 'subscribe', id: 's', table: 't', from: first.messages.at(-1)?.position });
    await until(() => epochs(second, 's').includes(2));
    expect([...changesOf(first.messages), ...changesOf(second.messages)]).toEqual(world.history);
    expect(second.messages.map(({ type }) => type)).toEqual(['changes', 'epoch']);
    second.socket.close();
  });

  it('ends a subscription when it is told to, and not the others', async () => {
    const client = await SocketClient.connect(port);
    client.say({ type: 'subscribe', id: 'x', table: 't', from: 'latest' });
    client.say({ type: 'subscribe', id: 'y', table: 't', from: 'latest' });
    client.say({ type: 'unsubscribe', id: 'x' });
    await until(() => client.of('x').some(({ type }) => type === 'unsubscribed') && epochs(client, 'y').length > 0);
    world.commit([['a', 1n]]);
    await until(() => epochs(client, 'y').includes(1));
    expect(changesOf(client.of('x'))).toEqual([]);
    client.say({ type: 'subscribe', id: 'x', table: 't', from: 'latest' });
    await until(() => epochs(client, 'x').includes(1));
    client.socket.close();
  });

  it('answers what it does not understand, and stays open', async () => {
    const cases: readonly (readonly [said: string | object, code: string, message: RegExp, id?: string])[] = [
      ['{', 'bad-json', /the message is not JSON/],
      ['[]', 'bad-json', /the message is an array/],
      [{}, 'bad-request', /'type' is missing: expected 'subscribe' or 'unsubscribe'/],
      [{ type: 'publish' }, 'bad-request', /'type' is 'publish'/],
      [{ type: 'subscribe', table: 't' }, 'bad-request', /'id' is missing/],
      [{ type: 'subscribe', id: '', table: 't' }, 'bad-request', /'id' has 0 characters/, ''],
      [{ type: 'subscribe', id: 'a' }, 'bad-request', /'table' is missing/, 'a'],
      [{ type: 'subscribe', id: 'a', table: 7 }, 'bad-request', /'table' is a number/, 'a'],
      [{ type: 'subscribe', id: 'a', table: 't', key: 'k' }, 'bad-request', /unknown member 'key'/, 'a'],
      [{ type: 'subscribe', id: 'a', table: 't', keys: 'k' }, 'bad-request', /'keys' is a string/, 'a'],
      [{ type: 'subscribe', id: 'a', table: 't', keys: [] }, 'bad-request', /'keys' is empty/, 'a'],
      [{ type: 'subscribe', id: 'a', table: 't', keys: Array(1001).fill('k') }, 'too-many-keys', /1001 keys/, 'a'],
      [{ type: 'subscribe', id: 'a', table: 't', from: 'x' }, 'bad-position', /'x' is no position/, 'a'],
      [{ type: 'subscribe', id: 'a', table: 'u' }, 'table-not-found', /no table 'u'/, 'a'],
      [{ type: 'subscribe', id: 'a', table: 't', columns: ['m'] }, 'unknown-column', /no column 'm'/, 'a'],
      [{ type: 'unsubscribe', id: 'a' }, 'subscription-not-found', /no subscription 'a'/, 'a'],
    ];
    const client = await SocketClient.connect(port);
    for (const [said] of cases) client.socket.send(typeof said === 'string' ? said : JSON.stringify(said));
    await until(() => client.messages.length === cases.length);
    cases.forEach(([, code, message, id], i) => {
      const error = { code, message: expect.stringMatching(message) as string };
      expect(client.messages[i]).toEqual({ ...(id === undefined ? {} : { id }), type: 'error', error });
    });
    for (const id of ['a', 'a', 'b', 'c', 'd']) client.say({ type: 'subscribe', id, table: 't', from: 'latest' });
    await until(() => client.messages.length >= cases.length + 5);
    expect(client.messages.filter(({ type }) => type === 'error').slice(cases.length)).toMatchObject([
      { id: 'a', error: { code: 'subscription-exists' } },
      { id: 'd', error: { code: 'too-many-subscriptions' } },
    ]);
    expect(logged).toEqual([]);
    client.socket.close();
  });

  it('closes a connection with a message that is no text or too large', async () => {
    const binary = await SocketClient.connect(port);
    binary.socket.send(Buffer.from('{}'));
    expect((await binary.closed).code).toBe(1003);
    const large = await SocketClient.connect(port);
    large.socket.send('x'.repeat(MESSAGE_LIMIT + 1));
    expect([1006, 1009]).toContain((await large.closed).code);
    await callJson(port, '/health/live');
  });

  it('closes a client that takes nothing, and does not hold more for it than a little', async () => {
    const client = await SocketClient.connect(port);
    client.say({ type: 'subscribe', id: 's', table: 't' });
    await until(() => epochs(client, 's').includes(0));
    client.socket.pause();
    const before = process.memoryUsage().external;
    for (let i = 0; i < 40; i++)
      world.commit(Array.from({ length: 10_000 }, (_, k) => [`key-${k}`.padEnd(100, 'x'), BigInt(i)]));
    await until(() => world.feeds.sample('t').subscriptions === 0);
    expect(process.memoryUsage().external - before).toBeLessThan(200e6);
    // Some of 400,000 changes: what did not fit into the buffers of the network was never read.
    expect(world.feeds.sample('t').changes).toBeLessThan(200_000);
    client.socket.resume();
    expect([1006, 4008]).toContain((await client.closed).code);
  });

  it('goes on when a slow client takes again', async () => {
    const client = await SocketClient.connect(port);
    client.say({ type: 'subscribe', id: 's', table: 't', keys: undefined });
    await until(() => epochs(client, 's').includes(0));
    client.socket.pause();
    for (let i = 0; i < 30; i++)
      world.commit(Array.from({ length: 2000 }, (_, k) => [`key-${k}`.padEnd(100, 'x'), BigInt(i)]));
    await new Promise((resolve) => setTimeout(resolve, 200));
    client.socket.resume();
    await until(() => epochs(client, 's').includes(30));
    expect(changesOf(client.messages)).toEqual(world.history);
    client.socket.close();
  });

  it('says that it goes away when the server ends', async () => {
    const client = await SocketClient.connect(port);
    await server.close();
    expect([1001, 1006]).toContain((await client.closed).code);
    server = await open();
  });

  it('refuses whom requests are refused to, and other paths', async () => {
    const refused = async (status: number, code: string, at = port, headers = {}, path?: string): Promise<void> => {
      const body = { error: { code } };
      await expect(
        SocketClient.connect(at, headers, path).catch((error: unknown) => {
          const { status: given, body: text } = error as { status: number; body: string };
          return { status: given, body: JSON.parse(text) as object };
        }),
      ).resolves.toMatchObject({ status, body });
    };
    await refused(403, 'host-refused', port, { host: 'evil.example' });
    await refused(403, 'origin-refused', port, { origin: 'https://evil.example' });
    await refused(404, 'route-not-found', port, {}, '/v1/elsewhere');
    const keyed = await open('secret-key-of-all-things,read:reader-key-of-one-thing');
    await refused(401, 'unauthenticated', keyed.port);
    await refused(401, 'unauthenticated', keyed.port, { 'x-api-key': 'wrong' });
    const reader = await SocketClient.connect(keyed.port, { authorization: 'Bearer reader-key-of-one-thing' });
    reader.socket.close();
    await reader.closed;
    await keyed.close();
    const plain = await call(port, '/v1/subscribe');
    expect([plain.status, JSON.parse(plain.text)]).toMatchObject([426, { error: { code: 'upgrade-required' } }]);
  });
});

function changesOf(messages: readonly Message[]): unknown[] {
  return messages.flatMap((message) => (message.type === 'changes' ? (message.changes as unknown[]) : []));
}
