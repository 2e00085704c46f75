import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../src/checkpoint/coordinator.ts';
import { formatChangelogValue } from '../../src/data/json-value.ts';
import { formatDescriptors } from '../../src/formats/index.ts';
import { planScript } from '../../src/planner/index.ts';
import type { PhysicalPlan, SinkNode } from '../../src/planner/physical.ts';
import { parseScript } from '../../src/sql/index.ts';
import { blackholeConnector } from '../../src/connectors/simple/blackhole.ts';
import { featureDescriptor } from '../../src/connectors/simple/feature.ts';
import { collectDescriptor, printDescriptor } from '../../src/connectors/simple/print.ts';
import { decodeCollected } from '../../src/runtime/collected-rows.ts';
import { type ConnectorSet, connectorSet } from '../../src/runtime/connector-set.ts';
import type { JobOptions } from '../../src/runtime/job.ts';
import { Platform } from '../../src/runtime/platform.ts';
import { inlineThreads } from '../../src/runtime/threads.ts';
import type { JsonValue } from './json-values.ts';
import { valuesConnector, type ValuesControl } from './values-connector.ts';

/**
 * A query test: tables in, SQL, rows out, written by hand. Each runs with batches of 1, 2, 7 and 1000 rows, at
 * parallelism 1 and 2, and with the runtime dropped without shutdown at a random barrier and reopened from its files,
 * at the same and at the other parallelism.
 */
export interface TableTest {
  /** CREATE TABLE statements (connector 'values' for the inputs), SET statements. */
  readonly ddl: string;
  readonly rows: Readonly<Record<string, readonly (readonly JsonValue[])[]>>;
  /** One SELECT: its whole changelog is compared. Or one INSERT into a feature table: its final rows are. */
  readonly sql: string;
  /** `[op, ...values]`; for a feature table rows without op. */
  readonly expected: readonly (readonly JsonValue[])[];
  /** Splits of the inputs; 1 unless order between splits does not matter to the result. */
  readonly splits?: number;
  /** An error that the job must fail with. */
  readonly error?: string;
}

interface Variant {
  readonly name: string;
  readonly maxRows: number;
  readonly parallelism: number;
  /** Parallelism after the kill; undefined: no kill. */
  readonly then?: number;
}

const VARIANTS: readonly Variant[] = [
  ...[1, 2, 7, 1000].flatMap((maxRows) =>
    [1, 2].map((parallelism) => ({ name: `batches of ${maxRows}, parallelism ${parallelism}`, maxRows, parallelism })),
  ),
  { name: 'killed and restored', maxRows: 2, parallelism: 1, then: 1 },
  { name: 'killed and restored at parallelism 2', maxRows: 7, parallelism: 1, then: 2 },
  { name: 'killed at parallelism 2 and restored at 1', maxRows: 1, parallelism: 2, then: 1 },
];

const SEED = Number(process.env.HEADWATER_TEST_SEED ?? Math.floor(Math.random() * 1e9));

export function tableTest(name: string, test: TableTest): void {
  describe(name, () => {
    for (const variant of VARIANTS) {
      it(variant.name, async () => {
        const result = await runVariant(test, variant);
        const hint = `seed ${SEED} (set HEADWATER_TEST_SEED), ${variant.name}`;
        if (test.error !== undefined) {
          expect(result.error, hint).toBe(test.error);
          return;
        }
        expect(result.errorMessage, hint).toBeUndefined();
        expect(sorted(result.rows), hint).toEqual(sorted(test.expected));
      });
    }
  });
}

interface Result {
  readonly rows: JsonValue[][];
  readonly error: string | undefined;
  readonly errorMessage: string | undefined;
}

async function runVariant(test: TableTest, variant: Variant): Promise<Result> {
  const stateDir = mkdtempSync(join(tmpdir(), 'headwater-test-'));
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

async function runToEnd(test: TableTest, variant: Variant, stateDir: string, rows: JsonValue[][]): Promise<Result> {
  const run = open(test, variant, stateDir, Infinity, rows);
  try {
    const job = await run.platform.submit(run.plan, run.options);
    const end = await job.done;
    if (end.error !== undefined) return { rows: [], error: end.error.code, errorMessage: end.error.message };
    return { rows: run.finalRows() ?? rows, error: undefined, errorMessage: undefined };
  } finally {
    await run.platform.shutdown();
  }
}

/** Reads `stopAfter` rows, commits an epoch, reads on a little, and drops everything on the spot. */
async function runUntilKilled(
  test: TableTest,
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
  const committed = rows.length;
  run.control.limit += 3;
  for (const wake of run.control.wake) wake();
  await pause(3);
  run.kill();
  rows.length = committed;
}

interface Run {
  readonly platform: Platform;
  readonly plan: PhysicalPlan;
  readonly options: JobOptions;
  readonly control: ValuesControl;
  kill(): void;
  finalRows(): JsonValue[][] | undefined;
}

function open(test: TableTest, variant: Variant, stateDir: string, limit: number, rows: JsonValue[][]): Run {
  const control: ValuesControl = { tables: test.rows, splits: test.splits ?? 1, limit, read: 0, wake: new Set() };
  const connectors = testConnectors(control);
  const threads = inlineThreads(2, connectors, { now: () => Date.now(), monotonic: () => performance.now() }, true);
  const platform = new Platform({
    dataDir: stateDir,
    connectors,
    threads,
    now: () => Date.now(),
    monotonic: () => performance.now(),
    log: () => undefined,
  });
  const plan = planTest(test, connectors);
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
    platform,
    plan,
    control,
    options: {
      parallelism: variant.parallelism,
      fresh: false,
      acceptChangedState: [],
      maxRows: variant.maxRows,
      memoryLimit: 1 << 30,
      policy: { ...DEFAULT_POLICY, interval: 60_000, minPause: 20 },
    },
    kill: () => {
      threads.kill();
      platform.dir.close();
    },
    finalRows: () => {
      if (sink.table.options.connector !== 'feature') return undefined;
      const served = platform.tables.get(sink.table.name);
      return served?.image
        .allRows()
        .map((values) => values.map((value, i) => formatChangelogValue(sink.schema[i].type, value) as JsonValue));
    },
  };
}

function testConnectors(control: ValuesControl): ConnectorSet {
  return connectorSet(
    [valuesConnector(control)],
    [blackholeConnector],
    [featureDescriptor, printDescriptor, collectDescriptor],
    formatDescriptors,
  );
}

function planTest(test: TableTest, connectors: ConnectorSet): PhysicalPlan {
  const script = planScript(parseScript(`${test.ddl};\n${test.sql}`), {
    registry: connectors.registry,
    settings: new Map(),
    defaultName: 'test',
  });
  const plan = script.plan ?? script.queries[0];
  if (plan === undefined) throw new Error('a table test needs a SELECT or an INSERT');
  return plan;
}

/** Between keys no order is promised, so rows are compared as a multiset of (op, row). */
function sorted(rows: readonly (readonly JsonValue[])[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('nothing happened for 10 s');
    await pause(1);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
