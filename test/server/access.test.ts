import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiKeys } from '../../src/server/api-keys.ts';
import type { HttpImplementation, HttpServer } from '../../src/server/http.ts';
import { startServer } from '../../src/server/server.ts';
import { call, type Call } from './client.ts';
import { ServedTables } from './served-tables.ts';

const ALL = 'all-0123456789abcdef';
const READ = 'read-0123456789abcdef';
const IMPLEMENTATIONS: readonly HttpImplementation[] = ['node:http', 'uWebSockets.js'];

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
const sql = (headers: Record<string, string> = {}): Call => ({ method: 'POST', headers, body: '{"sql":"SELECT 1"}' });

describe.each(IMPLEMENTATIONS)('API keys over %s', (implementation) => {
  const platform = new ServedTables();
  let server: HttpServer;
  const open = (host: string, keys: ApiKeys | undefined): Promise<HttpServer> =>
    startServer(platform, {
      host,
      port: 0,
      ...(keys === undefined ? {} : { keys }),
      implementation,
      monotonic: () => performance.now(),
      log: () => undefined,
    });
  beforeAll(async () => {
    server = await open('0.0.0.0', ApiKeys.parse(`# two keys\n${ALL}\nread:${READ}\n`, 'test'));
    await platform.commitActivity(1, 0, [['user_1', 1n, 0.5, 5n, null]]);
  });
  afterAll(() => server.close());

  it.each<[what: string, path: string, options: Call, status: number, code: string | undefined]>([
    ['health needs none', '/health/live', {}, 200, undefined],
    ['readiness needs none', '/health/ready', {}, 200, undefined],
    ['a feature without', '/v1/features/user_activity/user_1', {}, 401, 'unauthenticated'],
    ['metrics without', '/metrics', {}, 401, 'unauthenticated'],
    ['what does not exist without', '/nope', {}, 401, 'unauthenticated'],
    ['a wrong one', '/v1/jobs', { headers: bearer(`${ALL}x`) }, 401, 'unauthenticated'],
    ['the name of a scope with it', '/v1/jobs', { headers: bearer(`read:${READ}`) }, 401, 'unauthenticated'],
    ['no Bearer', '/v1/jobs', { headers: { authorization: `Basic ${ALL}` } }, 401, 'unauthenticated'],
    ['read: a feature', '/v1/features/user_activity/user_1', { headers: bearer(READ) }, 200, undefined],
    ['read: by x-api-key', '/metrics', { headers: { 'x-api-key': READ } }, 200, undefined],
    [
      'read: many features',
      '/v1/features/user_activity',
      { method: 'POST', headers: bearer(READ), body: '{"keys":["user_1"]}' },
      200,
      undefined,
    ],
    ['read: submits SQL', '/v1/jobs', sql(bearer(READ)), 403, 'forbidden'],
    ['read: stops a job', '/v1/jobs/activity/stop', { method: 'POST', headers: bearer(READ) }, 403, 'forbidden'],
    ['SQL without', '/v1/jobs', sql(), 401, 'unauthenticated'],
    ['all: what does not exist', '/nope', { headers: bearer(ALL) }, 404, 'route-not-found'],
    ['any host', '/v1/jobs', { headers: { ...bearer(ALL), host: 'headwater:8000' } }, 200, undefined],
    [
      'a page of another site',
      '/v1/jobs',
      { headers: { ...bearer(ALL), origin: 'http://evil.example' } },
      403,
      'origin-refused',
    ],
  ])('%s', async (_what, path, options, status, code) => {
    const answer = await call(server.port, path, options);
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(code ?? '')]);
    expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined);
    expect(answer.text).not.toContain(ALL);
  });

  it('lets a key that may do all submit', async () => {
    expect([401, 403]).not.toContain((await call(server.port, '/v1/jobs', sql(bearer(ALL)))).status);
  });

  it.each([
    ['10.1.2.3 without keys', '10.1.2.3', undefined, 'bind-refused'],
    ['all addresses without keys', '::', undefined, 'bind-refused'],
    ['what is no address', 'example.org', ALL, 'bad-host'],
  ])('does not listen on %s', async (_what, host, key, code) => {
    const keys = key === undefined ? undefined : ApiKeys.parse(key, 'test');
    await expect(open(host, keys)).rejects.toMatchObject({ code });
  });

  it('asks for keys on loopback too, when there are some', async () => {
    const own = await open('127.0.0.1', ApiKeys.parse(ALL, 'test'));
    expect((await call(own.port, '/v1/jobs')).status).toBe(401);
    await own.close();
  });
});

describe('the list of keys', () => {
  it.each([
    ['short', /key 1 of X has 5 characters: expected at least 16/],
    [`${ALL},read:short`, /key 2 of X has 5 characters/],
    [`${ALL} with space`, /not all of them allowed/],
  ])('%s is refused, without showing it', (text, message) => {
    expect(() => ApiKeys.parse(text, 'X')).toThrow(message);
    expect(() => ApiKeys.parse(text, 'X')).not.toThrow(/0123456789/);
  });

  it('may be empty, and tells scopes', () => {
    expect(ApiKeys.parse(' \n# none\n', 'X')).toBeUndefined();
    const keys = ApiKeys.parse(`${ALL}, read:${READ}`, 'X');
    expect([keys?.scopeOf(ALL), keys?.scopeOf(READ), keys?.scopeOf('')]).toEqual(['all', 'read', undefined]);
  });
});
