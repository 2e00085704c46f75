import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTopic, produceBatches } from '../../src/connectors/kafka/producer.ts';
import { registerSchema } from '../../src/connectors/registry/index.ts';
import {
  freePorts,
  type KafkaService,
  type RegistryService,
  requireServices,
  startApicurio,
  startKafka,
} from '../services/index.ts';
import { batchOf, jobText, recordSchema, World } from './world.ts';

const LOGIN_MODULE = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
const OLD = recordSchema([{ name: 'v', type: 'int' }]);
const NEW = recordSchema([
  { name: 's', type: ['null', 'string'], default: null },
  { name: 'amount', type: 'long', aliases: ['v'] },
]);
const REMOVED = recordSchema([{ name: 's', type: { type: 'enum', name: 'Kind', symbols: ['BUY'] } }]);
const ready = await requireServices('kafka', 'apicurio');

describe.skipIf(!ready)('a broker with logins and a registry, both real', { timeout: 60_000 }, () => {
  let kafka: KafkaService;
  let registry: RegistryService;
  let servers = '';
  beforeAll(async () => {
    const [port] = await freePorts(1);
    servers = `127.0.0.1:${port}`;
    const login = `${LOGIN_MODULE} user_ann="pa55";`;
    [kafka, registry] = await Promise.all([startKafka({}, undefined, { port, jaas: login }), startApicurio()]);
    await createTopic(kafka.bootstrap, 'events', 1);
  }, 120_000);
  afterAll(async () => {
    await Promise.all([kafka.stop(), registry.stop()]);
  });

  let world: World;
  beforeEach(() => (world = new World()));
  afterEach(() => world.remove());

  const text = (password: string): string =>
    jobText(
      'v BIGINT, s STRING',
      [
        ['BIGINT', 'SUM(v)'],
        ['STRING', "LISTAGG(COALESCE(s, '-'))"],
      ],
      {
        'avro-confluent.url': registry.url,
        'properties.bootstrap.servers': servers,
        'properties.security.protocol': 'SASL_PLAINTEXT',
        'properties.sasl.mechanism': 'PLAIN',
        'properties.sasl.jaas.config': `${LOGIN_MODULE} username="ann" password="${password}";`,
      },
    );

  it('writers of three schemas in one batch, and over a restart', async () => {
    const ids: number[] = [];
    // Each under a subject of its own: the last one may not follow the first by their registry's rules.
    for (const [i, schema] of [OLD, NEW, REMOVED].entries()) {
      ids.push(await registerSchema(registry.url, `events-${i}`, schema, '/nowhere'));
    }
    const batch = batchOf([
      [ids[0], OLD, { k: 'a', v: 1 }],
      [ids[1], NEW, { k: 'a', s: { string: 'new' }, amount: 1n << 40n }],
      [ids[2], REMOVED, { k: 'a', s: 'BUY' }],
    ]);
    await produceBatches(kafka.bootstrap, 'events', 0, [batch]);
    const first = await world.submit(text('pa55'));
    expect(await world.stopAfter(first, 3)).toEqual(['["a","3","1099511627777","-,new,BUY"]']);
    await produceBatches(kafka.bootstrap, 'events', 0, [batch]);
    const again = await world.submit(text('pa55'));
    expect(await world.stopAfter(again, 3)).toEqual(['["a","6","2199023255554","-,new,BUY,-,new,BUY"]']);
  });

  it('a wrong password: refused within ten seconds, naming the address and no secret', async () => {
    const began = Date.now();
    const error: unknown = await world.submit(text('hidden')).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ kind: 'runtime', message: expect.stringContaining(servers) });
    expect(String(error)).toMatch(/authentication failed/i);
    expect(String(error) + world.logged.join('\n')).not.toContain('hidden');
    expect(Date.now() - began).toBeLessThan(10_000);
  });
});
