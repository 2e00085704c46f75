import type { MessagePort } from 'node:worker_threads';
import type { ConnectorSet } from './connector-set.ts';
import type { EngineCommand, EngineReport } from './messages.ts';
import { Task } from './task.ts';

/** A turn of one task, in milliseconds: short, so that jobs share a thread and messages are read in between. */
export const TURN_MS = 2;

export interface EngineClock {
  readonly now: () => number;
  readonly monotonic: () => number;
}

/**
 * An engine thread: hosts tasks of several jobs and gives each a turn, round robin. Runs inside a worker, or on the
 * calling thread (tests), with the same messages.
 */
export class EngineService {
  private readonly port: MessagePort;
  private readonly connectors: ConnectorSet;
  private readonly clock: EngineClock;
  private readonly checked: boolean;
  private readonly turnOf: Int32Array;
  private readonly tasks = new Map<string, Task>();
  private scheduled = false;
  private stopped = false;

  constructor(
    port: MessagePort,
    connectors: ConnectorSet,
    clock: EngineClock,
    checked = false,
    turnOf: Int32Array = new Int32Array(1),
  ) {
    this.turnOf = turnOf;
    this.checked = checked;
    this.port = port;
    this.connectors = connectors;
    this.clock = clock;
    port.on('message', (command: EngineCommand) => this.onCommand(command));
  }

  private onCommand(command: EngineCommand): void {
    switch (command.type) {
      case 'deploy': {
        const task = new Task(command.spec, {
          connectors: this.connectors,
          now: this.clock.now,
          monotonic: this.clock.monotonic,
          checked: this.checked,
          report: (report) => this.post(report),
          wake: () => this.wake(),
        });
        this.tasks.set(command.spec.job, task);
        void task.deploy(command.peers);
        break;
      }
      case 'start':
        this.tasks.get(command.job)?.start();
        break;
      case 'pause':
        this.tasks.get(command.job)?.pause(command.paused);
        break;
      case 'barrier':
        this.tasks.get(command.job)?.barrier(command.epoch, command.full);
        break;
      case 'release':
        this.tasks.get(command.job)?.release(command.epoch);
        break;
      case 'dispose':
        void this.tasks.get(command.job)?.dispose();
        this.tasks.delete(command.job);
        break;
      case 'shutdown':
        this.kill();
        break;
    }
  }

  /** Copied, never transferred: see PortSender. */
  private post(report: EngineReport): void {
    if (!this.stopped) this.port.postMessage(report);
  }

  private wake(): void {
    if (this.scheduled || this.stopped) return;
    this.scheduled = true;
    setImmediate(() => this.turn());
  }

  private turn(): void {
    this.scheduled = false;
    let more = false;
    for (const task of this.tasks.values()) {
      if (this.stopped) return;
      this.turnOf[0] = task.spec.mark;
      if (task.turn(this.clock.monotonic() + TURN_MS)) more = true;
    }
    this.turnOf[0] = 0;
    if (more) this.wake();
  }

  /** Drops everything on the spot: nothing is saved. */
  kill(): void {
    this.stopped = true;
    for (const task of this.tasks.values()) void task.dispose();
    this.tasks.clear();
    this.port.close();
  }
}
