import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { runtimeError } from '../data/errors.ts';
import type { EngineCommand, EngineReport, TaskSpec } from './messages.ts';
import { serializeError } from './serialized-error.ts';

/** A thread that runs tasks, as main sees it: a port, and a word when it died. */
export interface EngineThread {
  readonly port: MessagePort;
  /** Shared with the thread: the mark of the job whose turn it is, 0 between turns. */
  readonly turnOf: Int32Array;
  terminate(): Promise<void>;
  onExit(callback: (reason: string) => void): void;
}

type ReportListener = (report: EngineReport) => void;

/** What the pool knows of a job that runs on its threads. */
interface Deployed {
  readonly generation: number;
  readonly mark: number;
  readonly parallelism: number;
}

/** The engine threads. Task i of a job runs on thread i; reports are routed to the job that owns the task. */
export class EnginePool {
  private readonly spawn: (index: number) => EngineThread;
  private readonly threads: EngineThread[] = [];
  private readonly listeners = new Map<string, ReportListener>();
  private readonly deployed = new Map<string, Deployed>();
  private nextMark = 1;
  private closing = false;

  constructor(size: number, spawn: (index: number) => EngineThread) {
    this.spawn = spawn;
    for (let index = 0; index < size; index++) this.threads.push(this.startThread(index));
  }

  get size(): number {
    return this.threads.length;
  }

  private startThread(index: number): EngineThread {
    const thread = this.spawn(index);
    thread.port.on('message', (report: EngineReport) => this.listeners.get(report.job)?.(report));
    thread.onExit((reason) => this.onExit(index, reason));
    return thread;
  }

  /** A dead thread takes its tasks with it: their jobs are told, and a new thread takes its place. */
  private onExit(index: number, reason: string): void {
    if (this.closing) return;
    const turnOf = this.threads[index].turnOf[0];
    this.threads[index] = this.startThread(index);
    const error = serializeError(runtimeError('engine-died', `engine thread ${index} ended: ${reason}`));
    for (const [job, { generation, mark, parallelism }] of [...this.deployed]) {
      if (index >= parallelism) continue;
      const blamed = turnOf === 0 || turnOf === mark;
      this.listeners.get(job)?.({ job, task: index, generation, type: 'thread-died', error, blamed });
    }
  }

  listen(job: string, listener: ReportListener): void {
    this.listeners.set(job, listener);
  }

  unlisten(job: string): void {
    this.listeners.delete(job);
    this.deployed.delete(job);
  }

  send(task: number, command: EngineCommand, transfer: MessagePort[] = []): void {
    this.threads[task].port.postMessage(command, transfer);
  }

  /** Deploys all tasks of a job, each pair joined by a channel. */
  deploy(unmarked: readonly Omit<TaskSpec, 'mark'>[]): void {
    const mark = this.nextMark++;
    const specs = unmarked.map((spec): TaskSpec => ({ ...spec, mark }));
    const { job, generation, parallelism } = specs[0];
    this.deployed.set(job, { generation, mark, parallelism });
    const peers: (MessagePort | undefined)[][] = specs.map(() => specs.map(() => undefined));
    for (let a = 0; a < specs.length; a++) {
      for (let b = a + 1; b < specs.length; b++) {
        const { port1, port2 } = new MessageChannel();
        peers[a][b] = port1;
        peers[b][a] = port2;
      }
    }
    specs.forEach((spec, task) => {
      const ports = peers[task].filter((port) => port !== undefined);
      this.send(task, { type: 'deploy', spec, peers: peers[task] }, ports);
    });
  }

  async shutdown(): Promise<void> {
    this.closing = true;
    await Promise.all(this.threads.map((thread) => thread.terminate()));
  }
}
