import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBatch, MAX_WATERMARK } from '../../src/data/batch.ts';
import { columnFromValues } from '../../src/data/builder.ts';
import type { HttpImplementation, HttpServer } from '../../src/server/http.ts';
import { BODY_LIMIT, DISCARD_LIMIT } from '../../src/server/request-body.ts';
import { MAX_KEYS } from '../../src/server/routes/features.ts';
import { startServer } from '../../src/server/server.ts';
import { ChangeBuffer } from '../../src/store/change-buffer.ts';
import { call, callJson, post } from './client.ts';
import { ServedTables } from './served-tables.ts';

const NOON = Date.UTC(2024, 0, 1, 12);
const IMPLEMENTATIONS: readonly HttpImplementation[] = ['node:http', 'uWebSockets.js'];

function errorOf(answer: { body: Readonly<Record<string, unknown>> }): { code: string; message: string } {
  return answer.body.error as { code: string; message: string };
}

describe.each(IMPLEMENTATIONS)('server over %s', (implementation) => {
  const platform = new ServedTables();
  const logged: string[] = [];
  let server: HttpServer;
  let port = 0;

  const open = (at: number, host = '127.0.0.1'): Promise<HttpServer> =>
    startServer(platform, {
      host,
      port: at,
      implementation,
      monotonic: () => performance.now(),
      log: (_level, message) => logged.push(message),
    });

  beforeAll(async () => {
    server = await open(0);
    port = server.port;
    await platform.commitActivity(1, NOON, [
      ['user_1', 12345678901234567n, 0.1, 1250n, { ms: NOON, nanos: 0 }],
      ['a/b:c', 1n, NaN, null, null],
    ]);
    await platform.commitActivity(2, NOON + 1000, [['user_2', 2n, null, -5n, null]]);
    const windows = platform.images.get('per window');
    const buffer = new ChangeBuffer(windows?.schema ?? [], [0, 1]);
    const columns = (windows?.schema ?? []).map(({ type }, i) =>
      columnFromValues(type, [['ORD', { ms: NOON, nanos: 0 }, 7n][i]]),
    );
    buffer.add(makeBatch(columns, 1));
    await platform.apply('per window', 9, MAX_WATERMARK, buffer.take(9));
  });
  afterAll(() => server.close());

  it('says which implementation it is, and listens on loopback', () => {
    expect(server.implementation).toBe(implementation);
    expect(server.address).toBe('127.0.0.1');
  });

  it('looks up one entity, with its freshness', async () => {
    expect(await callJson(port, '/v1/features/user_activity/user_1')).toEqual({
      status: 200,
      body: {
        table: 'user_activity',
        key: 'user_1',
        features: {
          user_id: 'user_1',
          events: '12345678901234567',
          average: 0.1,
          spent: '12.50',
          last_at: '2024-01-01T12:00:00.000',
        },
        epoch: 1,
        as_of: 2,
        event_time: '2024-01-01T12:00:01.000Z',
        end_of_input: false,
      },
    });
  });

  it('reads escaped keys, keys of several columns, NULLs and NaN', async () => {
    const odd = await callJson(port, '/v1/features/user_activity/a%2Fb%3Ac');
    expect(odd.body.features).toEqual({ user_id: 'a/b:c', events: '1', average: 'NaN', spent: null, last_at: null });
    const pair = await callJson(port, '/v1/features/per%20window/ORD:2024-01-01T12%3A00%3A00.000');
    expect(pair.body).toMatchObject({ features: { events: '7' }, event_time: null, end_of_input: true, as_of: 9 });
  });

  it('gives chosen columns', async () => {
    const { body } = await callJson(port, '/v1/features/user_activity/user_1?columns=spent,events');
    expect(body.features).toEqual({ spent: '12.50', events: '12345678901234567' });
  });

  it('refuses what is not there, and says what is', async () => {
    const cases: [path: string, status: number, code: string, message: RegExp][] = [
      ['/v1/features/user_activity/user_9', 404, 'feature-not-found', /no row with key 'user_9' as of epoch 2/],
      ['/v1/features/nope/user_1', 404, 'table-not-found', /'nope': expected one of user_activity, per window/],
      ['/v1/features/user_activity/user_1?columns=x', 400, 'unknown-column', /'x': expected one of user_id, events/],
      ['/v1/features/user_activity/a:b', 400, 'bad-feature-key', /2 parts, expected 1: user_id/],
      ['/v1/features/per%20window/ORD:noon', 400, 'bad-feature-key', /'noon' is not TIMESTAMP\(3\) NOT NULL/],
      ['/v1/features/%ff/user_1', 400, 'bad-request', /%-escaped/],
      ['/v1/features/user_activity/user_1?colums=x', 400, 'bad-request', /unknown member 'colums'/],
      ['/v1/features/user_activity/user_1?min_epoch=-1', 400, 'bad-request', /min_epoch is '-1'/],
      ['/v2/features', 404, 'route-not-found', /nothing at \/v2\/features/],
      ['/v1/jobs/nope', 404, 'job-not-found', /expected one of activity/],
    ];
    for (const [path, status, code, message] of cases) {
      const answer = await callJson(port, path);
      expect([path, answer.status, errorOf(answer).code]).toEqual([path, status, code]);
      expect(errorOf(answer).message).toMatch(message);
    }
    const wrongMethod = await callJson(port, '/v1/features/user_activity/user_1', { method: 'DELETE' });
    expect([wrongMethod.status, errorOf(wrongMethod).code]).toEqual([405, 'method-not-allowed']);
  });

  it('waits for min_epoch, but not for ever', async () => {
    const waiting = callJson(port, '/v1/features/per%20window/ORD:2024-01-01T12%3A00%3A00.000?min_epoch=10');
    setTimeout(() => void platform.apply('per window', 10, MAX_WATERMARK, []), 50);
    expect(await waiting).toMatchObject({ status: 200, body: { as_of: 10, epoch: 9 } });
    const started = performance.now();
    const late = await callJson(port, '/v1/features/user_activity/user_1?min_epoch=99');
    expect([late.status, errorOf(late).code]).toEqual([504, 'epoch-not-reached']);
    expect(performance.now() - started).toBeGreaterThan(900);
  });

  it('survives a client that goes away while it waits', async () => {
    const gone = new AbortController();
    const url = `http://127.0.0.1:${port}/v1/features/user_activity/user_1?min_epoch=98`;
    const waiting = fetch(url, { signal: gone.signal });
    setTimeout(() => gone.abort(), 50);
    await expect(waiting).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect((await call(port, '/health/live')).status).toBe(200);
  });

  it('looks up many keys in order, with the lowest and highest epoch', async () => {
    const keys = ['user_2', 'missing', 'user_1', 'user_2'];
    const { status, body } = await callJson(port, '/v1/features/user_activity', post({ keys, columns: ['events'] }));
    expect(status).toBe(200);
    expect(body).toEqual({
      table: 'user_activity',
      rows: [
        { key: 'user_2', features: { events: '2' }, epoch: 2 },
        null,
        { key: 'user_1', features: { events: '12345678901234567' }, epoch: 1 },
        { key: 'user_2', features: { events: '2' }, epoch: 2 },
      ],
      lowest_epoch: 1,
      highest_epoch: 2,
      as_of: 2,
      event_time: '2024-01-01T12:00:01.000Z',
      end_of_input: false,
    });
    const none = await callJson(port, '/v1/features/user_activity', post({ keys: ['x'] }));
    expect(none.body).toMatchObject({ rows: [null], lowest_epoch: null, highest_epoch: null });
  });

  it('refuses bad batch requests', async () => {
    const deep = `{"keys":${'['.repeat(200)}${']'.repeat(200)}}`;
    const cases: [body: unknown, code: string, message: RegExp][] = [
      ['{"keys":["a"', 'bad-json', /not JSON/],
      ['', 'bad-json', /not JSON/],
      ['[]', 'bad-json', /an array: expected a JSON object/],
      ['null', 'bad-json', /null: expected/],
      [deep, 'bad-json', /deeper than 32/],
      [{}, 'bad-request', /'keys' is missing/],
      [{ keys: 'a' }, 'bad-request', /'keys' is a string: expected an array of strings/],
      [{ keys: [1] }, 'bad-request', /expected an array of strings/],
      [{ keys: ['a'], column: ['x'] }, 'bad-request', /unknown member 'column'/],
      [{ keys: ['a'], columns: ['x'] }, 'unknown-column', /'x'/],
      [{ keys: ['a'], min_epoch: 1.5 }, 'bad-request', /'min_epoch' is 1.5/],
      [{ keys: ['a:b'] }, 'bad-feature-key', /2 parts/],
      [{ keys: Array.from({ length: MAX_KEYS + 1 }, () => 'a') }, 'too-many-keys', /at most 1000/],
    ];
    for (const [body, code, message] of cases) {
      const answer = await callJson(port, '/v1/features/user_activity', post(body));
      expect([answer.status, errorOf(answer).code]).toEqual([400, code]);
      expect(errorOf(answer).message).toMatch(message);
    }
    const latin = await callJson(port, '/v1/jobs', { method: 'POST', body: Buffer.from([0x7b, 0xff, 0x7d]) });
    expect(errorOf(latin).message).toMatch(/not UTF-8/);
  });

  it('takes a body up to the limit and refuses larger ones', async () => {
    const fits = `{"sql":"${'x'.repeat(BODY_LIMIT - 10)}"}`;
    expect(fits).toHaveLength(BODY_LIMIT);
    expect((await callJson(port, '/v1/jobs', post(fits))).status).toBe(201);
    const large = await callJson(port, '/v1/jobs', post(`${fits} `));
    expect([large.status, errorOf(large).code]).toEqual([413, 'body-too-large']);
    expect(errorOf(large).message).toMatch(/at most 1048576 bytes/);
    expect(platform.submitted.at(-1)?.sql).toHaveLength(BODY_LIMIT - 10);
    expect((await call(port, '/health/live')).status).toBe(200);
  });

  it('cuts off a body that does not end', async () => {
    const huge = call(port, '/v1/jobs', { method: 'POST', body: Buffer.alloc(4 * DISCARD_LIMIT, 'x') });
    const outcome = await huge.then(
      ({ status }) => status,
      (error: NodeJS.ErrnoException) => error.code,
    );
    expect([413, 'EPIPE', 'ECONNRESET']).toContain(outcome);
    expect((await call(port, '/health/live')).status).toBe(200);
  });

  it('refuses other hosts and other sites', async () => {
    const withHeaders = (headers: Record<string, string>): Promise<{ status: number }> =>
      call(port, '/v1/jobs', { headers });
    for (const host of ['evil.example', 'evil.example:8000', '127.0.0.1.evil.example', 'localhost:x', '10.0.0.1']) {
      const answer = await callJson(port, '/v1/jobs', { headers: { host } });
      expect([host, answer.status, errorOf(answer).code]).toEqual([host, 403, 'host-refused']);
    }
    for (const host of ['localhost', `127.0.0.1:${port}`, '[::1]:8000', 'LOCALHOST:1']) {
      expect([host, (await withHeaders({ host })).status]).toEqual([host, 200]);
    }
    for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example']) {
      const answer = await callJson(port, '/v1/jobs', { headers: { origin } });
      expect([answer.status, errorOf(answer).code]).toEqual([403, 'origin-refused']);
    }
    expect((await withHeaders({ origin: `http://localhost:${port}` })).status).toBe(200);
  });

  it('tells health', async () => {
    expect(await callJson(port, '/health/live')).toEqual({
      status: 200,
      body: { status: 'live', version: '0.0.0-test' },
    });
    expect(await callJson(port, '/health/ready')).toEqual({ status: 200, body: { status: 'ready' } });
    platform.waitingFor = ['job activity is starting'];
    expect(await callJson(port, '/health/ready')).toEqual({
      status: 503,
      body: { status: 'not-ready', waiting_for: ['job activity is starting'] },
    });
    platform.waitingFor = [];
    const head = await call(port, '/health/live', { method: 'HEAD' });
    expect([head.status, head.text]).toEqual([200, '']);
  });

  it('serves metrics that parse', async () => {
    await callJson(port, '/v1/features/user_activity/user_1');
    const { status, headers, text } = await call(port, '/metrics');
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    const samples = new Map<string, number>();
    for (const line of text.split('\n')) {
      if (line === '' || line.startsWith('# HELP ') || line.startsWith('# TYPE ')) continue;
      const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*(?:\{(?:[a-zA-Z_]\w*="(?:[^"\\]|\\.)*",?)*\})?) (\S+)$/.exec(line);
      expect(match, line).not.toBeNull();
      if (match !== null) samples.set(match[1], Number(match[2]));
    }
    expect(samples.get('headwater_job_rows_total{job="activity"}')).toBe(100);
    expect(samples.get('headwater_job_late_rows_dropped_total{job="activity"}')).toBe(3);
    expect(samples.get('headwater_job_watermark_seconds{job="activity"}')).toBe(Date.UTC(2024, 0, 1) / 1000);
    expect(samples.has('headwater_job_lag_records{job="activity"}')).toBe(false);
    expect(samples.get('headwater_table_rows{table="user_activity"}')).toBe(3);
    expect(samples.get('headwater_table_epoch{table="user_activity"}')).toBe(2);
    expect(samples.get('headwater_lookup_seconds_count')).toBeGreaterThan(5);
    expect(samples.get('headwater_lookup_misses_total{table="user_activity"}')).toBeGreaterThan(0);
    expect(samples.get('headwater_lookup_seconds_bucket{le="+Inf"}')).toBe(
      samples.get('headwater_lookup_seconds_count'),
    );
    const again = await call(port, '/metrics');
    expect(again.text).toContain('headwater_job_rows_total{job="activity"} 100\n');
  });

  it('lists, submits, stops, cancels and drops jobs', async () => {
    const listed = await callJson(port, '/v1/jobs');
    expect(listed.body.jobs).toContainEqual(
      expect.objectContaining({ name: 'activity', status: 'running', rows_in: 100, lag: null, error: null }),
    );
    const request = { sql: 'INSERT INTO t SELECT 1', name: 'my job', settings: { TOPIC: 'x' } };
    expect(await callJson(port, '/v1/jobs', post(request))).toMatchObject({ status: 201, body: { name: 'my job' } });
    expect(platform.submitted.at(-1)).toEqual(request);
    const running = await callJson(port, '/v1/jobs/my%20job', { method: 'DELETE' });
    expect([running.status, errorOf(running).code]).toEqual([409, 'job-running']);
    const stopped = await callJson(port, '/v1/jobs/my%20job/stop', post(''));
    expect([stopped.status, stopped.body.status]).toEqual([200, 'stopped']);
    const cancelled = await callJson(port, '/v1/jobs/my%20job/cancel', post(''));
    expect(cancelled.body.status).toBe('cancelled');
    expect(await callJson(port, '/v1/jobs/my%20job', { method: 'DELETE' })).toEqual({
      status: 200,
      body: { dropped: 'my job' },
    });
    expect((await callJson(port, '/v1/jobs/my%20job')).status).toBe(404);
  });

  it('passes on what is wrong with SQL, and keeps its own failures to itself', async () => {
    const wrong = await callJson(port, '/v1/jobs', post({ sql: 'SELEC 1' }));
    expect(wrong).toEqual({
      status: 400,
      body: { error: { code: 'syntax-error', message: "unexpected 'SELEC'", position: [1, 1] } },
    });
    const crash = await call(port, '/v1/jobs', post({ sql: 'crash' }));
    expect(crash.status).toBe(500);
    expect(crash.text).not.toMatch(/secret|\.ts|at /);
    expect(JSON.parse(crash.text)).toMatchObject({ error: { code: 'internal-error' } });
    expect(logged.some((line) => line.includes('secret of the inside'))).toBe(true);
    for (const bad of [{}, { sql: 1 }, { sql: 'x', settings: { a: 1 } }, { sql: 'x', other: 1 }]) {
      expect((await callJson(port, '/v1/jobs', post(bad))).status).toBe(400);
    }
  });

  it('answers many requests at once on kept connections', async () => {
    const urls = Array.from(
      { length: 300 },
      (_, i) => `http://127.0.0.1:${port}/v1/features/user_activity/user_${1 + (i % 2)}`,
    );
    const bodies = await Promise.all(urls.map(async (url) => (await fetch(url)).json() as Promise<{ key: string }>));
    expect(bodies.map((body) => body.key)).toEqual(urls.map((url) => url.split('/').at(-1)));
  });

  it('refuses other addresses and ports in use', async () => {
    for (const host of ['0.0.0.0', '::', '192.168.0.1', 'example.com', '']) {
      await expect(open(0, host)).rejects.toMatchObject({ code: 'bind-refused' });
    }
    await expect(open(port)).rejects.toMatchObject({ code: 'port-in-use' });
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const taken = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(open(taken)).rejects.toMatchObject({ code: 'port-in-use' });
    other.close();
  });

  it('stops listening when closed', async () => {
    const short = await open(0);
    expect((await call(short.port, '/health/live')).status).toBe(200);
    await short.close();
    await expect(call(short.port, '/health/live')).rejects.toThrow();
  });
});
