import { measureInChild } from './child.ts';
import { measureEngineTwice } from './engine-twice.ts';
import type { FigureContext } from './figure.ts';
import type { Measurement } from './measurement.ts';
import type { Sink } from './query.ts';
import { measurementRow, megabytes, ratioRow } from './report.ts';

const title = (keys: number): string => `${keys.toLocaleString('en')} keys`;

interface EngineChoice {
  readonly sink: Sink;
  readonly threads?: number;
  readonly splits?: number;
}

/** The engine from memory against the limit and against the service written by hand; memory per key. */
export async function limitFigure(context: FigureContext): Promise<void> {
  const { options, say, note } = context;
  note(
    'from memory: TUMBLE 10 s by user, COUNT SUM AVG MAX, checkpoints every 1 s, checksums of batches not checked by any',
  );
  const engines: Engines[] = [];
  for (const keys of options.keys) {
    const feature = await engineFromMemory(context, 'limit', 'engine, feature table', keys, { sink: 'feature' });
    const peer = { path: context.logs.get(keys).path, warmSeconds: options.warmSeconds, seconds: options.seconds };
    const fused = await measureInChild({ peer: 'fused', ...peer });
    say(measurementRow('limit', `${title(keys)}: hand-fused loop`, fused));
    const blackhole = await engineFromMemory(context, 'limit', 'engine, blackhole', keys, { sink: 'blackhole' });
    const handmade = await measureInChild({ peer: 'handmade', ...peer });
    say(measurementRow('limit', `${title(keys)}: kafkajs + avsc + Map`, handmade));
    say(ratioRow('limit', `${title(keys)}: feature table / loop`, feature, fused, keys <= 100_000 ? 0.7 : 0.5));
    say(ratioRow('limit', `${title(keys)}: blackhole / loop`, blackhole, fused, keys <= 100_000 ? 0.7 : 0.5));
    say(ratioRow('limit', `${title(keys)}: feature table / by hand`, feature, handmade, keys <= 100_000 ? 10 : 5));
    engines.push({ keys, feature, blackhole });
  }
  memoryPerKey(context, engines);
}

interface Engines {
  readonly keys: number;
  readonly feature: Measurement;
  readonly blackhole: Measurement;
}

function memoryPerKey({ say }: FigureContext, [small, large]: readonly Engines[]): void {
  if (small === undefined) return;
  const own = (m: Measurement): number => m.rss - m.logBytes;
  const peak = own(small.feature);
  const what = `RSS at ${title(small.keys)} without the log`;
  say({ figure: 'limit', what, value: megabytes(peak), goal: '<= 300 MB', met: peak <= 300e6, data: { peak } });
  if (large === undefined) return;
  const perFurtherKey = (name: string, few: Measurement, many: Measurement): void => {
    const perKey = (own(many) - own(few)) / (large.keys - small.keys);
    say({
      figure: 'limit',
      what: `RSS per further key, ${name}`,
      value: `${perKey.toFixed(0)} bytes`,
      goal: '<= 250 bytes',
      met: perKey <= 250,
      data: { perKey },
    });
  };
  perFurtherKey('feature table', small.feature, large.feature);
  perFurtherKey('blackhole', small.blackhole, large.blackhole);
}

/** Two engine threads against one, two splits each, the keys exchanged between the threads. */
export async function threadsFigure(context: FigureContext): Promise<void> {
  const { say, options } = context;
  for (const keys of options.keys) {
    const choice: EngineChoice = { sink: 'feature', splits: 2 };
    const one = await engineFromMemory(context, 'threads', '1 engine thread, 2 splits', keys, choice);
    const two = await engineFromMemory(context, 'threads', '2 engine threads, 2 splits', keys, {
      ...choice,
      threads: 2,
    });
    say(ratioRow('threads', `${title(keys)}: two / one`, two, one, 1.5));
  }
}

function engineFromMemory(
  context: FigureContext,
  figure: string,
  what: string,
  keys: number,
  choice: EngineChoice,
): Promise<Measurement> {
  const { options, logs } = context;
  const splits = choice.splits ?? 1;
  const log = logs.get(keys, splits);
  return measureEngineTwice(context, figure, `${title(keys)}: ${what}`, {
    peer: 'engine',
    source: { type: 'memory', path: log.path, splits },
    sink: choice.sink,
    threads: choice.threads ?? 1,
    warmSeconds: options.warmSeconds,
    seconds: options.seconds,
    otherQueries: 0,
    logBytes: log.memory,
    limit: null,
  });
}
