import { HeadwaterError } from '../data/errors.ts';
import type { JobStatus } from '../runtime/job.ts';
import { findServer, type ServerFile } from '../runtime/server-file.ts';

/** A job as `GET /v1/jobs` shows it; what the command line uses of it. */
export interface RemoteJob {
  readonly name: string;
  readonly status: JobStatus;
  readonly epoch: number;
  readonly rows_in: number;
  readonly tables: readonly string[];
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** The command line as an HTTP client of the process that holds a data directory. */
export class ServerClient {
  readonly url: string;
  private readonly token: string | undefined;

  private constructor(server: ServerFile) {
    this.url = server.url;
    this.token = server.token;
  }

  /** The client of the directory's server, or undefined when none is there. */
  static async find(dataDir: string): Promise<ServerClient | undefined> {
    const server = findServer(dataDir);
    if (server === undefined) return undefined;
    const client = new ServerClient(server);
    return (await client.answers()) ? client : undefined;
  }

  async jobs(): Promise<readonly RemoteJob[]> {
    return ((await this.ask('GET', '/v1/jobs')) as { jobs: RemoteJob[] }).jobs;
  }

  async submit(sql: string, name: string, settings: Readonly<Record<string, string>>): Promise<RemoteJob> {
    return (await this.ask('POST', '/v1/jobs', { sql, name, settings })) as RemoteJob;
  }

  async end(name: string, how: 'stop' | 'cancel'): Promise<RemoteJob> {
    return (await this.ask('POST', `/v1/jobs/${encodeURIComponent(name)}/${how}`, {})) as RemoteJob;
  }

  async drop(name: string): Promise<void> {
    await this.ask('DELETE', `/v1/jobs/${encodeURIComponent(name)}`);
  }

  /** A process with the number of a dead server may be anything: only one that answers counts. */
  private async answers(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/health/live`, { signal: AbortSignal.timeout(5000) })).ok;
    } catch {
      return false;
    }
  }

  /** Throws the server's own error, with its code and message; `server-unavailable` when it does not answer. */
  private async ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (this.token !== undefined) headers.authorization = `Bearer ${this.token}`;
    let response: Response;
    let answer: unknown;
    try {
      response = await fetch(`${this.url}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      answer = await response.json();
    } catch (error) {
      throw new HeadwaterError('server-unavailable', `the server at ${this.url} does not answer: ${reasonOf(error)}`, {
        kind: 'runtime',
        cause: error,
      });
    }
    if (response.ok) return answer;
    const { code, message } = (answer as { error: { code: string; message: string } }).error;
    throw new HeadwaterError(code, message, { kind: response.status >= 500 ? 'runtime' : 'input' });
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message : String(cause);
}
