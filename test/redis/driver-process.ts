import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import type { DriverTask } from './driver.ts';

const FILE = 'dist/test/redis-driver.mjs';
const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Bundles the driver; once before its first use. */
export async function buildDriver(): Promise<void> {
  await build({
    entryPoints: ['test/redis/driver.ts'],
    outfile: FILE,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['better-sqlite3', 'ioredis', '@node-rs/*', 're2js'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
}

/** A driver that runs; what it said is kept. */
export class Driver {
  readonly ended: Promise<number | string>;
  readonly said: Record<string, unknown>[] = [];
  readonly pid: number;
  errors = '';
  private readonly child: ChildProcess;

  constructor(task: DriverTask) {
    const child = spawn(process.execPath, [FILE, JSON.stringify(task)], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    this.pid = child.pid ?? 0;
    running.add(child);
    let rest = '';
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.said.push(JSON.parse(line) as Record<string, unknown>);
    });
    child.stderr.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
    this.ended = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        running.delete(child);
        resolve(code ?? signal ?? 'unknown');
      });
    });
  }

  /** Waits until it said something of that form. */
  async until(what: string, wanted: (line: Record<string, unknown>) => boolean, timeoutMs = 20_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!this.said.some(wanted)) {
      if (Date.now() > deadline || !running.has(this.child)) {
        throw new Error(`the driver did not come to ${what}:\n${JSON.stringify(this.said)}\n${this.errors}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  done(timeoutMs?: number): Promise<void> {
    return this.until('its end', (line) => 'done' in line, timeoutMs);
  }

  alarm(code: string): Promise<void> {
    const said = (line: Record<string, unknown>): boolean =>
      line.level === 'error' && String(line.message).includes(`[${code}]`);
    return this.until(`alarm ${code}`, said, 6000);
  }

  /** Waits until it has stopped itself (SIGSTOP). */
  async stopped(): Promise<void> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      if (/\) T /.test(readFileSync(`/proc/${this.pid}/stat`, 'utf8'))) return;
      if (Date.now() > deadline) throw new Error(`the driver did not stop: ${JSON.stringify(this.said)}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async signal(name: NodeJS.Signals): Promise<number | string> {
    this.child.kill(name);
    return name === 'SIGCONT' ? '' : this.ended;
  }
}

/** Ends every driver that still runs, also stopped ones. */
export async function killDrivers(): Promise<void> {
  const ends = [...running].map((child) => new Promise((resolve) => child.once('exit', resolve)));
  for (const child of running) child.kill('SIGKILL');
  await Promise.all(ends);
}
