import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedRegistry } from '../../src/connectors/embedded/registry.ts';
import { startHttpServer, type HttpServer } from '../../src/server/http.ts';
import { routeRequests } from '../../src/server/router.ts';
import { registryRoutes } from '../../src/server/routes/registry.ts';
import { Door } from '../services/door.ts';
import { makeCertificate } from './certificates.ts';
import { jobText, recordSchema, World } from './world.ts';

const SCHEMA = recordSchema([{ name: 'v', type: 'int' }]);
const SUM_V = [['INT', 'SUM(v)']] as const;
const SECRET = 'pa55:w0rd';
const BASIC = `Basic ${Buffer.from(`ann:${SECRET}`).toString('base64')}`;

let folder = '';
let world: World;
let server: HttpServer;
/** Schema ids are those of the registry of another data directory, served by Headwater's own HTTP server. */
let id = 0;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-access-'));
  const registry = new EmbeddedRegistry(folder);
  id = await registry.register('events-value', SCHEMA);
  server = await startHttpServer(
    routeRequests(registryRoutes(registry), () => undefined),
    {
      host: '127.0.0.1',
      port: 0,
    },
  );
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

let door: Door | undefined;
beforeEach(() => {
  world = new World();
  world.append([[id, SCHEMA, { k: 'a', v: 7 }]]);
});
afterEach(async () => {
  await door?.close();
  door = undefined;
  await world.remove();
});

async function openDoor(settings: Parameters<typeof Door.before>[1]): Promise<Door> {
  door = await Door.before(server.port, settings);
  await door.open();
  return door;
}

/** Everything under the data directory and everything logged, as text. */
function traces(): string {
  const read = (path: string): string =>
    statSync(path).isDirectory()
      ? readdirSync(path)
          .map((name) => read(join(path, name)))
          .join('\n')
      : readFileSync(path, 'latin1');
  return read(world.dataDir) + world.logged.join('\n');
}

const USER_INFO = { 'avro-confluent.basic-auth.user-info': `ann:${SECRET}` };

describe('a login', () => {
  it.each<[string, string, Record<string, string>, login?: string]>([
    [
      'user info, with its source',
      BASIC,
      { ...USER_INFO, 'avro-confluent.basic-auth.credentials-source': 'USER_INFO' },
    ],
    ['user info', BASIC, USER_INFO],
    [
      'user info by the name of the client',
      BASIC,
      { 'avro-confluent.properties.basic.auth.user.info': `ann:${SECRET}` },
    ],
    ['in the URL', BASIC, {}, `ann:${encodeURIComponent(SECRET)}@`],
    [
      'that of the brokers',
      BASIC,
      {
        'avro-confluent.basic-auth.credentials-source': 'SASL_INHERIT',
        'properties.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required username="ann" password="${SECRET}";`,
      },
    ],
    ['a token', `Bearer ${SECRET}`, { 'avro-confluent.bearer-auth.token': SECRET }],
    [
      'a token, with its source',
      `Bearer ${SECRET}`,
      { 'avro-confluent.bearer-auth.token': SECRET, 'avro-confluent.bearer-auth.credentials-source': 'STATIC_TOKEN' },
    ],
  ])('%s: lets the job in and leaves no trace', async (_name, authorization, options, login = '') => {
    const { port } = await openDoor({ authorization });
    const url = `http://${login}127.0.0.1:${port}/registry`;
    const job = await world.submit(jobText('v INT', SUM_V, { ...options, 'avro-confluent.url': url }));
    expect(await world.stopAfter(job, 1)).toEqual(['["a","1",7]']);
    expect(JSON.stringify(job.plan.nodes.map((node) => node.fingerprint))).not.toContain(SECRET);
    expect(traces()).not.toContain(SECRET);
    expect(traces()).not.toContain(encodeURIComponent(SECRET));
  });

  it.each<[string, Record<string, string>]>([
    ['a wrong password', { 'avro-confluent.basic-auth.user-info': 'ann:hidden' }],
    ['none', {}],
    ['a wrong token', { 'avro-confluent.bearer-auth.token': 'hidden' }],
  ])('%s: refused at the start, naming the address and no secret', async (_name, options) => {
    const { port } = await openDoor({ authorization: BASIC });
    const url = `http://127.0.0.1:${port}/registry`;
    const submitted = world.submit(jobText('v INT', SUM_V, { ...options, 'avro-confluent.url': url }));
    const error: unknown = await submitted.then(
      async (job) => (await job.done).error,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({
      code: 'registry-not-authorized',
      message: expect.stringMatching(new RegExp(`^(?!.*hidden).*http://127.0.0.1:${port}/registry refuses the login`)),
    });
    expect(traces()).not.toContain('hidden');
  });

  it.each<[string, Record<string, string>, string]>([
    ['no colon', { 'basic-auth.user-info': 'hidden' }, "'avro-confluent.basic-auth.user-info' is not of the form"],
    ['both kinds', { 'basic-auth.user-info': 'a:hidden', 'bearer-auth.token': 'hidden' }, 'are both given'],
    ['an unknown source', { 'basic-auth.credentials-source': 'FILE' }, 'expected one of: USER_INFO, URL, SASL_INHERIT'],
    [
      'a source without its option',
      { 'basic-auth.credentials-source': 'USER_INFO' },
      "needs 'avro-confluent.basic-auth.user-info'",
    ],
    [
      'brokers without a login',
      { 'basic-auth.credentials-source': 'SASL_INHERIT' },
      "needs 'properties.sasl.jaas.config'",
    ],
    ['a token that is two lines', { 'bearer-auth.token': 'hidden\nhidden' }, 'characters that no HTTP header can hold'],
    ['OAuth', { 'bearer-auth.credentials-source': 'OAUTHBEARER' }, 'expected STATIC_TOKEN'],
    ['a password of PEM text', { 'ssl.truststore.password': 'hidden' }, 'a truststore of PEM text has no password'],
    ['a login in a URL that is none', { url: 'ftp://ann:hidden@x' }, "registry URL 'ftp://x' has protocol ftp:"],
    ['a login in what is no URL', { url: '//ann:hidden@x' }, "'//x' is not a registry URL"],
  ])('%s: refused while planning, without the secret', async (_name, options, message) => {
    const prefixed = Object.entries(options).map(([key, value]) => [`avro-confluent.${key}`, value] as const);
    const submitted = world.submit(jobText('v INT', SUM_V, Object.fromEntries(prefixed)));
    const error: unknown = await submitted.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'invalid-option', message: expect.stringContaining(message) });
    expect(String(error)).not.toContain('hidden');
  });
});

describe('TLS', () => {
  const file = (name: string, text: string | Buffer): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  async function submit(port: number, options: Record<string, string>): Promise<string[]> {
    const url = `https://127.0.0.1:${port}/registry`;
    const job = await world.submit(jobText('v INT', SUM_V, { ...options, 'avro-confluent.url': url }));
    return world.stopAfter(job, 1);
  }

  it('an authority of a PEM file, and the certificate and encrypted key of the client', async () => {
    const ours = makeCertificate(folder, 'server');
    const theirs = makeCertificate(folder, 'client', SECRET);
    const both = file('client.pem', readFileSync(theirs.cert, 'utf8') + readFileSync(theirs.key, 'utf8'));
    const read = (path: string): string => readFileSync(path, 'utf8');
    const tls = { key: read(ours.key), cert: read(ours.cert), ca: read(theirs.cert), requestCert: true };
    const { port } = await openDoor({ tls: { ...tls, rejectUnauthorized: true }, authorization: BASIC });
    const store = { 'avro-confluent.ssl.truststore.location': ours.cert, ...USER_INFO };
    const key = {
      'avro-confluent.ssl.keystore.location': both,
      'avro-confluent.ssl.keystore.password': SECRET,
    };
    // Each part is needed.
    await expect(submit(port, USER_INFO)).rejects.toMatchObject({
      code: 'registry-unreachable',
      message: expect.stringMatching(/self.signed certificate/),
    });
    await world.shutdown();
    await expect(submit(port, store)).rejects.toMatchObject({ code: 'registry-unreachable' });
    await world.shutdown();
    const wrong = { ...key, 'avro-confluent.ssl.keystore.password': 'hidden' };
    await expect(submit(port, { ...store, ...wrong })).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringMatching(/^(?!.*hidden).*client\.pem cannot be used/),
    });
    await world.shutdown();
    expect(await submit(port, { ...store, ...key })).toEqual(['["a","1",7]']);
    expect(traces()).not.toContain(SECRET);
  }, 60_000);

  it.each<[string, () => string, string]>([
    [
      'a Java key store',
      () => file('store.jks', Buffer.from('feedfeed00000002', 'hex')),
      'is a Java key store (JKS); expected PEM',
    ],
    ['another file', () => file('store.p12', 'abc'), 'is no PEM text; expected PEM'],
    ['no file', () => join(folder, 'missing.pem'), 'ENOENT'],
    [
      'PEM text that holds no certificate',
      () => file('bad.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'),
      'cannot be used',
    ],
  ])('%s as truststore: refused, naming the file', async (_name, path, message) => {
    const location = path();
    await expect(submit(1, { 'avro-confluent.ssl.truststore.location': location })).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringContaining(message),
    });
  });
});
