import { type ChildProcess, spawn } from 'node:child_process';
import { ROOT } from '../deployment/files.ts';
import type { Features } from './activity-oracle.ts';

export interface Lookup {
  readonly features: Features;
  readonly source: string;
  readonly as_of: number;
}

/** `npm run platform`, started as a user does but on free ports; what it prints is read. */
export class RunningPlatform {
  private readonly child: ChildProcess;
  private readonly exit: Promise<number | string>;
  private output = '';

  constructor(dataDir: string, ...args: readonly string[]) {
    const script = ['scripts/run-ts.mjs', 'scripts/platform/main.ts', '--free-ports', '--data-dir', dataDir, ...args];
    this.child = spawn(process.execPath, script, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.on('data', (data: Buffer) => (this.output += data.toString()));
    this.child.stderr?.on('data', (data: Buffer) => (this.output += data.toString()));
    this.exit = new Promise((resolve) =>
      this.child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown')),
    );
  }

  /** Waits for a line that matches; its first group. */
  async printed(pattern: RegExp, timeoutMs = 120_000): Promise<string> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const match = pattern.exec(this.output);
      if (match !== null) return match[1];
      if (this.child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`${String(pattern)} was not printed:\n${this.output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Asks Headwater with the key that may read only. */
  async get(path: string, body?: object): Promise<unknown> {
    const url = await this.printed(/^Headwater +(\S+)/m);
    const key = await this.printed(/to read only (\w+)/);
    const headers = { authorization: `Bearer ${key}` };
    const response = await fetch(
      url + path,
      body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) },
    );
    return response.json();
  }

  async lookup(key: string): Promise<Lookup> {
    return (await this.get(`/v1/features/user_activity/${key}`)) as Lookup;
  }

  async epoch(): Promise<number> {
    return ((await this.get('/v1/jobs/user_activity')) as { epoch: number }).epoch;
  }

  /** Events of all users, from Redis. */
  async eventsCounted(): Promise<number> {
    const keys = Array.from({ length: 1000 }, (_, i) => `user_${String(i).padStart(7, '0')}`);
    const { rows } = (await this.get('/v1/features/user_activity', { keys, columns: ['events'] })) as {
      rows: (Lookup | null)[];
    };
    return rows.reduce((sum, row) => sum + Number(row?.features.events ?? 0), 0);
  }

  /** Ctrl-C; the totals of the producer, when there was one. */
  async end(): Promise<{ readonly acknowledged: number }> {
    this.child.kill('SIGTERM');
    const code = await this.exit;
    if (code !== 0) throw new Error(`the platform ended with ${code}:\n${this.output}`);
    const totals = this.output.split('\n').find((line) => line.startsWith('{"topic"'));
    return totals === undefined ? { acknowledged: 0 } : (JSON.parse(totals) as { acknowledged: number });
  }

  kill(): void {
    this.child.kill('SIGTERM');
  }
}
