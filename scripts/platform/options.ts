import { createServer } from 'node:net';
import { parseArgs } from 'node:util';
import { parseDuration } from '../../src/planner/duration.ts';
import { freePorts } from '../../test/services/index.ts';

export const USAGE = `npm run platform -- [options]: Kafka, a schema registry, Redis, Prometheus and Headwater as real processes

  --data-dir DIR    data of all of them (default .headwater/platform); the next start goes on with them
  --free-ports      take any free ports, not those of docker-compose.yml
  --no-events       do not produce user activity
  --rate R          events a second (default 5000)
  --duration D      end after this time (default: at Ctrl-C)`;

export interface Ports {
  readonly kafka: number;
  readonly registry: number;
  readonly redis: number;
  readonly headwater: number;
  readonly prometheus: number;
}

export interface PlatformOptions {
  readonly dataDir: string;
  readonly ports: Ports;
  /** Events a second; undefined: none. */
  readonly rate: string | undefined;
  /** Milliseconds. */
  readonly duration: number | undefined;
}

/** The ports on which docker-compose.yml publishes the same services. */
const PORTS: Ports = { kafka: 9094, registry: 8081, redis: 6379, headwater: 8000, prometheus: 9090 };

/** Throws with what is wrong; `help`: the usage was asked for. */
export async function parseOptions(argv: readonly string[]): Promise<PlatformOptions | 'help'> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      'data-dir': { type: 'string', default: '.headwater/platform' },
      'free-ports': { type: 'boolean', default: false },
      'no-events': { type: 'boolean', default: false },
      rate: { type: 'string', default: '5000' },
      duration: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    dataDir: values['data-dir'],
    ports: values['free-ports'] ? await anyPorts() : await ownPorts(),
    rate: values['no-events'] ? undefined : values.rate,
    duration: values.duration === undefined ? undefined : parseDuration(values.duration, '--duration'),
  };
}

async function anyPorts(): Promise<Ports> {
  const [kafka, registry, redis, headwater, prometheus] = await freePorts(5);
  return { kafka, registry, redis, headwater, prometheus };
}

async function ownPorts(): Promise<Ports> {
  for (const [name, port] of Object.entries(PORTS)) {
    if (await isFree(port)) continue;
    throw new Error(`port ${port} of ${name} is in use: expected it to be free, or --free-ports`);
  }
  return PORTS;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
