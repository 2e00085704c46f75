import { performance } from 'node:perf_hooks';
import { builtinConnectors } from '../runtime/builtin-connectors.ts';
import type { JobOptions } from '../runtime/job.ts';
import { Platform } from '../runtime/platform.ts';
import { startThreads, type Threads } from '../runtime/threads.ts';
import { DEFAULT_POLICY } from '../checkpoint/coordinator.ts';
import { parseDuration } from '../planner/duration.ts';
import type { PhysicalPlan } from '../planner/physical.ts';
import { parseBytes } from './bytes.ts';
import type { CliOptions } from './arguments.ts';

const DEFAULT_MEMORY_LIMIT = '2gb';
const MAX_ROWS = 2048;

/**
 * The process's threads, `engines` of them for operators. They load while main goes on: commands start them before they
 * plan. The workers lie beside the bundle.
 */
export function commandThreads(engines: number): Threads {
  return startThreads(engines, {
    engine: new URL('./engine-worker.js', import.meta.url),
    store: new URL('./store-worker.js', import.meta.url),
    follower: new URL('./follower-worker.js', import.meta.url),
  });
}

/** Opens the process's platform, which from now on owns the threads: data directory, connectors. */
export function openPlatform(dataDir: string, threads: Threads, stateDir = dataDir): Platform {
  return new Platform({
    dataDir,
    stateDir,
    connectors: builtinConnectors(),
    threads,
    now: () => Date.now(),
    monotonic: () => performance.now(),
    log: (level, message) => process.stderr.write(`${level}: ${message}\n`),
  });
}

/** A job's options from the command line and the script's SET statements. */
export function jobOptions(
  plan: PhysicalPlan,
  cli: Pick<CliOptions, 'threads' | 'fresh' | 'acceptChangedState'> &
    Partial<Pick<CliOptions, 'rebuildTables'> & Pick<JobOptions, 'rateLimit'>>,
): JobOptions {
  const config = plan.config;
  const duration = (name: string, otherwise: number): number =>
    config[name] === undefined ? otherwise : parseDuration(config[name]);
  return {
    parallelism: Math.min(cli.threads, Number(config['parallelism.default'] ?? cli.threads)),
    fresh: cli.fresh,
    acceptChangedState: cli.acceptChangedState,
    rebuildTables: cli.rebuildTables ?? [],
    maxRows: MAX_ROWS,
    rateLimit: cli.rateLimit,
    memoryLimit: parseBytes(config['memory.limit'] ?? DEFAULT_MEMORY_LIMIT),
    policy: {
      ...DEFAULT_POLICY,
      interval: duration('execution.checkpointing.interval', DEFAULT_POLICY.interval),
      minPause: duration('execution.checkpointing.min-pause', DEFAULT_POLICY.minPause),
    },
  };
}
