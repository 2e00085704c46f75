import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/headwater.js', import.meta.url));
const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

export interface Ended {
  /** Exit code, or the signal that ended the process. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running `headwater` process; its output is kept. */
export class Command {
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';
  /** Of its own requests. */
  headers: Readonly<Record<string, string>> = {};
  private readonly child: ChildProcess;
  private readonly watchers = new Set<() => void>();

  /** `detached`: Ctrl-C in the terminal does not reach it. `input` stands on its standard input. */
  constructor(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    detached = false,
    input: string | undefined = undefined,
  ) {
    const child = spawn(process.execPath, [BIN, ...args], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached,
    });
    // A command that does not read its input may have ended.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    this.child = child;
    running.add(child);
    child.stdout.on('data', (chunk: Buffer) => this.changed(() => (this.stdout += chunk.toString())));
    child.stderr.on('data', (chunk: Buffer) => this.changed(() => (this.stderr += chunk.toString())));
    this.ended = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        running.delete(child);
        resolve({ code: code ?? signal ?? 'unknown', stdout: this.stdout, stderr: this.stderr });
        this.changed(() => undefined);
      });
    });
  }

  private changed(change: () => void): void {
    change();
    for (const watcher of this.watchers) watcher();
  }

  /** Waits until the output matches; rejects when the process ends or a time passes without it. */
  async printed(pattern: RegExp, timeoutMs = 20_000): Promise<RegExpExecArray> {
    return await new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        this.watchers.delete(look);
      };
      const fail = (why: string): void => {
        done();
        reject(new Error(`${why} without printing ${String(pattern)}:\n${this.stdout}\n${this.stderr}`));
      };
      const look = (): void => {
        const match = pattern.exec(`${this.stdout}\n${this.stderr}`);
        if (match !== null) {
          done();
          resolve(match);
        } else if (!running.has(this.child)) fail('ended');
      };
      const timer = setTimeout(() => fail(`${timeoutMs} ms passed`), timeoutMs);
      this.watchers.add(look);
      look();
    });
  }

  /** `http://127.0.0.1:port` of its server. */
  async url(): Promise<string> {
    return (await this.printed(/serving on (http:\S+)/))[1];
  }

  async get(path: string): Promise<unknown> {
    return (await fetch(`${await this.url()}${path}`, { headers: this.headers })).json();
  }

  /** Asks again and again until the answer is as wanted. */
  async until(path: string, wanted: (answer: string) => boolean, timeoutMs = 20_000): Promise<string> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const answer = JSON.stringify(await this.get(path));
      if (wanted(answer)) return answer;
      if (Date.now() > deadline) throw new Error(`${path} stays ${answer}\n${this.stdout}\n${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  kill(signal: NodeJS.Signals): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }
}

/** Runs a command to its end; `input` is what stands on its standard input. */
export function headwater(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input: string | undefined = undefined,
): Promise<Ended> {
  return new Command(args, env, false, input).ended;
}

/** A temporary folder with SQL files and a data directory. */
export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), 'headwater-cli-'));
  readonly dataDir = join(this.folder, 'data');

  file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
