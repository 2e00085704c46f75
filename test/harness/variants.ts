import { rmSync } from 'node:fs';
import { formatChangelogValue } from '../../src/data/json-value.ts';
import { formatType } from '../../src/data/types.ts';
import type { PhysicalPlan, SinkNode } from '../../src/planner/physical.ts';
import { decodeCollected } from '../../src/runtime/collected-rows.ts';
import { jobTotals } from '../../src/runtime/job-totals.ts';
import type { JobOptions } from '../../src/runtime/job.ts';
import type { Platform } from '../../src/runtime/platform.ts';
import type { JsonValue } from './json-values.ts';
import { scratchDir } from './scratch-dir.ts';
import type { TableTest } from './table-test.ts';
import { openTestPlatform, pause, planTest, testJobOptions, until } from './test-platform.ts';
import type { ValuesControl } from './values-connector.ts';

/** What a variant needs of a table test. */
export type QueryUnderTest = Pick<TableTest, 'ddl' | 'rows' | 'sql' | 'splits' | 'error'>;

/** One way of running a query. */
export interface Variant {
  readonly name: string;
  readonly maxRows: number;
  readonly parallelism: number;
  /** Parallelism after the kill; undefined: no kill. */
  readonly then?: number;
}

export const VARIANTS: readonly Variant[] = [
  ...[1, 2, 7, 1000].flatMap((maxRows) =>
    [1, 2].map((parallelism) => ({ name: `batches of ${maxRows}, parallelism ${parallelism}`, maxRows, parallelism })),
  ),
  { name: 'killed and restored', maxRows: 2, parallelism: 1, then: 1 },
  { name: 'killed and restored at parallelism 2', maxRows: 7, parallelism: 1, then: 2 },
  { name: 'killed at parallelism 2 and restored at 1', maxRows: 1, parallelism: 2, then: 1 },
];

/** Seeds the points at which runs are killed. */
export const SEED = Number(process.env.HEADWATER_TEST_SEED ?? Math.floor(Math.random() * 1e9));

export interface VariantResult {
  /** Of the columns, without time attributes. */
  readonly types: string[];
  readonly rows: JsonValue[][];
  readonly error: string | undefined;
  readonly errorMessage: string | undefined;
  /** Late rows that were dropped; after a kill those of the second run alone. */
  readonly late: number;
}

/** Runs a query to its end in one way. The job's error is part of the result; an error of planning is thrown. */
export async function runVariant(test: QueryUnderTest, variant: Variant): Promise<VariantResult> {
  const stateDir = scratchDir();
  const rows: JsonValue[][] = [];
  try {
    const total = Object.values(test.rows).reduce((sum, list) => sum + list.length, 0);
    if (variant.then !== undefined && test.error === undefined) {
      await runUntilKilled(test, variant, stateDir, rows, killPoint(total));
      return await runToEnd(test, { ...variant, parallelism: variant.then }, stateDir, rows);
    }
    return await runToEnd(test, variant, stateDir, rows);
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

let kills = 0;
/** A row count between 0 and total, from the printed seed. */
function killPoint(total: number): number {
  kills += 1;
  return Math.abs(Math.imul(SEED + kills * 7919, 2654435761 | 0)) % (total + 1);
}

async function runToEnd(
  test: QueryUnderTest,
  variant: Variant,
  stateDir: string,
  rows: JsonValue[][],
): Promise<VariantResult> {
  const run = open(test, variant, stateDir, Infinity, rows);
  try {
    const job = await run.platform.submit(run.plan, run.options);
    const end = await job.done;
    if (end.error !== undefined)
      return { types: run.types, rows: [], error: end.error.code, errorMessage: end.error.message, late: 0 };
    await run.settled();
    const { types } = run;
    const late = jobTotals(job).lateRowsDropped;
    return { types, rows: run.finalRows() ?? rows, error: undefined, errorMessage: undefined, late };
  } finally {
    await run.platform.shutdown();
  }
}

/** Reads `stopAfter` rows, commits an epoch, reads on a little, and drops everything on the spot. */
async function runUntilKilled(
  test: QueryUnderTest,
  variant: Variant,
  stateDir: string,
  rows: JsonValue[][],
  stopAfter: number,
): Promise<void> {
  const run = open(test, variant, stateDir, stopAfter, rows);
  const job = await run.platform.submit(run.plan, run.options);
  await until(() => run.control.read >= stopAfter || job.status !== 'running');
  await pause(5);
  const before = job.committedEpoch;
  job.checkpoint();
  await until(() => job.committedEpoch > before || job.status !== 'running');
  run.control.limit += 3;
  for (const wake of run.control.wake) wake();
  await pause(3);
  // Rows of an epoch that is durable but not yet reported would be shown to nobody: kill between epochs only.
  await until(() => !job.isCommitting);
  // What was committed by now was seen by the world, and stays in `rows`; the rest must come again.
  run.kill();
}

interface Run {
  readonly types: string[];
  readonly platform: Platform;
  readonly plan: PhysicalPlan;
  readonly options: JobOptions;
  readonly control: ValuesControl;
  kill(): void;
  /** Resolves when the images hold all that was committed. */
  settled(): Promise<void>;
  finalRows(): JsonValue[][] | undefined;
}

function open(test: QueryUnderTest, variant: Variant, stateDir: string, limit: number, rows: JsonValue[][]): Run {
  const control: ValuesControl = { tables: test.rows, splits: test.splits ?? 1, limit, read: 0, wake: new Set() };
  const { platform, kill } = openTestPlatform(control, stateDir);
  const plan = planTest(`${test.ddl};\n${test.sql}`, platform);
  const sink = plan.nodes.find((node): node is SinkNode => node.op === 'sink');
  if (sink === undefined) throw new Error('a table test needs a SELECT or an INSERT');
  platform.events.on('committed', (_job, _commit, snapshots) => {
    for (const part of snapshots.flatMap((snapshot) => snapshot.collected)) {
      for (const row of decodeCollected(sink.schema, part.bytes)) {
        rows.push([
          row.op,
          ...row.values.map((value, i) => formatChangelogValue(sink.schema[i].type, value) as JsonValue),
        ]);
      }
    }
  });
  return {
    types: sink.schema.map((field) => formatType(field.type)),
    platform,
    plan,
    control,
    options: testJobOptions({ parallelism: variant.parallelism, maxRows: variant.maxRows }),
    kill,
    settled: async () => {
      for (const { image } of platform.tables.values()) await image.settled();
    },
    finalRows: () => {
      if (sink.table.options.connector !== 'feature') return undefined;
      const served = platform.tables.get(sink.table.name);
      return [...(served?.image.allRows() ?? [])].map((values) =>
        values.map((value, i) => formatChangelogValue(sink.schema[i].type, value) as JsonValue),
      );
    },
  };
}

/** What is left of a changelog. */
export function materialize(rows: readonly (readonly JsonValue[])[]): JsonValue[][] {
  const counts = new Map<string, number>();
  for (const [op, ...values] of rows) {
    const key = JSON.stringify(values);
    counts.set(key, (counts.get(key) ?? 0) + (op === '+I' || op === '+U' ? 1 : -1));
  }
  return [...counts].flatMap(([key, count]) => {
    if (count < 0) throw new Error(`${key} was retracted more often than it was added`);
    return Array.from({ length: count }, () => JSON.parse(key) as JsonValue[]);
  });
}

/** Between keys no order is promised, so rows are compared as a multiset of (op, row). */
export function sortedRows(rows: readonly (readonly JsonValue[])[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}
