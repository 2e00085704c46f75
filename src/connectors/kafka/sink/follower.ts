import { type LogChunk, type LogPlace, LogReader, type LogState } from '../../../checkpoint/log-reader.ts';
import { type HeadwaterError, runtimeError } from '../../../data/errors.ts';
import type { Schema } from '../../../data/types.ts';
import { FollowerAlarm } from '../../follower/alarm.ts';
import { FollowLoop } from '../../follower/loop.ts';
import type { FollowerState, FollowerStatus } from '../../follower/status.ts';
import { EmbeddedTarget } from './embedded-target.ts';
import { type TopicSinkOptions, writerId } from './options.ts';
import { RecordWriter } from './record-writer.ts';
import { decideResume } from './resume.ts';
import type { TopicTarget } from './target.ts';

/** Which table to write to which topic. */
export interface FollowedTopic {
  readonly job: string;
  readonly table: string;
  /** The job file. */
  readonly path: string;
  readonly dataDir: string;
  readonly schema: Schema;
  /** Empty for a table that is appended to. */
  readonly primaryKey: readonly number[];
  readonly options: TopicSinkOptions;
  readonly generation: number;
  /** An operator has decided that the job file is right, whatever the topic's note says. */
  readonly force: boolean;
  /** An automatic restart: what is wrong with the topic is waited for, as while the job runs. */
  readonly patient?: boolean;
}

export interface TopicFollowerHost {
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void;
  readonly changed: (status: FollowerStatus) => void;
  readonly failed: (error: HeadwaterError) => void;
  readonly random: () => number;
  readonly monotonic: () => number;
  /** Wall clock, epoch milliseconds: of records. */
  readonly now: () => number;
  /** Tells this process apart from every other one. */
  readonly nonce: string;
}

export type TopicFollowerPoint = 'opened' | 'decided' | 'appended' | 'before-commit' | 'committed' | 'idle';

/** The parts of the protocol, so that tests can put wrong ones in their place and stop at its points. */
export interface TopicProtocol {
  readonly decide: typeof decideResume;
  readonly at: (point: TopicFollowerPoint) => void | Promise<void>;
  readonly commit: (target: TopicTarget, progress: { lineage: string; epoch: number }) => Promise<void>;
  /** A note that is as old as this is written again: brokers forget notes of groups that are silent for days. */
  readonly renewMs: number;
}

export const TOPIC_PROTOCOL: TopicProtocol = {
  decide: decideResume,
  at: () => undefined,
  commit: (target, progress) => target.commit(progress),
  renewMs: 3_600_000,
};

const READ_BYTES = 4 << 20;
/** Epochs are put into one transaction until it has so many bytes of the log. */
const TRANSACTION_BYTES = 4 << 20;
const IDLE_LOOK_MS = 1000;
/** What an operator or a program has to put right. */
const FATAL = [
  'fenced',
  'log-corrupt',
  'log-schema',
  'state-corrupt',
  'job-file-not-found',
  'kafka-refused',
  'null-value',
];

/**
 * Writes one table to a topic: reads the committed log and produces it, whole epochs at a time, in order. With
 * `exactly-once` the records of some epochs and the note that they were written are one transaction, so whatever goes
 * wrong ends the session, and the next one goes on after the note.
 */
export class TopicFollower {
  private readonly spec: FollowedTopic;
  private readonly host: TopicFollowerHost;
  private readonly protocol: TopicProtocol;
  private readonly reader: LogReader;
  private readonly alarm: FollowerAlarm;
  private readonly loop: FollowLoop;
  private writer: RecordWriter | undefined;
  private state: FollowerState = 'starting';
  private force: boolean;
  private appliedEpoch = 0;
  private positionEpoch = 0;
  private readonly counters = { parts: 0, rows: 0, replays: 0, rebuilds: 0, alarms: 0 };

  constructor(spec: FollowedTopic, host: TopicFollowerHost, protocol: TopicProtocol = TOPIC_PROTOCOL) {
    this.spec = spec;
    this.host = host;
    this.protocol = protocol;
    this.force = spec.force;
    this.reader = new LogReader(spec.path, spec.table);
    this.alarm = new FollowerAlarm(`table ${spec.table} in topic ${spec.options.topic}`, host);
    this.loop = new FollowLoop(this.alarm, {
      session: () => this.session(),
      isFatal: (error) => FATAL.includes(error.code),
      waiting: (error) => {
        this.counters.alarms += 1;
        this.enter(error.code.startsWith('sink-') ? 'diverged' : 'waiting');
      },
      failed: (error) => {
        this.enter('failed');
        host.failed(error);
      },
      stopped: () => this.enter('stopped'),
    });
  }

  /** Opens the topic and begins to write. Rejects when that does not succeed at once, unless it is patient; later outages are
   *  waited out. */
  start(): Promise<void> {
    return this.loop.start(this.spec.patient);
  }

  /** There is more in the log. */
  notify(): void {
    this.loop.wakeup.wake();
  }

  get status(): FollowerStatus {
    const { job, table } = this.spec;
    const { state, appliedEpoch, positionEpoch } = this;
    return { job, table, state, appliedEpoch, positionEpoch, reason: this.alarm.reason, ...this.counters };
  }

  async stop(): Promise<void> {
    await this.loop.stop();
    this.reader.close();
  }

  private async session(): Promise<void> {
    const { schema, primaryKey, options, dataDir } = this.spec;
    this.checkedState(this.reader.state());
    this.writer ??= await RecordWriter.open(schema, primaryKey, options, dataDir);
    const target = await this.openTarget();
    try {
      await this.protocol.at('opened');
      const after = this.resumeAfter(target);
      await this.protocol.at('decided');
      await this.follow(target, this.writer, after);
    } finally {
      await target.close();
    }
  }

  private async openTarget(): Promise<TopicTarget> {
    const { job, table, options, dataDir } = this.spec;
    const name = writerId(options.transactionalIdPrefix, job, table);
    if (options.broker === 'embedded') {
      const owner = `${this.spec.generation}:${this.host.nonce}`;
      return new EmbeddedTarget(options, { name, owner }, dataDir);
    }
    const { openBrokerTarget } = await import('./broker-target.ts');
    const { now, random } = this.host;
    return openBrokerTarget(options, options.broker, name, {
      now,
      random,
      log: (level, message) => this.host.log(level, message),
    });
  }

  private resumeAfter({ progress }: TopicTarget): number {
    const { topic, guarantee } = this.spec.options;
    const { state, chunks } = this.reader.after(startOf(-1), 1);
    this.checkedState(state);
    // Without exactly-once nothing but the log says what was written: it holds what was not.
    if (guarantee !== 'exactly-once') return state.baseEpoch;
    const decision = this.protocol.decide(progress, state, chunks.length > 0, this.force);
    if (decision.action === 'resume') return decision.after;
    throw runtimeError(
      decision.code,
      `topic ${topic}, table ${this.spec.table}: ${decision.reason}. Nothing was written; expected the note of this job: give ` +
        `another sink.transactional-id-prefix, or start with --rebuild ${this.spec.table} to write what the job's log holds`,
    );
  }

  private async follow(target: TopicTarget, writer: RecordWriter, after: number): Promise<void> {
    this.force = false;
    this.enter('catching-up');
    this.loop.begun();
    this.appliedEpoch = Math.max(this.appliedEpoch, after);
    let written = after;
    let notedAt = this.host.monotonic();
    let place = startOf(after);
    let held = 0;
    while (!this.loop.isStopped) {
      const { state, chunks } = this.reader.after(place, READ_BYTES);
      this.checkedState(state);
      for (const chunk of chunks) {
        held += await this.write(target, writer, chunk);
        place = chunk;
        if (!chunk.last || (held < TRANSACTION_BYTES && chunk !== chunks.at(-1))) continue;
        await this.commit(target, state.lineage, chunk.epoch);
        written = chunk.epoch;
        notedAt = this.host.monotonic();
        held = 0;
        if (this.loop.isStopped) return;
      }
      if (chunks.length > 0) continue;
      if (this.host.monotonic() - notedAt > this.protocol.renewMs && written > 0) {
        await this.commit(target, state.lineage, written);
        notedAt = this.host.monotonic();
      }
      await this.idle(state.committedEpoch);
    }
  }

  /** Gives the bytes of the chunk. */
  private async write(target: TopicTarget, writer: RecordWriter, { bytes, index }: LogChunk): Promise<number> {
    this.counters.rows += writer.write(bytes, index, target, this.host.now());
    await target.room();
    await this.protocol.at('appended');
    return bytes.length;
  }

  private async commit(target: TopicTarget, lineage: string, epoch: number): Promise<void> {
    await this.protocol.at('before-commit');
    await this.protocol.commit(target, { lineage, epoch });
    await this.protocol.at('committed');
    this.counters.parts += 1;
    this.positionEpoch = epoch;
    this.alarm.clear();
    this.reach(epoch);
  }

  /** Everything of the log is written: waits for more of it. */
  private async idle(committedEpoch: number): Promise<void> {
    this.enter('following');
    this.reach(committedEpoch);
    await this.protocol.at('idle');
    await this.loop.wakeup.sleep(IDLE_LOOK_MS, () => this.loop.isStopped);
  }

  private reach(epoch: number): void {
    if (epoch === this.appliedEpoch && this.state === 'following') return;
    this.appliedEpoch = epoch;
    this.host.changed(this.status);
  }

  private checkedState(state: LogState): void {
    if (state.generation === this.spec.generation) return;
    throw runtimeError(
      'fenced',
      `${this.spec.path} was taken over by another process (generation ${state.generation}, this one has ${this.spec.generation})`,
    );
  }

  private enter(state: FollowerState): void {
    if (state === 'following') this.alarm.clear();
    if (this.state === state) return;
    this.state = state;
    this.host.changed(this.status);
  }
}

/** Behind every chunk of an epoch. */
function startOf(epoch: number): LogPlace {
  return { epoch, index: Number.MAX_SAFE_INTEGER, chain: '' };
}
