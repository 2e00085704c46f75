import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseRedisOptions } from '../../src/connectors/redis/options.ts';
import { BIGINT, notNull, STRING } from '../../src/data/types.ts';
import { Command, type Ended, headwater, Workspace } from '../cli/command.ts';
import { BOUNDED, OrdersTopic, ordersTable } from '../cli/orders.ts';
import { programProblem } from '../services/artifacts.ts';
import { freePorts, type RedisService, requireServices, startRedis } from '../services/index.ts';

const available = await requireServices('redis');
const noOpenssl = await programProblem('openssl', ['version']);

function totals(options: Readonly<Record<string, string>>): string {
  const list = Object.entries({ connector: 'redis', ...options }).map(([key, value]) => `'${key}' = '${value}'`);
  return `CREATE TABLE totals (customer STRING, total INT, PRIMARY KEY (customer) NOT ENFORCED) WITH (${list.join(', ')});
INSERT INTO totals SELECT customer, SUM(amount) FROM orders GROUP BY customer;\n`;
}

describe('options of a redis table', () => {
  const parse = (options: Readonly<Record<string, string>>) =>
    parseRedisOptions({
      name: 't',
      columns: [
        { name: 'a', type: notNull(STRING) },
        { name: 'b', type: notNull(BIGINT) },
      ],
      primaryKey: ['a', 'b'],
      options: { url: 'redis://h', ...options },
    });

  it.each([
    [{ 'key.template': 'x:{a}' }, 'key-not-unique', "it lacks '{b}'"],
    [{ 'key.template': 'x:{a}:{b}:{a}' }, 'key-not-unique', "it has '{a}' 2 times"],
    [{ 'key.template': 'x:{a}{b}' }, 'key-not-unique', 'a separator'],
    [{ 'key.template': 'x:{a}-{b}' }, 'key-not-unique', 'a separator'],
    [{ 'key.template': '{a}:{b}' }, 'key-not-unique', 'in front of the first column'],
    [{ 'key.template': 'x:{a}:{c}' }, 'key-not-unique', "'{c}' is not a column of its primary key"],
    [{ 'key.template': 'x:{a}:{b}}' }, 'invalid-option', 'around column names only'],
    [{ url: 'http://h' }, 'invalid-option', "begins with 'http://'"],
    [{ url: 'nonsense' }, 'invalid-option', 'is not a URL'],
    [{ url: 'redis://h/1', db: '2' }, 'invalid-option', "'db' is '2'"],
    [{ url: 'redis://h/x' }, 'invalid-option', "the database is 'x'"],
    [{ url: 'redis://u:p@h', password: 'q' }, 'invalid-option', 'expected one of the two'],
    [{ url: 'redis://h', 'tls.ca-file': 'ca.pem' }, 'invalid-option', "'tls.ca-file' is set"],
    [{ url: 'embedded', db: '1' }, 'invalid-option', "'url' is 'embedded'"],
    [{ mode: 'list' }, 'invalid-option', 'hash, json'],
    [{ ttl: '0 s' }, 'invalid-option', 'a duration above 0'],
  ])('%j is refused with %s', (options, code, text) => {
    expect(() => parse(options)).toThrowError(expect.objectContaining({ code }));
    expect(() => parse(options)).toThrow(text);
  });

  it('reads the rest of a URL', () => {
    expect(parse({ url: 'rediss://u:p%40@h:7/3' }).address).toEqual({
      host: 'h',
      port: 7,
      db: 3,
      tls: true,
      caFile: undefined,
      username: 'u',
      password: 'p@',
    });
  });

  it('never shows a password that was given in a wrong URL', () => {
    expect(() => parse({ url: 'redis://u:geheim@' })).toThrow(/'url'/);
    expect(() => parse({ url: 'redis://u:geheim@' })).not.toThrow(/geheim/);
  });
});

describe.skipIf(!available)('a Redis that is not as it should be', { timeout: 90_000 }, () => {
  let space: Workspace;
  let topic: OrdersTopic;
  const services: RedisService[] = [];
  afterAll(async () => {
    for (const service of services) await service.stop();
  });
  beforeEach(async () => {
    space = new Workspace();
    topic = await OrdersTopic.create(space.dataDir, 1);
    topic.append([
      ['ann', 5, 0],
      ['bob', 7, 1],
    ]);
  });
  afterEach(() => {
    topic.close();
    space.remove();
  });
  const start = async (...args: string[]): Promise<RedisService> => {
    const service = await startRedis(args);
    services.push(service);
    return service;
  };
  const args = (options: Readonly<Record<string, string>>, bounded = true): string[] => [
    'run',
    space.file('totals.sql', ordersTable(bounded ? BOUNDED : {}) + totals(options)),
    ...['--data-dir', space.dataDir, '--port', '0'],
  ];
  const run = (options: Readonly<Record<string, string>>): Promise<Ended> => headwater(args(options));

  it('nobody listens, or nobody answers: a message within ten seconds that names the address', async () => {
    const [port] = await freePorts(1);
    const refused = await run({ url: `redis://127.0.0.1:${port}` });
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toContain(`error [redis-unreachable] redis://127.0.0.1:${port}/0 cannot be reached`);
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const url = `redis://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const begun = Date.now();
    const unanswered = await run({ url });
    silent.close();
    expect(unanswered.stderr).toContain(`error [redis-unreachable] ${url}/0 cannot be reached`);
    expect(Date.now() - begun).toBeLessThan(14_000);
  });

  it('wrong user or password, and no right to write: refused, and the password is not shown', async () => {
    const redis = await start('--requirepass', 'geheim');
    const logins: Readonly<Record<string, string>>[] = [
      {},
      { password: 'falsch-1' },
      { username: 'eve', password: 'falsch-1' },
    ];
    for (const options of logins) {
      const ended = await run({ url: redis.url, ...options });
      expect(ended.stderr).toContain(`error [redis-unauthorized] ${redis.url}/0`);
      expect(ended.stderr + ended.stdout).not.toContain('falsch-1');
    }
    const admin = new Redis(redis.port, { password: 'geheim' });
    await admin.call('ACL', 'SETUSER', 'writer', 'on', '>geheim2', '~p:*', '+@all', '-@dangerous');
    await admin.call('ACL', 'SETUSER', 'reader', 'on', '>geheim2', '~*', '+@read', '+@connection');
    admin.disconnect();
    const reader = await run({ url: redis.url, username: 'reader', password: 'geheim2' });
    expect(reader.stderr).toMatch(/error \[redis-unauthorized\] .*NOPERM/);
    expect(await run({ url: redis.url, username: 'writer', password: 'geheim2', 'key.prefix': 'p:' })).toMatchObject({
      code: 0,
    });
    const explained = await headwater([
      'explain',
      space.file('t.sql', ordersTable() + totals({ url: `redis://writer:geheim2@127.0.0.1:${redis.port}` })),
      '--json',
    ]);
    expect(explained.stdout).not.toContain('geheim2');
  });

  it('a read-only replica, a database that is not there', async () => {
    const master = await start();
    const replica = await start('--replicaof', '127.0.0.1', String(master.port));
    expect((await run({ url: replica.url })).stderr).toContain(
      `error [redis-read-only] ${replica.url}/0 is a read-only replica: expected its master`,
    );
    expect((await run({ url: master.url, db: '99' })).stderr).toContain(
      `error [redis-no-database] ${master.url}/99 has no such database`,
    );
  });

  it('warns of settings by which a server loses data', async () => {
    const redis = await start('--appendonly', 'yes', '--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru');
    const { code, stderr } = await run({ url: redis.url });
    expect(code).toBe(0);
    expect(stderr).toContain(`warn: ${redis.url}/0 has maxmemory-policy allkeys-lru`);
    expect(stderr).toContain(`warn: ${redis.url}/0 has appendfsync everysec`);
  });

  it('goes away while the job runs: an alarm, and all is well when it is back', async () => {
    const redis = await start();
    const command = new Command(args({ url: redis.url }, false));
    await command.until('/v1/features/totals/ann', (answer) => answer.includes('"total":5'));
    await redis.kill();
    topic.append([['ann', 1, 2]]);
    await command.printed(/error: \[redis-(lost|unreachable)\] redis:\/\/127\.0\.0\.1/);
    expect(await command.get('/v1/features/totals/ann?source=image')).toMatchObject({ table: 'totals' });
    expect(await command.get('/v1/features/totals/ann')).toMatchObject({ error: { code: 'redis-unavailable' } });
    await redis.start();
    await command.until('/v1/features/totals/ann', (answer) => answer.includes('"total":6'));
    await command.printed(/info: table totals in redis:\S+ goes on/);
    await command.kill('SIGINT');
  });

  it('a value too big for the server: parked with the key, and the job goes on', async () => {
    const redis = await start('--proto-max-bulk-len', '1mb');
    const wide = totals({ url: redis.url })
      .replace('total INT', 'total STRING')
      .replace('SUM(amount)', "REPEAT('x', 2000000)");
    const file = space.file('totals.sql', ordersTable() + wide);
    const command = new Command(['run', file, '--data-dir', space.dataDir, '--port', '0']);
    await command.printed(
      /\[redis-poison\] .* cannot take key 'totals:(ann|bob)' of table totals: its row has \d+ bytes/,
    );
    expect(JSON.stringify(await command.get('/v1/jobs'))).toContain('"status":"running"');
    await command.kill('SIGKILL');
  });

  it('headwater audit tells missing, extra and changed keys, also beside the running process', async () => {
    const redis = await start();
    const client = new Redis(redis.port);
    const command = new Command(args({ url: redis.url }, false));
    await command.until('/v1/features/totals/bob', (answer) => answer.includes('"total":7'));
    const audit = (...more: string[]): Promise<Ended> =>
      headwater(['audit', 'totals', '--data-dir', space.dataDir, '-f', join(space.folder, 'totals.sql'), ...more]);
    expect(await audit()).toMatchObject({ code: 0, stdout: expect.stringMatching(/2 keys\n {2}equal\n/) as unknown });
    await client.del('totals:ann');
    await client.hset('totals:bob', 'total', '8');
    await client.hset('totals:eve', 'total', '1');
    const { code, stdout } = await audit('--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      keys: 2,
      missing: { count: 1, keys: ['totals:ann'] },
      extra: { count: 1, keys: ['totals:eve'] },
      different: { count: 1, keys: ['totals:bob'] },
      equal: false,
    });
    await command.kill('SIGINT');
    client.disconnect();
    expect(await headwater(['audit', 'totals', '--data-dir', space.dataDir])).toMatchObject({ code: 1 });
    expect(await headwater(['audit', 'nothing', '--data-dir', space.dataDir])).toMatchObject({ code: 2 });
    const rebuilt = new Command([...args({ url: redis.url }, false), '--rebuild', 'totals']);
    await rebuilt.printed(/a rebuild was asked for/);
    await rebuilt.kill('SIGINT');
    expect(await headwater(['audit', 'totals', '--data-dir', space.dataDir])).toMatchObject({ code: 0 });
  });

  it.skipIf(noOpenssl !== undefined)('TLS: with the CA it works, without it is refused', async () => {
    const folder = space.folder;
    const openssl = (...given: string[]): unknown => execFileSync('openssl', given, { cwd: folder, stdio: 'pipe' });
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'key.pem',
      '-out',
      'cert.pem',
      '-days',
      '2',
      ...subject,
    );
    const [port] = await freePorts(1);
    const cert = join(folder, 'cert.pem');
    await start(
      '--tls-port',
      String(port),
      '--tls-cert-file',
      cert,
      '--tls-key-file',
      join(folder, 'key.pem'),
      '--tls-auth-clients',
      'no',
      '--tls-ca-cert-file',
      cert,
    );
    const url = `rediss://localhost:${port}`;
    expect(await run({ url, 'tls.ca-file': cert })).toMatchObject({ code: 0 });
    const untrusted = await headwater([...args({ url }), '--fresh']);
    expect(untrusted.stderr).toContain(`error [redis-tls] ${url}/0: no secure connection could be made`);
  });
});
