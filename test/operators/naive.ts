import type { AggregateCall } from '../../src/expressions/typed.ts';
import type { AlignedSpec, GroupAggregateNode, WindowAggregateNode } from '../../src/planner/physical.ts';
import type { Cell, Row } from './harness.ts';

/**
 * The aggregate of some rows, computed from scratch. Where the order of values counts they come of `history`, all rows
 * ever added and taken back.
 */
export function aggregate(call: AggregateCall, rows: readonly Row[], history: readonly Row[] = rows): Cell {
  const { arg, filter } = call;
  const passes = (row: Row): boolean => filter === undefined || row[filter.index + 1] === true;
  const kept = rows.filter(passes);
  if (arg === undefined) return kept.length;
  if (isList(call)) return listResult(call, replay(call, arg.index, history.filter(passes)));
  const present = kept.map((row) => row[arg.index + 1]).filter((value) => value !== null && value !== undefined);
  const values = call.distinct ? [...new Set(present)] : present;
  if (call.fn === 'COUNT') return values.length;
  if (values.length === 0) return null;
  switch (call.fn) {
    case 'SUM':
      return sum(values);
    case 'AVG':
      return sum(values) / values.length;
    case 'MIN':
      return values.reduce((a, b) => (b < a ? b : a));
    case 'MAX':
      return values.reduce((a, b) => (b > a ? b : a));
    case 'STDDEV_POP':
      return Math.sqrt(squares(values) / values.length);
    case 'STDDEV_SAMP':
      return values.length < 2 ? null : Math.sqrt(squares(values) / (values.length - 1));
    case 'VAR_POP':
      return squares(values) / values.length;
    case 'VAR_SAMP':
      return values.length < 2 ? null : squares(values) / (values.length - 1);
    default:
      throw new Error(`no model of ${call.fn}`);
  }
}

function isList({ fn }: AggregateCall): boolean {
  return ['LISTAGG', 'ARRAY_AGG', 'COLLECT', 'FIRST_VALUE', 'LAST_VALUE'].includes(fn);
}

/** Values in order: one that is taken back leaves where it stands first; DISTINCT keeps each while it has rows. */
function replay(call: AggregateCall, index: number, history: readonly Row[]): Cell[] {
  const values: Cell[] = [];
  const counts = new Map<Cell, number>();
  for (const row of history) {
    const value = row[index + 1];
    if (value === null && call.fn !== 'ARRAY_AGG') continue;
    const by = row[0] === '-U' || row[0] === '-D' ? -1 : 1;
    const before = counts.get(value) ?? 0;
    counts.set(value, before + by);
    if (by > 0 && (!call.distinct || before === 0)) values.push(value);
    if (by < 0 && (!call.distinct || before === 1)) values.splice(values.indexOf(value), 1);
  }
  return values;
}

function listResult(call: AggregateCall, values: readonly Cell[]): Cell {
  switch (call.fn) {
    case 'LISTAGG':
      return values.length === 0 ? null : values.join(call.separator ?? ',');
    case 'ARRAY_AGG':
      return values.length === 0 ? null : JSON.stringify(values);
    case 'FIRST_VALUE':
      return values[0] ?? null;
    case 'LAST_VALUE':
      return values[values.length - 1] ?? null;
    default: {
      const sorted = [...new Set(values)].sort((a, b) => {
        const [x, y] = [String(a), String(b)];
        return x.length - y.length || (x < y ? -1 : 1);
      });
      return JSON.stringify(sorted.map((value) => [value, values.filter((other) => other === value).length]));
    }
  }
}

function squares(values: readonly Cell[]): number {
  const mean = sum(values) / values.length;
  return sum(values.map((value) => (Number(value) - mean) ** 2));
}

function sum(values: readonly Cell[]): number {
  return values.reduce<number>((total, value) => total + Number(value), 0);
}

interface Group {
  readonly rows: Row[];
  /** Added and taken back since the group was last empty. */
  history: Row[];
  last: Row | undefined;
}

/** The changelog of an unbounded aggregate, row by row. */
export function groupChanges(node: GroupAggregateNode, steps: readonly Row[]): Row[] {
  const groups = new Map<string, Group>();
  const out: Row[] = [];
  for (const step of steps) {
    if (step[0] === 'WM') {
      out.push(step);
      continue;
    }
    const key = node.keys.map((index) => step[index + 1]);
    const id = JSON.stringify(key);
    const group = groups.get(id) ?? { rows: [], history: [], last: undefined };
    if (step[0] === '-U' || step[0] === '-D') {
      if (group.last === undefined) continue;
      remove(group.rows, step);
    } else group.rows.push(step);
    group.history = group.rows.length === 0 ? [] : [...group.history, step];
    groups.set(id, group);
    const before = group.last;
    const results = node.aggregates.map((call) => aggregate(call, group.rows, group.history));
    group.last = group.rows.length === 0 ? undefined : ['', ...key, ...results];
    if (group.last === undefined) {
      if (before !== undefined) out.push(change('-D', before));
    } else if (before === undefined) out.push(change('+I', group.last));
    else if (JSON.stringify(before) !== JSON.stringify(group.last)) {
      if (node.emitUpdateBefore) out.push(change('-U', before));
      out.push(change('+U', group.last));
    }
  }
  return out;
}

function change(op: string, [, ...cells]: Row): Row {
  return [op, ...cells];
}

function remove(rows: Row[], row: Row): void {
  const at = rows.findIndex((other) => JSON.stringify(other.slice(1)) === JSON.stringify(row.slice(1)));
  if (at >= 0) rows.splice(at, 1);
}

/** Starts and ends of the windows that hold a time, one by one from the grid. */
export function windowsOf(window: AlignedSpec, time: number): readonly (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  const { size, offset } = window;
  const grid = window.kind === 'hop' ? window.slide : size;
  let first = offset;
  while (first > time - size - grid) first -= grid;
  while (first < time - size - grid) first += grid;
  for (let start = first; start <= time; start += grid) {
    const step = window.kind === 'cumulate' ? window.step : size;
    for (let end = start + step; end <= start + size; end += step) if (time < end) found.push([start, end]);
  }
  return found;
}

/**
 * The rows of an aggregate over windows on a grid, and how many rows were dropped: a row counts in those of its windows
 * that are open. Rows of a window may be taken back late.
 */
export function windowRows(node: WindowAggregateNode, steps: readonly Row[]): { rows: Row[]; late: number } {
  const { window } = node;
  if (window.kind === 'session') return sessionRows(node, window.gap, steps);
  const windows = new Map<
    string,
    { readonly start: number; readonly end: number; readonly keys: Map<string, Row[]> }
  >();
  const histories = new Map<Row[], Row[]>();
  const out: Row[] = [];
  let watermark = -Infinity;
  let late = 0;
  for (const step of steps) {
    if (step[0] === 'WM') {
      watermark = Number(step[1]);
      for (const [id, { start, end, keys }] of [...windows].sort(([, a], [, b]) => a.end - b.end)) {
        if (watermark < end - 1) break;
        for (const rows of keys.values()) {
          if (rows.length === 0) continue;
          const key = node.keys.map((index) => rows[0][index + 1]);
          const results = node.aggregates.map((call) => aggregate(call, rows, histories.get(rows)));
          out.push(['+I', ...key, ...results, start, end, end - 1]);
        }
        windows.delete(id);
      }
      continue;
    }
    const own = windowsOf(window, Number(step[node.timeColumn + 1]));
    const open = own.filter(([, end]) => watermark < end - 1);
    if (open.length === 0) late += 1;
    for (const [start, end] of open) {
      const known = windows.get(`${start} ${end}`) ?? { start, end, keys: new Map<string, Row[]>() };
      windows.set(`${start} ${end}`, known);
      const id = JSON.stringify(node.keys.map((index) => step[index + 1]));
      const rows = known.keys.get(id) ?? [];
      known.keys.set(id, rows);
      histories.set(rows, [...(histories.get(rows) ?? []), step]);
      if (step[0] === '-U' || step[0] === '-D') remove(rows, step);
      else rows.push(step);
    }
  }
  return { rows: out, late };
}

interface Session {
  start: number;
  end: number;
  rows: Row[];
}

/** Sessions by the book: each row makes one, and sessions that touch become one. */
function sessionRows(node: WindowAggregateNode, gap: number, steps: readonly Row[]): { rows: Row[]; late: number } {
  const byKey = new Map<string, Session[]>();
  const out: Row[] = [];
  let watermark = -Infinity;
  let late = 0;
  for (const step of steps) {
    if (step[0] === 'WM') {
      watermark = Number(step[1]);
      for (const [id, sessions] of byKey) {
        for (const { start, end, rows } of sessions.filter((session) => watermark >= session.end - 1)) {
          if (rows.length === 0) continue;
          const results = node.aggregates.map((call) => aggregate(call, rows));
          out.push(['+I', ...(JSON.parse(id) as Cell[]), ...results, start, end, end - 1]);
        }
        byKey.set(
          id,
          sessions.filter((session) => watermark < session.end - 1),
        );
      }
      continue;
    }
    const id = JSON.stringify(node.keys.map((index) => step[index + 1]));
    const sessions = byKey.get(id) ?? [];
    const time = Number(step[node.timeColumn + 1]);
    const touching = sessions.filter(({ start, end }) => start <= time + gap && end >= time);
    const merged: Session = {
      start: Math.min(time, ...touching.map((session) => session.start)),
      end: Math.max(time + gap, ...touching.map((session) => session.end)),
      rows: touching.flatMap((session) => session.rows),
    };
    if (watermark >= merged.end - 1) {
      late += 1;
      continue;
    }
    if (step[0] === '-U' || step[0] === '-D') remove(merged.rows, step);
    else merged.rows.push(step);
    byKey.set(id, [...sessions.filter((session) => !touching.includes(session)), merged]);
  }
  return { rows: out, late };
}
