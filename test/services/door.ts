import { createServer as createHttpServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import type { Server } from 'node:net';
import { freePorts } from './ports.ts';

export interface DoorSettings {
  /** TLS; without it the door speaks plain HTTP. */
  readonly tls?: ServerOptions;
  /** The Authorization header to be let in. */
  readonly authorization?: string;
  /** Milliseconds before every answer. */
  readonly delay?: () => number;
}

/** A reverse proxy in front of a real service, on a port of its own that can be closed and opened. */
export class Door {
  readonly port: number;
  /** Requests that came through. */
  requests = 0;
  private server: Server | undefined;
  private readonly target: number;
  private readonly settings: DoorSettings;
  private readonly sockets = new Set<{ destroy(): void }>();

  private constructor(port: number, target: number, settings: DoorSettings) {
    this.port = port;
    this.target = target;
    this.settings = settings;
  }

  /** Closed at first. */
  static async before(target: number, settings: DoorSettings = {}): Promise<Door> {
    const [port] = await freePorts(1);
    return new Door(port, target, settings);
  }

  async open(): Promise<void> {
    const { tls } = this.settings;
    const pass = (from: IncomingMessage, to: ServerResponse): void => {
      setTimeout(() => this.pass(from, to), this.settings.delay?.() ?? 0);
    };
    const server = tls === undefined ? createHttpServer(pass) : createHttpsServer(tls, pass);
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.server = server;
  }

  async close(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    this.server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private pass(from: IncomingMessage, to: ServerResponse): void {
    const { authorization } = this.settings;
    if (authorization !== undefined && from.headers.authorization !== authorization) {
      to.writeHead(401, { 'content-type': 'application/json' });
      to.end('{"error_code":401,"message":"Unauthorized"}');
      return;
    }
    this.requests++;
    const { method, url, headers } = from;
    const onward = request({ host: '127.0.0.1', port: this.target, method, path: url, headers }, (answer) => {
      to.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(to);
    });
    onward.on('error', () => {
      to.writeHead(503);
      to.end();
    });
    from.pipe(onward);
  }
}
