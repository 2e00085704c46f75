import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { KafkaService } from '../services/index.ts';

const run = promisify(execFile);
const MAX_OUTPUT = 64 * 1024 * 1024;

/** Values as Kafka's own Java consumer reads them: `partition offset key value` by line, in the order of arrival. */
export async function javaConsume(
  kafka: KafkaService,
  topic: string,
  count: number,
  isolation: 'read_committed' | 'read_uncommitted' = 'read_committed',
): Promise<string[]> {
  const print = ['partition', 'offset', 'key', 'value'].flatMap((what) => ['--property', `print.${what}=true`]);
  const { stdout } = await run(
    'java',
    [
      ...['-Xmx256m', '-XX:TieredStopAtLevel=1', '-cp', kafka.classPath],
      'org.apache.kafka.tools.consumer.ConsoleConsumer',
      ...['--bootstrap-server', kafka.bootstrap, '--topic', topic, '--from-beginning'],
      ...['--max-messages', String(count), '--timeout-ms', '20000'],
      ...['--isolation-level', isolation, ...print, '--property', 'key.separator= '],
    ],
    { maxBuffer: MAX_OUTPUT },
  );
  return stdout.split('\n').filter((line) => line.startsWith('Partition:'));
}

/** Random records by Kafka's own Java producer, with a compression. */
export async function javaProduce(kafka: KafkaService, topic: string, count: number, compression: string) {
  await run('java', [
    ...['-Xmx256m', '-XX:TieredStopAtLevel=1', '-cp', kafka.classPath],
    'org.apache.kafka.tools.ProducerPerformance',
    ...['--topic', topic, '--num-records', String(count), '--record-size', '300', '--throughput', '-1'],
    ...['--producer-props', `bootstrap.servers=${kafka.bootstrap}`, `compression.type=${compression}`, 'linger.ms=50'],
  ]);
}
