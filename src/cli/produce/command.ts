import { performance } from 'node:perf_hooks';
import { environmentSettings } from '../environment.ts';
import { parseProduceArguments, PRODUCE_USAGE, type ProduceOptions } from './arguments.ts';
import type { EventSource } from './event-source.ts';
import { openSource } from './open-source.ts';
import { openTarget } from './open-target.ts';
import { atRate, atSpeed, type Pace, unlimited } from './pace.ts';
import { produce, type Produced } from './produce.ts';
import { ProgressLine } from './progress.ts';
import { openValueEncoder } from './value-encoder.ts';

/** `headwater produce`: made-up or real events into a topic, with a schema that may change on the way. */
export async function produceCommand(argv: readonly string[], write: (text: string) => void): Promise<void> {
  const options = parseProduceArguments(argv, environmentSettings());
  if (options === 'help') return write(`${PRODUCE_USAGE}\n`);
  const source = await openSource(options);
  const topic = options.topic ?? source.name;
  const target = await openTarget(options, topic);
  const progress = options.json ? undefined : new ProgressLine(process.stdout.isTTY === true, write);
  const interrupt = interrupted();
  const schemaIds: number[] = [];
  const encoderOf = async (version: 1 | 2) => {
    const encoder = await openValueEncoder(
      options,
      topic,
      version === 1 ? source.schema : [...source.schema, ...source.added],
    );
    if (encoder.schemaId !== undefined) schemaIds.push(encoder.schemaId);
    return encoder;
  };
  try {
    let version = 1;
    const produced = await produce(
      {
        source,
        target,
        pace: paceOf(options),
        count: options.count ?? Infinity,
        duration: options.duration ?? Infinity,
        commitEvery: options.transactional,
        nextEncoder: (events, elapsed) => {
          if (version === 2 || !switchDue(options, events, elapsed)) return undefined;
          version = 2;
          return encoderOf(2);
        },
        stopped: () => interrupt.asked,
        now: () => Date.now(),
        monotonic: () => performance.now(),
        progress: (soFar) => progress?.show(soFar),
      },
      await encoderOf(1),
    );
    progress?.end();
    report(options, topic, source, produced, { schemaIds, acknowledged: target.acknowledged() }, write);
  } finally {
    interrupt.end();
    source.close();
    await target.close();
  }
}

function paceOf({ rate, speed, start = Date.now() }: ProduceOptions): Pace {
  if (speed !== undefined) return atSpeed(speed, start);
  return rate === undefined ? unlimited(start) : atRate(rate, start);
}

function switchDue({ schemaVersion, switchAfter }: ProduceOptions, events: number, elapsed: number): boolean {
  if (schemaVersion === 1 || switchAfter === undefined) return false;
  return 'events' in switchAfter ? events >= switchAfter.events : elapsed >= switchAfter.ms;
}

interface Outcome {
  readonly schemaIds: readonly number[];
  readonly acknowledged: readonly number[];
}

function report(
  options: ProduceOptions,
  topic: string,
  source: EventSource,
  produced: Produced,
  { schemaIds, acknowledged }: Outcome,
  write: (text: string) => void,
): void {
  const seconds = produced.elapsed / 1000;
  const perSecond = Math.round(produced.events / Math.max(seconds, 0.001));
  const inTopic = acknowledged.reduce((sum, count) => sum + count, 0);
  if (options.json) {
    const totals = {
      topic,
      events: produced.events,
      acknowledged: inTopic,
      partitions: acknowledged,
      bytes: produced.bytes,
      seconds,
      eventsPerSecond: perSecond,
      lateEvents: source.late,
      schemaIds,
      firstEventTime: isoTime(produced.firstTime),
      lastEventTime: isoTime(produced.lastTime),
    };
    return write(`${JSON.stringify(totals)}\n`);
  }
  const late = source.late === 0 ? '' : `, ${source.late} of them late`;
  const schemas = schemaIds.length === 0 ? '' : `, schema ids ${schemaIds.join(' and ')}`;
  write(
    `produced ${produced.events} events${late} to ${topic} (${acknowledged.length} partitions${schemas}) in ` +
      `${seconds.toFixed(1)} s: ${perSecond} events/s, ${(produced.bytes / 1e6).toFixed(1)} MB, ${inTopic} acknowledged\n`,
  );
}

function isoTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}

/** The first SIGINT or SIGTERM asks for an end; what was produced is still made durable. */
function interrupted(): { asked: boolean; end: () => void } {
  const state = { asked: false, end: () => undefined as void };
  const ask = (): void => void (state.asked = true);
  process.once('SIGINT', ask);
  process.once('SIGTERM', ask);
  state.end = () => {
    process.off('SIGINT', ask);
    process.off('SIGTERM', ask);
  };
  return state;
}
