import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { EnginePool, type EngineThread } from '../../src/runtime/engine-pool.ts';
import type { EngineCommand, TaskSpec } from '../../src/runtime/messages.ts';
import { until } from '../harness/test-platform.ts';

/** Threads that do nothing but die when told to. */
class DyingThreads {
  readonly turnOf: Int32Array[] = [];
  readonly die: ((reason: string) => void)[] = [];
  readonly marks = new Map<string, number>();
  readonly pool: EnginePool;
  private readonly close: (() => void)[] = [];

  constructor(size: number) {
    this.pool = new EnginePool(size, (index) => this.spawn(index));
  }

  private spawn(index: number): EngineThread {
    const { port1, port2 } = new MessageChannel();
    port2.on('message', (command: EngineCommand) => {
      if (command.type === 'deploy') this.marks.set(command.spec.job, command.spec.mark);
    });
    this.close.push(() => port1.close());
    this.turnOf[index] = new Int32Array(1);
    return {
      port: port1,
      turnOf: this.turnOf[index],
      terminate: () => Promise.resolve(),
      onExit: (callback) => (this.die[index] = callback),
    };
  }

  end(): void {
    for (const close of this.close) close();
  }
}

let threads: DyingThreads;
afterEach(() => threads.end());

const spec = (job: string, task: number, parallelism: number): Omit<TaskSpec, 'mark'> => ({
  job,
  task,
  parallelism,
  plan: { jobName: job, nodes: [], config: {}, warnings: [] },
  dataDir: '',
  jobDir: '',
  generation: 1,
  splits: [],
  owners: [],
  state: [],
  schemas: [],
  maxRows: 1,
  memoryLimit: 1,
  seed: 1,
  pace: new Float64Array(2 * parallelism),
  rateLimit: undefined,
});

function deploy(job: string, parallelism: number, told: string[]): void {
  threads.pool.listen(job, (report) => {
    if (report.type === 'thread-died') told.push(`${job}: ${report.blamed ? 'blamed' : 'not blamed'}`);
  });
  threads.pool.deploy(Array.from({ length: parallelism }, (_, task) => spec(job, task, parallelism)));
}

describe('a dead thread', () => {
  it.each<[string, string | undefined, number, string[]]>([
    ['in the turn of one job', 'first', 0, ['first: blamed', 'second: not blamed']],
    ['in the turn of the other', 'second', 0, ['first: not blamed', 'second: blamed']],
    ['between turns', undefined, 0, ['first: blamed', 'second: blamed']],
    ['on which only one job runs', 'second', 1, ['second: blamed']],
  ])('%s', async (_name, working, thread, expected) => {
    threads = new DyingThreads(2);
    const told: string[] = [];
    deploy('first', 1, told);
    deploy('second', 2, told);
    await until(() => threads.marks.size === 2, 'both jobs on their threads');
    threads.turnOf[thread][0] = working === undefined ? 0 : (threads.marks.get(working) ?? -1);
    threads.die[thread]('out of memory');
    expect(told).toEqual(expected);
  });
});
