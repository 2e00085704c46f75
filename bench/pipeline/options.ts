import { parseArgs } from 'node:util';

export const FIGURES = ['limit', 'threads', 'broker', 'latency', 'start-up', 'flink'] as const;
export type FigureName = (typeof FIGURES)[number];

export interface BenchOptions {
  /** Measured stretch of each process, after warm-up. */
  readonly seconds: number;
  readonly warmSeconds: number;
  readonly keys: readonly number[];
  readonly only: ReadonlySet<FigureName>;
  readonly brokerEvents: number;
  /** One-second windows whose latency is measured. */
  readonly windows: number;
  /** Take every throughput of the engine again, after other queries ran in the same process. */
  readonly again: boolean;
  readonly json: boolean;
}

export const USAGE = `npm run bench -- pipeline [options]
  --seconds N            measured stretch of each process after warm-up (default 30)
  --keys N,M             distinct users (default 10000,1000000)
  --only NAME,...        of ${FIGURES.join(', ')}
  --broker-events N      events loaded into the broker for each number of keys (default 10000000);
                         when they end before the stretch, they are read again
  --windows N            windows of the latency figure (default 60)
  --with-flink           also CPU seconds per million events of Flink on the same topic
  --once                 do not take the engine's figures again after 30 other queries in the same process
  --quick                once, 5 s stretches, 2 M broker events, 15 windows: to see that it runs, not to quote
  --json                 the results as JSON at the end`;

/** Throws with the usage when the command line is not understood. */
export function parseOptions(argv: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seconds: { type: 'string' },
      keys: { type: 'string' },
      only: { type: 'string' },
      'broker-events': { type: 'string' },
      windows: { type: 'string' },
      'with-flink': { type: 'boolean' },
      once: { type: 'boolean' },
      quick: { type: 'boolean' },
      json: { type: 'boolean' },
    },
  });
  const quick = values.quick === true;
  const named = values.only?.split(',') ?? FIGURES.filter((name) => name !== 'flink' || values['with-flink'] === true);
  return {
    seconds: positive('--seconds', values.seconds ?? (quick ? '5' : '30')),
    warmSeconds: quick ? 2 : 5,
    keys: (values.keys ?? '10000,1000000').split(',').map((text) => positive('--keys', text)),
    only: new Set(named.map(figureName)),
    brokerEvents: positive('--broker-events', values['broker-events'] ?? (quick ? '2000000' : '10000000')),
    windows: positive('--windows', values.windows ?? (quick ? '15' : '60')),
    again: values.once !== true && !quick,
    json: values.json === true,
  };
}

function figureName(text: string): FigureName {
  const name = FIGURES.find((figure) => figure === text);
  if (name === undefined) throw new Error(`there is no figure '${text}'\n\n${USAGE}`);
  return name;
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${name} ${text}: expected a positive number\n\n${USAGE}`);
  return value;
}
