import type { FigureContext } from './figure.ts';
import type { EngineSpec } from './measure-engine.ts';
import type { Measurement } from './measurement.ts';
import { measureReadings } from './readings.ts';
import { measurementRow, ratioRow } from './report.ts';

const OTHER_QUERIES = 30;
/** What other queries leave behind in V8 may cost so much at most. */
const GOAL = 0.8;

/**
 * A throughput of the engine, and the same again in a process where small jobs with other types ran before, in the same
 * threads. Returns the first.
 */
export async function measureEngineTwice(
  { options, say }: FigureContext,
  figure: string,
  what: string,
  spec: EngineSpec,
): Promise<Measurement> {
  const first = await measureReadings(spec);
  say(measurementRow(figure, what, first));
  if (!options.again) return first;
  const later = await measureReadings({ ...spec, otherQueries: OTHER_QUERIES });
  say(measurementRow(figure, `- after ${OTHER_QUERIES} other queries`, later));
  say(ratioRow(figure, '- after / at once', later, first, GOAL));
  return first;
}
