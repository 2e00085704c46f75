import { randomBytes, randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { StopSignal } from '../../src/cli/stop-signal.ts';
import { requireServices } from '../../test/services/index.ts';
import { type ApiKeyPair, startEvents, startHeadwater } from './headwater.ts';
import { parseOptions, type PlatformOptions, USAGE } from './options.ts';
import { Parts } from './parts.ts';
import { startMonitoring, startServices } from './services.ts';

/** `npm run platform`: what docker-compose.yml describes, as processes of this machine, until Ctrl-C. */
async function main(): Promise<void> {
  const options = await parseOptions(process.argv.slice(2));
  if (options === 'help') return say(USAGE);
  const stop = new StopSignal();
  const parts = new Parts(say);
  try {
    if (!(await requireServices('kafka', 'apicurio', 'redis'))) throw new Error('a service is missing: see above');
    const ended = await start({ ...options, dataDir: resolve(options.dataDir) }, parts);
    const { duration } = options;
    if (duration !== undefined) setTimeout(() => process.kill(process.pid, 'SIGINT'), duration);
    const died = await Promise.race([...ended, stop.asked]);
    if (typeof died === 'string') throw new Error(died);
  } finally {
    await parts.endAll();
    stop.release();
  }
}

/** Starts everything. Returns what ends when Headwater or the producer does so by itself. */
async function start(options: PlatformOptions, parts: Parts): Promise<Promise<string>[]> {
  const keys: ApiKeyPair = { all: randomBytes(32).toString('hex'), read: randomBytes(32).toString('hex') };
  say('starting Kafka, Redis and the registry (their jars are fetched the first time) ...');
  const addresses = await startServices(options, parts);
  const headwater = await startHeadwater(options, addresses, keys, parts);
  const monitored = await requireServices('prometheus');
  const prometheus = monitored ? await startMonitoring(options, keys.read, parts) : undefined;
  const watched = [headwater.ended.then(({ stderr }) => `Headwater ended by itself: ${stderr}`)];
  if (options.rate !== undefined) {
    const producer = startEvents(options.rate, addresses, randomInt(2 ** 31), parts);
    watched.push(producer.ended.then(({ stderr }) => `the producer ended by itself: ${stderr}`));
  }
  const url = await headwater.url();
  say(`
Kafka       ${addresses.KAFKA_BROKERS}
registry    ${addresses.SCHEMA_REGISTRY_URL}
Redis       ${addresses.REDIS_URL}
Headwater   ${url}   key ${keys.all}, to read only ${keys.read}
Prometheus  ${prometheus ?? 'is not installed (Debian: apt-get install prometheus)'}

  curl -H 'x-api-key: ${keys.read}' ${url}/v1/features/user_activity/user_0000042
  redis-cli -u ${addresses.REDIS_URL} hgetall user_activity:user_0000042
${prometheus === undefined ? '' : `  curl -g '${prometheus}/api/v1/query?query=rate(headwater_job_rows_total[1m])'\n`}
Ctrl-C ends all of it in order; the next start goes on from there.`);
  return watched;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
