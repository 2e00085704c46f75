import { describe, expect, test } from 'vitest';
import { kafkaDescriptor } from '../../src/connectors/kafka/descriptor.ts';
import { parseKafkaOptions } from '../../src/connectors/kafka/options.ts';

const BASE = {
  topic: 't',
  'properties.bootstrap.servers': 'a:9092, b:9093',
  'scan.startup.mode': 'earliest-offset',
  format: 'json',
};

function without(key: string): Record<string, string> {
  return Object.fromEntries(Object.entries(BASE).filter(([other]) => other !== key));
}

const SSL = { 'properties.security.protocol': 'SSL' };

describe('options of connector kafka', () => {
  test('defaults', () => {
    expect(parseKafkaOptions(BASE)).toEqual({
      topics: { by: 'names', topics: ['t'] },
      broker: { brokers: ['a:9092', 'b:9093'], ssl: false, sasl: undefined, clientId: 'headwater' },
      readCommitted: true,
      startup: { at: 'earliest' },
      bounded: undefined,
      discoveryInterval: 300_000,
      reportingGroup: undefined,
      format: 'json',
      registryUrl: undefined,
      skipUndecodable: false,
    });
  });

  test('SASL over TLS', () => {
    const { broker } = parseKafkaOptions({
      ...BASE,
      'properties.group.id': 'team',
      'properties.security.protocol': 'SASL_SSL',
      'properties.ssl.truststore.location': '/ca.pem',
      'properties.sasl.mechanism': 'SCRAM-SHA-512',
      'properties.sasl.jaas.config':
        'org.apache.kafka.common.security.scram.ScramLoginModule required username="u" password="p\\"q=;";',
    });
    expect(broker).toEqual({
      brokers: ['a:9092', 'b:9093'],
      ssl: { truststore: { option: 'properties.ssl.truststore.location', file: '/ca.pem' }, checkHost: true },
      sasl: { mechanism: 'scram-sha-512', username: 'u', password: 'p"q=;' },
      clientId: 'headwater-team',
    });
  });

  test.each([
    [
      { 'scan.startup.mode': 'group-offsets' },
      /'group-offsets': expected 'properties.group.id'.*earliest-offset, latest/,
    ],
    [{ 'scan.startup.mode': 'sideways' }, /'sideways'; expected one of: group-offsets, earliest-offset, latest-offset/],
    [{ 'properties.auto.offset.reset': 'earliest' }, /expected 'scan.startup.mode' = 'group-offsets', given 'earliest/],
    [
      { 'scan.startup.mode': 'group-offsets', 'properties.auto.offset.reset': 'sometimes' },
      /'sometimes'; expected one of: none, earliest, latest/,
    ],
    [{ 'scan.bounded.mode': 'group-offsets' }, /expected 'properties.group.id', the group whose offsets are the end/],
    [
      {
        topic: 'a;b',
        'scan.startup.mode': 'specific-offsets',
        'scan.startup.specific-offsets': 'partition:0,offset:1',
      },
      /'specific-offsets', which names partitions; expected a table of one topic/,
    ],
    [{ 'topic-pattern': 'a.*' }, /'topic' and 'topic-pattern' are both set/],
    [{ 'scan.topic-partition-discovery.interval': 'soon' }, /interval' must be a duration/],
    [{ 'scan.startup.mode': 'timestamp' }, /'scan.startup.timestamp-millis' is ''; expected milliseconds/],
    [{ 'scan.startup.timestamp-millis': '5' }, /expected 'scan.startup.mode' = 'timestamp', given 'earliest-offset'/],
    [
      { 'scan.startup.mode': 'specific-offsets', 'scan.startup.specific-offsets': 'partition:0' },
      /is 'partition:0'; expected partition:0,offset:42/,
    ],
    [{ 'scan.bounded.mode': 'sometime' }, /'sometime'; expected one of: unbounded, latest-offset/],
    [{ topic: 'a;b;a' }, /names a twice/],
    [{ topic: 'a;' }, /'topic' is ''; expected 1 to 249/],
    [{ topic: 'a/b' }, /'a\/b'; expected 1 to 249/],
    [{ 'properties.bootstrap.servers': 'nowhere' }, /'nowhere'; expected host:port/],
    [{ 'properties.isolation.level': 'none' }, /read_committed, read_uncommitted/],
    [{ format: 'avro-confluent' }, /'avro-confluent.url' is required/],
    [{ 'json.ignore-parse-errors': 'yes' }, /'yes'; expected one of: false, true/],
    [{ 'properties.security.protocol': 'SASL_SSL' }, /jaas.config' is required/],
    [{ ...SSL, 'properties.ssl.truststore.type': 'JKS' }, /'JKS'; expected one of: PEM/],
    [{ ...SSL, 'properties.ssl.truststore.password': 'x' }, /a truststore of PEM text has none/],
    [{ ...SSL, 'properties.ssl.keystore.key': 'x' }, /keystore.key' and .*keystore.certificate.chain' together/],
  ])('%j is refused', (change, message) => {
    expect(() => parseKafkaOptions({ ...BASE, ...change })).toThrow(message);
  });

  test('topics, and where a group says', () => {
    const rest = without('topic');
    expect(parseKafkaOptions({ ...BASE, topic: 'a; b' }).topics).toEqual({ by: 'names', topics: ['a', 'b'] });
    expect(parseKafkaOptions({ ...rest, 'topic-pattern': 'a\\d+' }).topics).toEqual({
      by: 'pattern',
      pattern: 'a\\d+',
    });
    expect(() => parseKafkaOptions({ ...rest, 'topic-pattern': 'a(' })).toThrow(/'a\('; expected a regular expression/);
    expect(() => parseKafkaOptions(rest)).toThrow(expect.objectContaining({ code: 'missing-option' }));
    const group = { 'properties.group.id': 'g', 'scan.bounded.mode': 'group-offsets' };
    const noMode = without('scan.startup.mode');
    expect(parseKafkaOptions({ ...noMode, ...group, 'properties.auto.offset.reset': 'latest' })).toMatchObject({
      startup: { at: 'group', group: 'g', reset: 'latest' },
      bounded: { at: 'group', group: 'g', reset: 'none' },
      discoveryInterval: undefined,
      reportingGroup: 'g',
    });
    expect(parseKafkaOptions({ ...noMode, 'properties.auto.offset.reset': 'earliest' }).startup).toEqual({
      at: 'earliest',
    });
    expect(parseKafkaOptions({ ...BASE, 'scan.topic-partition-discovery.interval': '0 ms' })).toMatchObject({
      discoveryInterval: undefined,
    });
  });

  test('a password that cannot be parsed is not in the message', () => {
    const options = { 'properties.security.protocol': 'SASL_SSL', 'properties.sasl.jaas.config': 'password=hunter2' };
    expect(() => parseKafkaOptions({ ...BASE, ...options })).toThrow(/^(?!.*hunter2).*username="..." and password/);
  });

  test('a primary key and an unknown format are refused', () => {
    const table = { name: 'T', columns: [], primaryKey: ['id'], options: BASE };
    expect(() => kafkaDescriptor.validate?.(table, 'source')).toThrow(
      expect.objectContaining({ code: 'invalid-primary-key' }),
    );
    const csv = { ...table, primaryKey: [], options: { ...BASE, format: 'csv' } };
    expect(() => kafkaDescriptor.validate?.(csv, 'source')).toThrow(/expected one of: avro-confluent, json/);
  });
});
