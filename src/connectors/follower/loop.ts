import { HeadwaterError, runtimeError } from '../../data/errors.ts';
import type { FollowerAlarm } from './alarm.ts';
import { Wakeup } from './wakeup.ts';

export interface FollowLoopHost {
  /** Connects, finds out how far the other side is, and follows until it is stopped (returns) or something is wrong. */
  session(): Promise<void>;
  /** Whether trying again is of no use. */
  isFatal(error: HeadwaterError): boolean;
  /** About to try again after a pause. */
  waiting(error: HeadwaterError): void;
  /** It cannot go on. */
  failed(error: HeadwaterError): void;
  stopped(): void;
}

/**
 * Runs one session with another system after the other: a start that fails is the caller's to know, a later failure
 * raises the alarm and is tried again, with pauses that grow.
 */
export class FollowLoop {
  isStopped = false;
  /** There may be more to do. */
  readonly wakeup = new Wakeup();
  private readonly host: FollowLoopHost;
  private readonly alarm: FollowerAlarm;
  /** Ends the pause between two tries; new epochs are no reason to try earlier. */
  private readonly retryNow = new Wakeup();
  private started = false;
  private resolveStart: () => void = () => undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(alarm: FollowerAlarm, host: FollowLoopHost) {
    this.alarm = alarm;
    this.host = host;
  }

  /** Resolves when the first session has begun to follow; rejects when it fails before. `patient`: resolves at once. */
  start(patient = false): Promise<void> {
    return new Promise((resolve, reject) => {
      this.resolveStart = resolve;
      if (patient) this.begun();
      this.running = this.run(reject);
    });
  }

  /** The session follows now. */
  begun(): void {
    this.started = true;
    this.resolveStart();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.wakeup.wake();
    this.retryNow.wake();
    await this.running;
  }

  private async run(rejectStart: (error: unknown) => void): Promise<void> {
    while (!this.isStopped) {
      try {
        await this.host.session();
      } catch (error) {
        if (this.isStopped) break;
        if (!this.started) {
          rejectStart(error);
          break;
        }
        const known = error instanceof HeadwaterError ? error : runtimeError('internal-error', String(error), error);
        if (known.code === 'internal-error' || this.host.isFatal(known)) {
          this.host.failed(known);
          return;
        }
        const pause = this.alarm.raise(known);
        this.host.waiting(known);
        await this.retryNow.sleep(pause, () => this.isStopped);
      }
    }
    this.host.stopped();
  }
}
