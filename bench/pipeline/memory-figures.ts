import { measureInChild } from './child.ts';
import type { FigureContext } from './figure.ts';
import type { EngineSpec } from './measure-engine.ts';
import type { Measurement } from './measurement.ts';
import type { Sink } from './query.ts';
import { measurementRow, megabytes, ratioRow } from './report.ts';

const title = (keys: number): string => `${keys.toLocaleString('en')} keys`;

interface EngineChoice {
  readonly sink: Sink;
  readonly threads?: number;
  readonly splits?: number;
  readonly otherQueries?: number;
}

/** The engine from memory against the limit and against the service written by hand; memory per key. */
export async function limitFigure(context: FigureContext): Promise<void> {
  const { options, say, note } = context;
  note(
    'from memory: TUMBLE 10 s by user, COUNT SUM AVG MAX, checkpoints every 1 s, checksums of batches not checked by any',
  );
  const engines: Engines[] = [];
  for (const keys of options.keys) {
    const feature = await engineFromMemory(context, keys, { sink: 'feature' });
    say(measurementRow('limit', `${title(keys)}: engine, feature table`, feature));
    const peer = { path: context.logs.get(keys).path, warmSeconds: options.warmSeconds, seconds: options.seconds };
    const fused = await measureInChild({ peer: 'fused', ...peer });
    say(measurementRow('limit', `${title(keys)}: hand-fused loop`, fused));
    const blackhole = await engineFromMemory(context, keys, { sink: 'blackhole' });
    say(measurementRow('limit', `${title(keys)}: engine, blackhole`, blackhole));
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

/** The same figure after 30 small jobs with other types have run in the same threads. */
export async function otherQueriesFigure(context: FigureContext): Promise<void> {
  const { say, options } = context;
  const [keys] = options.keys;
  const first = await engineFromMemory(context, keys, { sink: 'feature' });
  say(measurementRow('other-queries', `${title(keys)}: engine at once`, first));
  const later = await engineFromMemory(context, keys, { sink: 'feature', otherQueries: 30 });
  say(measurementRow('other-queries', `${title(keys)}: engine after 30 other queries`, later));
  say(ratioRow('other-queries', `${title(keys)}: after / at once`, later, first, 0.8));
}

/** Two engine threads against one, two splits each, the keys exchanged between the threads. */
export async function threadsFigure(context: FigureContext): Promise<void> {
  const { say, options } = context;
  for (const keys of options.keys) {
    const one = await engineFromMemory(context, keys, { sink: 'feature', splits: 2 });
    say(measurementRow('threads', `${title(keys)}: 1 engine thread, 2 splits`, one));
    const two = await engineFromMemory(context, keys, { sink: 'feature', splits: 2, threads: 2 });
    say(measurementRow('threads', `${title(keys)}: 2 engine threads, 2 splits`, two));
    say(ratioRow('threads', `${title(keys)}: two / one`, two, one, 1.5));
  }
}

function engineFromMemory(context: FigureContext, keys: number, choice: EngineChoice): Promise<Measurement> {
  const { options, logs } = context;
  const splits = choice.splits ?? 1;
  const log = logs.get(keys, splits);
  const spec: EngineSpec = {
    peer: 'engine',
    source: { type: 'memory', path: log.path, splits },
    sink: choice.sink,
    threads: choice.threads ?? 1,
    warmSeconds: options.warmSeconds,
    seconds: options.seconds,
    otherQueries: choice.otherQueries ?? 0,
    logBytes: log.memory,
    limit: null,
  };
  return measureInChild(spec);
}
