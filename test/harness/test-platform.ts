import { performance } from 'node:perf_hooks';
import { DEFAULT_POLICY } from '../../src/checkpoint/coordinator.ts';
import { blackholeConnector } from '../../src/connectors/simple/blackhole.ts';
import { featureDescriptor } from '../../src/connectors/simple/feature.ts';
import { collectDescriptor, printDescriptor } from '../../src/connectors/simple/print.ts';
import { formatDescriptors } from '../../src/formats/index.ts';
import { planScript } from '../../src/planner/index.ts';
import type { PhysicalPlan } from '../../src/planner/physical.ts';
import { type ConnectorSet, connectorSet } from '../../src/runtime/connector-set.ts';
import type { JobOptions } from '../../src/runtime/job.ts';
import { Platform } from '../../src/runtime/platform.ts';
import { inlineThreads } from '../../src/runtime/threads.ts';
import { parseScript } from '../../src/sql/index.ts';
import { valuesConnector, type ValuesControl } from './values-connector.ts';

/** The connectors of tests: the values connector, and what needs nothing outside. */
export function testConnectors(control: ValuesControl): ConnectorSet {
  return connectorSet(
    [valuesConnector(control)],
    [blackholeConnector],
    [featureDescriptor, printDescriptor, collectDescriptor],
    formatDescriptors,
  );
}

/** A platform on the calling thread over the values connector, with every operator and edge checked. */
export function openTestPlatform(
  control: ValuesControl,
  stateDir: string,
  monotonic: () => number = () => performance.now(),
): { platform: Platform; kill: () => void } {
  const connectors = testConnectors(control);
  const clock = { now: () => Date.now(), monotonic };
  const threads = inlineThreads(2, connectors, clock, true);
  const platform = new Platform({ dataDir: stateDir, connectors, threads, ...clock, log: () => undefined });
  const kill = (): void => {
    threads.kill();
    platform.dir.close();
  };
  return { platform, kill };
}

export function planTest(sql: string, platform: Platform, name = 'test'): PhysicalPlan {
  return planWith(sql, platform.options.connectors, name);
}

/** The plan of the script's INSERTs, or of its SELECT. */
export function planWith(sql: string, connectors: ConnectorSet, name = 'test'): PhysicalPlan {
  const script = planScript(parseScript(sql), {
    registry: connectors.registry,
    settings: new Map(),
    defaultName: name,
  });
  const plan = script.plan ?? script.queries[0];
  if (plan === undefined) throw new Error('a test needs a SELECT or an INSERT');
  return plan;
}

/** Barriers only when output is staged, when asked for, and at the end. */
export function testJobOptions(change: Partial<JobOptions>): JobOptions {
  return {
    parallelism: 1,
    fresh: false,
    acceptChangedState: [],
    maxRows: 1000,
    memoryLimit: 1 << 30,
    policy: { ...DEFAULT_POLICY, interval: 60_000, minPause: 20 },
    ...change,
  };
}

export async function until(condition: () => boolean, what = 'something'): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited 10 s for ${what}`);
    await pause(1);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
