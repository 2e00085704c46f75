import { type ChildProcess, spawn } from 'node:child_process';

const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

export interface ServiceProcessOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** In a process group of its own: Ctrl-C in the terminal does not reach it. */
  readonly detached?: boolean;
}

/** One started program; its output is kept for the error message, nothing is printed. */
export class ServiceProcess {
  private readonly child: ChildProcess;
  private readonly name: string;
  private output = '';
  /** Resolves when the program has ended, for whatever reason. */
  readonly exited: Promise<void>;

  constructor(name: string, program: string, args: readonly string[], options: ServiceProcessOptions = {}) {
    this.name = name;
    this.child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(this.child);
    const keep = (chunk: Buffer) => (this.output = (this.output + chunk.toString()).slice(-4000));
    this.child.stdout?.on('data', keep);
    this.child.stderr?.on('data', keep);
    this.exited = new Promise((resolve) => {
      const end = () => {
        running.delete(this.child);
        resolve();
      };
      this.child.once('exit', end);
      this.child.once('error', (error) => {
        this.output += String(error);
        end();
      });
    });
  }

  /** Throws with the last output when the program has ended. */
  assertRunning(): void {
    if (!running.has(this.child)) throw new Error(`${this.name} ended by itself:\n${this.output}`);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get alive(): boolean {
    return running.has(this.child);
  }

  /** SIGKILL, the way a machine fails. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  /** SIGTERM, then SIGKILL after ten seconds. */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
    await this.exited;
    clearTimeout(timer);
  }
}
