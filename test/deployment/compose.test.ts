import { Ajv } from 'ajv';
import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../src/cli/arguments.ts';
import { parseProduceArguments } from '../../src/cli/produce/arguments.ts';
import { compose, DEPLOYMENT, ROOT, text } from './files.ts';

/** deployment/docker-compose.yml and the Dockerfile, read: they fit the specification, each other and the program. */

const { services, volumes, secrets } = compose();
const each = Object.entries(services);

describe('docker-compose.yml', () => {
  it('fits the Compose Specification', () => {
    // Its $schema is draft-07 by an address that Ajv does not know it by.
    const schema = JSON.parse(text('test/deployment/compose-spec.json').replace(/"\$schema": "[^"]*",/, '')) as object;
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
    const validate = ajv.compile(schema);
    validate(compose());
    expect(validate.errors).toBeNull();
    expect(validate({ services: { a: { image: 'x', portz: [] } } })).toBe(false);
  });

  it('publishes the ports that the documentation names, on this machine only', () => {
    const published = each.flatMap(([name, { ports = [] }]) => ports.map((port) => `${name} ${port}`));
    expect(published.sort()).toEqual([
      'grafana 127.0.0.1:3000:3000',
      'headwater 127.0.0.1:8000:8000',
      'jaeger 127.0.0.1:16686:16686',
      'jaeger 127.0.0.1:4318:4318',
      'kafka 127.0.0.1:9094:9094',
      'prometheus 127.0.0.1:9090:9090',
      'redis 127.0.0.1:6379:6379',
      'registry 127.0.0.1:8081:8080',
    ]);
  });

  it('pins every version, Kafka and the registry to those of the tests', () => {
    for (const [name, { image }] of each)
      expect([name, image]).toEqual([name, expect.stringMatching(/:v?\d+\.\d+\.\d+$/)]);
    const tested = text('test/services/artifacts.ts');
    expect(tested).toContain(`kafka_2.13</artifactId><version>${services.kafka.image.split(':')[1]}<`);
    expect(tested).toContain(`apicurio-registry-app:${services.registry.image.split(':')[1]}:`);
    expect(services.headwater.image).toBe(
      `headwater:${(JSON.parse(text('package.json')) as { version: string }).version}`,
    );
  });

  it.each(each.filter(([, { restart }]) => restart !== undefined))('%s has a health check', (name, service) => {
    if (name === 'events') return;
    if (name === 'headwater') expect(text('Dockerfile')).toMatch(/^HEALTHCHECK/m);
    else expect(service.healthcheck?.test?.length).toBeGreaterThan(1);
  });

  it('mounts files that exist and volumes that are declared, and declares no others', () => {
    const mounts = each.flatMap(([, service]) => service.volumes ?? []).map((mount) => mount.split(':')[0]);
    const [files, named] = [mounts.filter((m) => m.startsWith('.')), mounts.filter((m) => !m.startsWith('.'))];
    expect(files.filter((file) => !existsSync(posix.join(DEPLOYMENT, file)))).toEqual([]);
    expect(named.sort()).toEqual(Object.keys(volumes).sort());
    const used = each.flatMap(([, service]) => (service.secrets ?? []).map(({ source }) => source));
    expect(used).toEqual(Object.keys(secrets));
  });

  it('waits for services that exist and have what is waited for', () => {
    for (const [name, service] of each) {
      for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
        const healthy = services[other]?.healthcheck !== undefined || other === 'headwater';
        const ends = services[other]?.restart === undefined;
        expect([name, other, condition === 'service_healthy' ? healthy : ends]).toEqual([name, other, true]);
      }
    }
  });

  it('gives Headwater arguments and settings that it reads', () => {
    const { command = [], environment = {}, ports = [] } = services.headwater;
    const cli = parseCommandLine(command);
    expect([cli.command, cli.host, cli.dataDir]).toEqual(['run', '0.0.0.0', '/data']);
    expect(ports).toEqual([`127.0.0.1:8000:${cli.port}`]);
    expect(services.headwater.volumes).toEqual([`headwater-data:${cli.dataDir}`]);
    const query = text(cli.positionals[0]);
    const read = [...query.matchAll(/'\$\{([A-Z_]+):-/g)].map(([, name]) => name);
    const environmentOf = text('src/cli/environment.ts');
    for (const name of Object.keys(environment)) {
      expect([name, read.includes(name) || environmentOf.includes(`'${name}'`)]).toEqual([name, true]);
    }
    // All three services: nothing stays embedded by oversight.
    expect(read).toEqual(expect.arrayContaining(['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL', 'REDIS_URL']));
    expect(Object.keys(environment)).toEqual(
      expect.arrayContaining(['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL', 'REDIS_URL']),
    );
  });

  it('produces into the topic that is made and read', () => {
    const { command = [], environment = {} } = services.events;
    const options = parseProduceArguments(command.slice(1), new Map(Object.entries(environment)));
    expect(command[0]).toBe('produce');
    expect(options).toMatchObject({
      what: 'user-activity',
      brokers: services.headwater.environment?.KAFKA_BROKERS,
      registry: services.headwater.environment?.SCHEMA_REGISTRY_URL,
    });
    expect(services.topics.command).toContain('--topic=user-activity');
    expect(text('queries/user_activity.sql')).toContain(':-user-activity}');
  });

  it('names other services by ports that they listen on', () => {
    const properties = text('deployment/kafka/server.properties');
    expect(properties).toContain('advertised.listeners=CLIENTS://kafka:9092,HOST://127.0.0.1:9094');
    expect(services.headwater.environment).toMatchObject({
      KAFKA_BROKERS: 'kafka:9092',
      SCHEMA_REGISTRY_URL: 'http://registry:8080/apis/ccompat/v7',
      REDIS_URL: 'redis://redis:6379',
    });
  });
});

describe('Dockerfile', () => {
  const lines = text('Dockerfile').split('\n');
  const copied = lines.flatMap((line) => {
    const words = line.split(' ');
    return words[0] === 'COPY' && !line.includes('--from=') ? words.slice(1, -1) : [];
  });

  it('copies what is there, and .dockerignore lets exactly that through', () => {
    expect(copied.filter((file) => !existsSync(ROOT + file))).toEqual([]);
    const ignore = text('.dockerignore').split('\n');
    const allowed = ignore.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    expect(ignore).toContain('*');
    expect([...new Set(copied)].sort()).toEqual(allowed.sort());
  });

  it('runs as another user than root, from a pinned Node that the package allows', () => {
    expect(lines.filter((line) => line.startsWith('USER'))).toEqual(['USER node']);
    const bases = lines.filter((line) => line.startsWith('FROM')).map((line) => line.split(' ')[1]);
    expect(new Set(bases).size).toBe(1);
    const [, major, minor] = /^node:(\d+)\.(\d+)\.\d+-/.exec(bases[0]) ?? [];
    expect([Number(major), Number(minor) >= 19]).toEqual([20, true]);
  });

  it('starts with arguments that Headwater understands', () => {
    const command = lines.find((line) => line.startsWith('CMD ['))?.slice('CMD '.length) ?? '';
    const cli = parseCommandLine(JSON.parse(command) as string[]);
    expect(cli).toMatchObject({ command: 'run', host: '0.0.0.0', port: 8000, dataDir: '/data' });
    expect(existsSync(ROOT + cli.positionals[0])).toBe(true);
  });
});
