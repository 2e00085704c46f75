import { runtimeError } from '../data/errors.ts';

/** What a task holds, in bytes, and who holds the most. */
export interface HeldMemory {
  readonly total: number;
  readonly largest: string;
  readonly largestBytes: number;
}

export interface MemoryGuardHost {
  readonly monotonic: () => number;
  readonly warn: (message: string) => void;
}

/** How often the memory is looked at, milliseconds. */
export const MEMORY_CHECK_MS = 50;
/** How long sources pause over the memory limit before the job fails. */
const GRACE_MS = 1000;
const REPORT_MS = 1000;

/** Output that waits for its barrier, and state and output on their way to the disk, together. */
const AHEAD_BYTES = 48 << 20;

/**
 * Whether a task is so far ahead of the disk that its sources pause: what waits would grow for as long as there is input.
 * Only while something is on its way, whose end they can wait for. Both in bytes.
 */
export function mustWaitForCommits(inFlight: number, staged: number): boolean {
  return inFlight > 0 && inFlight + staged > AHEAD_BYTES;
}

/**
 * Holds a task to its memory limit: over it, sources pause. Where that does not help, because the task's own parts hold
 * too much, the job fails with the largest holder's name. Memory of epochs that are being committed passes by itself.
 */
export class MemoryGuard {
  private readonly task: number;
  private readonly limit: number;
  private readonly host: MemoryGuardHost;
  private paused = false;
  private overSince: number | undefined;
  private nextCheck = 0;
  private lastReport = -Infinity;

  constructor(task: number, limit: number, host: MemoryGuardHost) {
    this.task = task;
    this.limit = limit;
    this.host = host;
  }

  /** Sources pause, as of the last look. */
  get pausing(): boolean {
    return this.paused;
  }

  /** What is held now waits for a commit that cannot be made: that is no reason to fail. */
  forgive(): void {
    this.overSince = undefined;
  }

  /**
   * Whether sources have to pause. `held`: by the parts of the task; `inFlight`: handed to epochs that are not committed
   * and applied. Throws `memory-limit`.
   */
  check(held: () => HeldMemory, inFlight: () => number): boolean {
    const now = this.host.monotonic();
    if (now < this.nextCheck) return this.paused;
    this.nextCheck = now + MEMORY_CHECK_MS;
    const own = held();
    const total = own.total + inFlight();
    this.paused = total > this.limit;
    if (own.total <= this.limit) this.overSince = undefined;
    else this.overSince ??= now;
    if (this.paused && now - this.lastReport > REPORT_MS) {
      this.lastReport = now;
      this.host.warn(`${total} bytes held, limit ${this.limit}: sources pause`);
    }
    if (this.overSince !== undefined && now - this.overSince > GRACE_MS) throw this.exceeded(own);
    return this.paused;
  }

  private exceeded({ total, largest, largestBytes }: HeldMemory): Error {
    return runtimeError(
      'memory-limit',
      `task ${this.task} holds ${total} bytes, its limit is ${this.limit}; the most is held by ${largest} (${largestBytes} bytes). ` +
        'Expected less state: set a TTL or smaller windows, or raise memory.limit',
    );
  }
}
