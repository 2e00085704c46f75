import { performance } from 'node:perf_hooks';
import { EmbeddedLog, EmbeddedProducer } from '../connectors/embedded/index.ts';
import { atRate } from './produce/pace.ts';
import { produce } from './produce/produce.ts';
import { UserActivity } from './produce/user-activity.ts';
import { openValueEncoder, type ValueEncoder } from './produce/value-encoder.ts';

const EVENTS_PER_SECOND = 5000;
const PARTITIONS = 4;
const ACTIVITY = { users: 1000, skew: 0.8, disorder: 500, late: 0, lateness: 0, random: Math.random };

/** User activity for the demo, into the embedded log: what `headwater produce user-activity` does, in this process. */
export class DemoEvents {
  private readonly source: UserActivity;
  private readonly target: EmbeddedProducer;
  private readonly encoder: ValueEncoder;
  private readonly log: (level: 'error', message: string) => void;
  private stopping = false;
  private running: Promise<unknown> = Promise.resolve();

  private constructor(
    source: UserActivity,
    target: EmbeddedProducer,
    encoder: ValueEncoder,
    log: (level: 'error', message: string) => void,
  ) {
    this.source = source;
    this.target = target;
    this.encoder = encoder;
    this.log = log;
  }

  static async open(dataDir: string, say: (level: 'error', message: string) => void): Promise<DemoEvents> {
    const source = new UserActivity(ACTIVITY);
    const log = new EmbeddedLog(dataDir);
    log.createTopic(source.name, PARTITIONS);
    log.close();
    const encoder = await openValueEncoder(
      { format: 'avro', registry: 'embedded', dataDir },
      source.name,
      source.schema,
    );
    return new DemoEvents(source, new EmbeddedProducer(dataDir, source.name, 'none'), encoder, say);
  }

  start(): void {
    const run = {
      source: this.source,
      target: this.target,
      pace: atRate(EVENTS_PER_SECOND, Date.now()),
      count: Infinity,
      duration: Infinity,
      commitEvery: undefined,
      nextEncoder: () => undefined,
      stopped: () => this.stopping,
      now: () => Date.now(),
      monotonic: () => performance.now(),
      progress: () => undefined,
    };
    this.running = produce(run, this.encoder).catch((error: unknown) => {
      this.log('error', `the demo's events end: ${error instanceof Error ? error.message : String(error)}`);
    });
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.running;
    await this.target.close();
  }
}
