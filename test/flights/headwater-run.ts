import Database from 'better-sqlite3';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EpochStore } from '../../src/checkpoint/epoch-store.ts';
import type { Schema } from '../../src/data/types.ts';
import { DOUBLE, BIGINT, INT, notNull, STRING, timestamp } from '../../src/data/types.ts';
import { TableImage } from '../../src/store/table-image.ts';
import type { Answers } from './oracle.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface RunningHeadwater {
  readonly process: ChildProcess;
  readonly output: () => string;
  /** Exit code, or the name of the signal that ended it. */
  readonly exit: Promise<number | string>;
}

/** `headwater run FILE` as a user starts it. */
export function runHeadwater(file: string, dataDir: string, args: readonly string[]): RunningHeadwater {
  const child = spawn(
    process.execPath,
    [join(ROOT, 'bin/headwater.js'), 'run', file, '--data-dir', dataDir, '--port', '0', ...args],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  const exit = new Promise<number | string>((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  return { process: child, output: () => output, exit };
}

const required = { string: notNull(STRING), stamp: notNull(timestamp(3)) };
const AIRPORT_HOURS: Schema = [
  { name: 'origin', type: required.string },
  { name: 'window_start', type: required.stamp },
  { name: 'flights', type: BIGINT },
  { name: 'avg_delay', type: DOUBLE },
  { name: 'max_delay', type: INT },
  { name: 'late_share', type: DOUBLE },
  { name: 'destinations', type: BIGINT },
];
const ROUTE_DAYS: Schema = [
  { name: 'origin', type: required.string },
  { name: 'destination', type: required.string },
  { name: 'window_start', type: required.stamp },
  { name: 'flights', type: BIGINT },
  { name: 'avg_delay', type: DOUBLE },
  { name: 'max_delay', type: INT },
  { name: 'late_share', type: DOUBLE },
];

export interface FlightFeatures {
  readonly airportHours: Answers;
  readonly routeDays: Answers;
}

/** What the job file of a `flights` job that has ended holds, as the oracle writes answers. */
export async function committedFeatures(dataDir: string, job = 'flights'): Promise<FlightFeatures> {
  const store = new EpochStore(jobFile(dataDir, job), () => 0);
  try {
    return {
      airportHours: await readTable(store, 'airport_hours', AIRPORT_HOURS, [0, 1]),
      routeDays: await readTable(store, 'route_days', ROUTE_DAYS, [0, 1, 2]),
    };
  } finally {
    store.close();
  }
}

async function readTable(store: EpochStore, table: string, schema: Schema, key: readonly number[]): Promise<Answers> {
  const image = new TableImage(schema, key);
  const files = store.outputs.files(table);
  await image.load(files.bases, files.chunks);
  const answers = new Map<string, string>();
  for (const values of image.allRows()) {
    const texts = values.map((value) => (isStamp(value) ? String(value.ms) : String(value)));
    answers.set(texts.slice(0, key.length).join('|'), texts.slice(key.length).join('|'));
  }
  return answers;
}

function isStamp(value: unknown): value is { ms: number } {
  return typeof value === 'object' && value !== null && 'ms' in value;
}

export interface CheckpointView {
  readonly epoch: number;
  /** Records before the committed positions, over all partitions. */
  readonly records: number;
  readonly finished: boolean;
}

/** Looks into the job file of a running or killed process, read-only. */
export function checkpointOf(dataDir: string): CheckpointView | undefined {
  if (!existsSync(jobFile(dataDir))) return undefined;
  const db = new Database(jobFile(dataDir), { readonly: true });
  try {
    const epoch = db.prepare<[], { epoch: number; finished: number }>('SELECT epoch, finished FROM epoch').get();
    if (epoch === undefined) return undefined;
    const splits = db.prepare<[], { position: string }>('SELECT position FROM split').all();
    const records = splits.reduce(
      (sum, { position }) => sum + Number((JSON.parse(position) as { offset: string }).offset),
      0,
    );
    return { epoch: epoch.epoch, records, finished: epoch.finished === 1 };
  } catch {
    return undefined; // not created yet
  } finally {
    db.close();
  }
}

function jobFile(dataDir: string, job = 'flights'): string {
  return join(dataDir, 'jobs', job, 'state.db');
}

/** Keys whose values differ, or that only one side has; the first few as text. */
export function differences(actual: Answers, expected: Answers): { count: number; examples: string[] } {
  const examples: string[] = [];
  let count = 0;
  const note = (text: string): void => {
    count += 1;
    if (examples.length < 5) examples.push(text);
  };
  for (const [key, value] of expected) {
    const found = actual.get(key);
    if (found !== value) note(`${key}: got ${found ?? 'nothing'}, expected ${value}`);
  }
  for (const key of actual.keys()) if (!expected.has(key)) note(`${key}: not expected`);
  return { count, examples };
}
