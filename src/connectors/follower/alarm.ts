import type { HeadwaterError } from '../../data/errors.ts';

interface AlarmHost {
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void;
  readonly random: () => number;
  readonly monotonic: () => number;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;
const REPEAT_MS = 30_000;

/** Says that something is wrong when it begins, every half minute while it lasts, and when it is over. */
export class FollowerAlarm {
  private readonly what: string;
  private readonly host: AlarmHost;
  private pause = FIRST_PAUSE_MS;
  private lastSaid = -Infinity;
  private present: HeadwaterError | undefined;

  constructor(what: string, host: AlarmHost) {
    this.what = what;
    this.host = host;
  }

  get reason(): string | undefined {
    return this.present?.message;
  }

  /** Returns how long to wait before the next try, milliseconds: twice as long each time, up to five seconds. */
  raise(error: HeadwaterError): number {
    const now = this.host.monotonic();
    if (error.code !== this.present?.code || now - this.lastSaid >= REPEAT_MS) {
      this.host.log('error', `[${error.code}] ${error.message}`);
      this.lastSaid = now;
    }
    this.present = error;
    const pause = this.pause * (0.75 + this.host.random() / 2);
    this.pause = Math.min(LONGEST_PAUSE_MS, this.pause * 2);
    return pause;
  }

  /** It works again. */
  clear(): void {
    if (this.present === undefined) return;
    this.host.log('info', `${this.what} goes on`);
    this.present = undefined;
    this.pause = FIRST_PAUSE_MS;
    this.lastSaid = -Infinity;
  }
}
