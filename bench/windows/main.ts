import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CASES, EVENTS_PER_SECOND, script, type WindowCase } from './cases.ts';
import { Chain } from './chain.ts';
import { EVENTS_PER_BATCH, EventPool } from './events.ts';
import { compareWithFlink, type Stretches } from './with-flink.ts';

interface Figure {
  readonly eventsPerSecond: number;
  readonly eventsPerCpuSecond: number;
  readonly bytesPerKey: number;
  readonly rowsPerEvent: number;
}

/** Event time of the warm-up: two windows, so that pools and arrays have their sizes. */
const WARM_SECONDS = 20;

/** One case in this process: at least `seconds`, and whole windows of 10 seconds of event time. */
function measure(index: number, keys: number, seconds: number): Figure {
  const { window, calls } = CASES[index];
  const chain = new Chain(script(window, calls));
  const pool = new EventPool(keys, chain.columns);
  const batches = Math.ceil((10 * EVENTS_PER_SECOND) / EVENTS_PER_BATCH);
  let largest = 0;
  const windowOf10s = (): void => {
    for (let i = 1; i <= batches; i++) {
      chain.rows(pool.take());
      if (i % 25 !== 0) continue;
      chain.snapshot();
      largest = Math.max(largest, chain.bytes());
    }
  };
  for (let i = 0; i < WARM_SECONDS / 10; i++) windowOf10s();
  const before = { wall: performance.now(), cpu: process.cpuUsage(), rows: chain.emitted };
  let events = 0;
  while (performance.now() - before.wall < seconds * 1000) {
    windowOf10s();
    events += batches * EVENTS_PER_BATCH;
  }
  const cpu = process.cpuUsage(before.cpu);
  return {
    eventsPerSecond: (events * 1000) / (performance.now() - before.wall),
    eventsPerCpuSecond: (events * 1e6) / (cpu.user + cpu.system),
    bytesPerKey: largest / keys,
    rowsPerEvent: (chain.emitted - before.rows) / events,
  };
}

const STRETCHES: Stretches = { flink: { warm: 12, seconds: 15 }, engine: { warm: 3, seconds: 5 } };
const QUICK_STRETCHES: Stretches = { flink: { warm: 2, seconds: 2 }, engine: { warm: 1, seconds: 1 } };

const USAGE = `npm run bench -- windows [options]
  --keys N,M             distinct users (default 10000,1000000)
  --only NAME,NAME       of tumble, hop, cumulate, session, distinct
  --with-flink           also CPU seconds per million events beside Flink, from a broker on this machine
  --only-flink           that alone
  --broker-events N      events in the broker for each number of keys (default 16000000)
  --quick                short stretches, 4 M broker events: to see that it runs, not to quote
  --json                 the results as JSON at the end`;

/** Each case in a process of its own, ratios to TUMBLE of the same keys. */
async function main(args: readonly string[]): Promise<void> {
  if (args[0] === '--case') {
    process.stdout.write(JSON.stringify(measure(Number(args[1]), Number(args[2]), Number(args[3]))));
    return;
  }
  const options = parseOptions(args);
  const { keys, cases } = options;
  const seconds = options.quick ? 0.5 : 5;
  process.stdout.write(
    `headwater bench windows, ${new Date().toISOString()}\n${cpus()[0].model}, ${cpus().length} CPUs, ` +
      `load ${loadavg()[0].toFixed(1)} at the start, Node ${process.version}; ${seconds} s measured in each process\n`,
  );
  const figures = options.onlyFlink ? [] : measureCases(cases, keys, seconds);
  const flink = options.withFlink
    ? await compareWithFlink({
        keys,
        cases,
        brokerEvents: options.brokerEvents,
        stretches: options.quick ? QUICK_STRETCHES : STRETCHES,
      })
    : [];
  if (options.json) process.stdout.write(`${JSON.stringify({ figures, flink })}\n`);
}

function parseOptions(args: readonly string[]) {
  const flag = { type: 'boolean' } as const;
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      keys: text,
      only: text,
      'broker-events': text,
      'with-flink': flag,
      'only-flink': flag,
      quick: flag,
      json: flag,
    },
  });
  const quick = values.quick === true;
  const positive = (given: string): number => {
    const number = Number(given);
    if (!(number > 0)) throw new Error(`${given}: expected a positive number\n\n${USAGE}`);
    return number;
  };
  const only = values.only?.split(',');
  const unknown = only?.find((id) => !CASES.some((known) => known.id === id));
  if (unknown !== undefined) throw new Error(`${unknown}: expected the name of a window\n\n${USAGE}`);
  return {
    quick,
    cases: CASES.filter(({ id }) => only?.includes(id) ?? true),
    json: values.json === true,
    keys: (values.keys ?? '10000,1000000').split(',').map(positive),
    onlyFlink: values['only-flink'] === true,
    withFlink: values['with-flink'] === true || values['only-flink'] === true,
    brokerEvents: positive(values['broker-events'] ?? (quick ? '4000000' : '16000000')),
  };
}

function measureCases(cases: readonly WindowCase[], allKeys: readonly number[], seconds: number): readonly object[] {
  process.stdout.write(
    `\n| keys | window | events/s | events/CPU-s | of TUMBLE (CPU) | state bytes/key | rows out/event |\n|---|---|---|---|---|---|---|\n`,
  );
  const figures: object[] = [];
  for (const keys of allKeys) {
    let tumble: Figure | undefined;
    for (const window of cases) {
      const { id, name } = window;
      const figure = run(CASES.indexOf(window), keys, seconds);
      if (id === 'tumble') tumble = figure;
      figures.push({ keys, name, ...figure });
      process.stdout.write(row(keys, name, figure, tumble));
    }
  }
  return figures;
}

function run(index: number, keys: number, seconds: number): Figure {
  const file = fileURLToPath(import.meta.url);
  const child = spawnSync(process.execPath, [file, '--case', String(index), String(keys), String(seconds)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.status !== 0) throw new Error(`the measurement of ${CASES[index].name} failed`);
  return JSON.parse(child.stdout) as Figure;
}

function row(keys: number, name: string, figure: Figure, tumble: Figure | undefined): string {
  const mega = (value: number): string => `${(value / 1e6).toFixed(2)} M`;
  const cells = [
    keys.toLocaleString('en'),
    name,
    mega(figure.eventsPerSecond),
    mega(figure.eventsPerCpuSecond),
    tumble === undefined ? '-' : (figure.eventsPerCpuSecond / tumble.eventsPerCpuSecond).toFixed(2),
    figure.bytesPerKey.toFixed(0),
    figure.rowsPerEvent.toFixed(2),
  ];
  return `| ${cells.join(' | ')} |\n`;
}

await main(process.argv.slice(2));
process.exit(0);
