import { availableParallelism } from 'node:os';
import { afterOthers, sayEngine } from './again.ts';
import type { FigureContext } from './figure.ts';
import type { EngineSpec } from './measure-engine.ts';
import type { Measurement } from './measurement.ts';
import type { Sink } from './query.ts';
import { measureInTurns } from './readings.ts';
import { factRow, measurementRow, megabytes, ratioRow, scalingRow } from './report.ts';

const title = (keys: number): string => `${keys.toLocaleString('en')} keys`;

interface EngineChoice {
  readonly sink: Sink;
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
    const feature = engineSpec(context, keys, { sink: 'feature' });
    const blackhole = engineSpec(context, keys, { sink: 'blackhole' });
    const peer = { path: context.logs.get(keys).path, warmSeconds: options.warmSeconds, seconds: options.seconds };
    const again = options.again ? { featureAgain: afterOthers(feature), blackholeAgain: afterOthers(blackhole) } : {};
    const fused = { peer: 'fused', ...peer } as const;
    const handmade = { peer: 'handmade', ...peer } as const;
    const of = await measureInTurns({ feature, fused, blackhole, handmade }, again);
    sayEngine(context, 'limit', `${title(keys)}: engine, feature table`, of.feature, of.featureAgain);
    sayEngine(context, 'limit', `${title(keys)}: engine, blackhole`, of.blackhole, of.blackholeAgain);
    say(measurementRow('limit', `${title(keys)}: hand-fused loop`, of.fused));
    say(measurementRow('limit', `${title(keys)}: kafkajs + avsc + Map`, of.handmade));
    const ofLoop = keys <= 100_000 ? 0.7 : 0.5;
    say(ratioRow('limit', `${title(keys)}: feature table / loop`, of.feature, of.fused, ofLoop));
    say(ratioRow('limit', `${title(keys)}: blackhole / loop`, of.blackhole, of.fused, ofLoop));
    say(
      ratioRow('limit', `${title(keys)}: feature table / by hand`, of.feature, of.handmade, keys <= 100_000 ? 10 : 5),
    );
    engines.push({ keys, feature: of.feature, blackhole: of.blackhole });
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

/**
 * Two engine threads against one, two splits each, the keys exchanged between the threads. Beside it what the machine
 * itself gives: two hand-fused loops at once, which share nothing, against one.
 */
export async function threadsFigure(context: FigureContext): Promise<void> {
  const { say, options } = context;
  for (const keys of options.keys) {
    const one = engineSpec(context, keys, { sink: 'feature', splits: 2 });
    const two = { ...one, threads: 2 };
    const onePhase = { ...two, settings: { 'table.optimizer.agg-phase-strategy': 'ONE_PHASE' } };
    const again = options.again ? { oneAgain: afterOthers(one), twoAgain: afterOthers(two) } : {};
    const { path } = context.logs.get(keys, 2);
    const loop = { peer: 'fused', path, warmSeconds: options.warmSeconds, seconds: options.seconds } as const;
    const of = await measureInTurns({ one, two, onePhase, loop, loops: { ...loop, atOnce: 2 } }, again);
    sayEngine(context, 'threads', `${title(keys)}: 1 engine thread, 2 splits`, of.one, of.oneAgain);
    sayEngine(context, 'threads', `${title(keys)}: 2 engine threads, 2 splits`, of.two, of.twoAgain);
    say(
      scalingRow('threads', `${title(keys)}: two / one`, of.two, of.one, { goal: 1.5, cores: availableParallelism() }),
    );
    say(measurementRow('threads', `${title(keys)}: 2 engine threads, ONE_PHASE`, of.onePhase));
    say(factRow('threads', `${title(keys)}: two in one phase / one`, of.onePhase, of.one));
    say(factRow('threads', `${title(keys)}: two loops at once / one loop`, of.loops, of.loop));
  }
}

function engineSpec({ options, logs }: FigureContext, keys: number, choice: EngineChoice): EngineSpec {
  const splits = choice.splits ?? 1;
  const log = logs.get(keys, splits);
  return {
    peer: 'engine',
    source: { type: 'memory', path: log.path, splits },
    sink: choice.sink,
    threads: 1,
    warmSeconds: options.warmSeconds,
    seconds: options.seconds,
    otherQueries: 0,
    logBytes: log.memory,
    limit: null,
  };
}
