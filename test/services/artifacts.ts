import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { poll } from './poll.ts';

const run = promisify(execFile);
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/headwater-services/', import.meta.url));
const MAVEN_TIMEOUT_MS = 540_000;

const KAFKA_POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>headwater</groupId><artifactId>test-services</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.1.0</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>4.1.0</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`;

/** The folder with Kafka's jars, fetched once per machine. */
export function kafkaJars(): Promise<string> {
  return cached('kafka-4.1.0', async (folder) => {
    writeFileSync(join(folder, 'pom.xml'), KAFKA_POM);
    await maven(folder, ['dependency:copy-dependencies', '-DoutputDirectory=libs', '-DincludeScope=runtime']);
  }).then((folder) => join(folder, 'libs'));
}

const FLINK_CONNECTORS_POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>headwater</groupId><artifactId>flink-connectors</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.flink</groupId><artifactId>flink-sql-connector-kafka</artifactId><version>5.0.0-2.2</version></dependency>
    <dependency><groupId>org.apache.flink</groupId><artifactId>flink-sql-avro-confluent-registry</artifactId><version>2.3.0</version></dependency>
  </dependencies>
</project>
`;

/** The folder with Flink's Kafka connector and Avro format, fetched once per machine. */
export function flinkConnectorJars(): Promise<string> {
  return cached('flink-connectors-5.0.0-2.2', async (folder) => {
    writeFileSync(join(folder, 'pom.xml'), FLINK_CONNECTORS_POM);
    await maven(folder, ['dependency:copy-dependencies', '-DoutputDirectory=libs', '-DincludeScope=runtime']);
  }).then((folder) => join(folder, 'libs'));
}

/** The folder with Apicurio's runner jar and its libraries, fetched once per machine. */
export function apicurioFolder(): Promise<string> {
  return cached('apicurio-3.0.9', async (folder) => {
    const artifact = 'io.apicurio:apicurio-registry-app:3.0.9:tar.gz:all';
    await maven(folder, ['dependency:copy', `-Dartifact=${artifact}`, '-DoutputDirectory=.']);
    const archive = readdirSync(folder).find((name) => name.endsWith('.tar.gz'));
    if (archive === undefined) throw new Error(`maven copied no archive for ${artifact}`);
    await run('tar', ['-xzf', archive], { cwd: folder });
    rmSync(join(folder, archive));
  });
}

/** Runs a program to see that it is there; the problem in words, or undefined. */
export async function programProblem(program: string, args: string[]): Promise<string | undefined> {
  try {
    await run(program, args);
    return undefined;
  } catch (error) {
    return `\`${program}\` cannot be run (${error instanceof Error ? error.message.split('\n')[0] : String(error)})`;
  }
}

async function maven(folder: string, goals: string[]): Promise<void> {
  await run('mvn', ['-q', '-B', ...goals], { cwd: folder, timeout: MAVEN_TIMEOUT_MS });
}

/** Fills a folder beside its final place and renames it, so that a half download is never taken for a whole one. */
export async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(CACHE, name);
  if (existsSync(folder)) return folder;
  mkdirSync(CACHE, { recursive: true });
  const lock = `${folder}.lock`;
  if (!takeLock(lock)) {
    await poll(
      `another process to fetch ${name}`,
      MAVEN_TIMEOUT_MS,
      async () => existsSync(folder) || !existsSync(lock),
    );
    return cached(name, fill);
  }
  const partial = `${folder}.${process.pid}`;
  try {
    mkdirSync(partial, { recursive: true });
    await fill(partial);
    if (!existsSync(folder)) renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
    rmSync(lock, { recursive: true, force: true });
  }
  return folder;
}

function takeLock(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const age = existsSync(lock) ? Date.now() - statSync(lock).mtimeMs : 0;
    // Left behind by a process that was killed.
    if (age > MAVEN_TIMEOUT_MS) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}
