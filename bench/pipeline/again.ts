import type { FigureContext } from './figure.ts';
import type { EngineSpec } from './measure-engine.ts';
import type { Measurement } from './measurement.ts';
import { OTHER_QUERIES } from './other-queries.ts';
import { measurementRow, ratioRow } from './report.ts';

/** What other queries leave behind in V8 may cost so much at most. */
const GOAL = 0.8;

/** The same in a process where small jobs with other types ran before, in the same threads. */
export function afterOthers(spec: EngineSpec): EngineSpec {
  return { ...spec, otherQueries: OTHER_QUERIES };
}

/** A throughput of the engine, and beside it the same after other queries, where it was taken again. */
export function sayEngine(
  { say }: FigureContext,
  figure: string,
  what: string,
  first: Measurement,
  later: Measurement | undefined,
): void {
  say(measurementRow(figure, what, first));
  if (later === undefined) return;
  say(measurementRow(figure, `- after ${OTHER_QUERIES} other queries`, later));
  say(ratioRow(figure, '- after / at once', later, first, GOAL));
}
