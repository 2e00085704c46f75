import { cpus, totalmem } from 'node:os';
import type { Measurement } from './measurement.ts';

/** One line of the table. `goal` is the ratio or bound asked for, `met` whether this run reached it. */
export interface Row {
  readonly figure: string;
  readonly what: string;
  readonly value: string;
  readonly goal?: string;
  readonly met?: boolean;
  /** The numbers behind the text, for --json. */
  readonly data?: object;
}

export const mega = (value: number): string => `${(value / 1e6).toFixed(2)} M`;
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

/** What one process measured, as a line. */
export function measurementRow(figure: string, what: string, m: Measurement): Row {
  const epochs = m.epochs > 0 ? `, ${m.epochs} epochs, ${megabytes(m.bytesWritten)} written` : '';
  const readings = m.readings === undefined || m.readings === 1 ? '' : ` in ${m.readings} readings`;
  const rss = m.logBytes > 0 ? `${megabytes(m.rss)} (log ${megabytes(m.logBytes)})` : megabytes(m.rss);
  const held =
    m.held === undefined ? '' : `, of which state ${megabytes(m.held.state)}, images ${megabytes(m.held.images)}`;
  const value =
    `${mega(m.eventsPerSecond)} events/s over ${m.seconds.toFixed(1)} s${readings}, ` +
    `${m.cpuSecondsPerMillion.toFixed(3)} CPU-s per million${epochs}, RSS ${rss}${held}`;
  return { figure, what, value, data: m };
}

/**
 * Engine over peer, twice: by events per second of wall time, which is what counts, and by CPU seconds, which other
 * work on the machine disturbs less.
 */
export function ratioRow(figure: string, what: string, engine: Measurement, peer: Measurement, goal: number): Row {
  const { value, data } = ratioOf(engine, peer, goal < 1.2);
  return { figure, what, value, goal: `>= ${ratioText(goal, goal < 1.2)}`, met: data.wall >= goal, data };
}

/** A ratio that explains another one, without a goal of its own. */
export function factRow(figure: string, what: string, one: Measurement, other: Measurement): Row {
  return { figure, what, ...ratioOf(one, other, false) };
}

/**
 * More threads over fewer. The goal counts where the machine has room for it: where the fewer keep nearly all of its cores
 * busy, with everything that works beside them, the row says how much more there can be at most.
 */
export function scalingRow(
  figure: string,
  what: string,
  more: Measurement,
  fewer: Measurement,
  { goal, cores }: { readonly goal: number; readonly cores: number },
): Row {
  const busy = (fewer.cpuSecondsPerMillion * fewer.eventsPerSecond) / 1e6;
  const most = cores / busy;
  if (most >= goal) return ratioRow(figure, what, more, fewer, goal);
  const { value, data } = ratioOf(more, fewer, false);
  const room = `one keeps ${busy.toFixed(2)} of ${cores} cores busy: ${ratioText(most, false)} at most`;
  return { figure, what, value: `${value}   no room for ${ratioText(goal, false)}: ${room}`, data: { ...data, most } };
}

function ratioOf(engine: Measurement, peer: Measurement, asPercent: boolean) {
  const wall = engine.eventsPerSecond / peer.eventsPerSecond;
  const cpu = peer.cpuSecondsPerMillion / engine.cpuSecondsPerMillion;
  const value = `${ratioText(wall, asPercent)} (by CPU ${ratioText(cpu, asPercent)})`;
  return { value, data: { wall, cpu } };
}

function ratioText(ratio: number, asPercent: boolean): string {
  return asPercent ? `${(ratio * 100).toFixed(0)} %` : `${ratio.toFixed(2)} x`;
}

export function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown CPU';
  return `${model}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}, ${process.platform} ${process.arch}`;
}

/** The table as text: a title per figure, aligned columns. */
export function formatRow(row: Row, whatWidth = 44): string {
  const verdict = row.goal === undefined ? '' : `   goal ${row.goal}: ${row.met === true ? 'met' : 'NOT MET'}`;
  return `${row.what.padEnd(whatWidth)} ${row.value}${verdict}\n`;
}
